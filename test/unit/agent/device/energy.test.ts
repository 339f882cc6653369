import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findEnergy, openEnergyMeter } from '../../../../agent/src/device/energy.js';

// A powercap tree as Linux shows it, with counters that the test moves.

const RANGE = 262_143_328_850;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'at-powercap-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function zone(folder: string, name: string, microjoules: number | string, range: number | string = RANGE): void {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, 'name'), `${name}\n`);
  writeFileSync(join(root, folder, 'max_energy_range_uj'), `${range}\n`);
  write(folder, microjoules);
}

function write(folder: string, microjoules: number | string): void {
  writeFileSync(join(root, folder, 'energy_uj'), `${microjoules}\n`);
}

describe('the energy meter', () => {
  it('sums the packages, and counts neither their parts nor the platform nor a package seen twice', () => {
    zone('intel-rapl:0', 'package-0', 1_000_000);
    zone('intel-rapl:1', 'package-1-die-0', 5_000_000);
    for (const [folder, name] of [
      ['intel-rapl:2', 'psys'],
      ['intel-rapl:0:0', 'core'],
      ['intel-rapl:0:1', 'dram'],
      ['intel-rapl-mmio:0', 'package-0'],
    ]) {
      zone(folder, name, 0);
    }
    mkdirSync(join(root, 'intel-rapl'));
    const meter = openEnergyMeter(root)!;
    expect(meter()).toBe(0);
    write('intel-rapl:0', 3_500_000);
    write('intel-rapl:1', 5_250_000);
    for (const other of ['intel-rapl:2', 'intel-rapl:0:0', 'intel-rapl:0:1', 'intel-rapl-mmio:0']) write(other, 9e9);
    expect(meter()).toBeCloseTo(2.75, 9);
    expect(meter()).toBeCloseTo(2.75, 9);
  });

  it('goes on where a counter wraps around, each at its own range and every time', () => {
    zone('intel-rapl:0', 'package-0', RANGE - 1_000_000);
    zone('intel-rapl:1', 'package-1', 0, 65_532_610_987);
    const meter = openEnergyMeter(root)!;
    write('intel-rapl:0', 2_000_000);
    expect(meter()).toBeCloseTo(3, 9);
    write('intel-rapl:1', 65_532_000_000);
    expect(meter()).toBeCloseTo(3 + 65_532, 6);
    write('intel-rapl:1', 389_013);
    expect(meter()).toBeCloseTo(3 + 65_532 + 1, 6);
    write('intel-rapl:0', 1_000_000);
    expect(meter()).toBeCloseTo(65_536 + (RANGE - 1_000_000) / 1e6, 6);
  });

  it('is unknown where one package of several cannot be read, or does not tell its range', () => {
    zone('intel-rapl:0', 'package-0', 1);
    zone('intel-rapl:1', 'package-1', 1);
    expect(openEnergyMeter(root)).toBeDefined();
    // A folder in the file's place: whoever runs this, root too, cannot read it.
    rmSync(join(root, 'intel-rapl:1', 'energy_uj'));
    mkdirSync(join(root, 'intel-rapl:1', 'energy_uj'));
    expect(openEnergyMeter(root)).toBeUndefined();
    expect(findEnergy(root)).toMatchObject({ kind: 'unreadable', packages: [{}, {}] });
    zone('intel-rapl:0', 'package-0', 1, 0);
    rmSync(join(root, 'intel-rapl:1'), { recursive: true });
    expect(findEnergy(root).kind).toBe('unreadable');
    zone('intel-rapl:0', 'package-0', 'not a number');
    expect(findEnergy(root).kind).toBe('unreadable');
  });

  it('is unknown where there are no counters', () => {
    expect(openEnergyMeter(join(root, 'nothing'))).toBeUndefined();
    expect(findEnergy(root)).toEqual({ kind: 'absent' });
    zone('intel-rapl:0', 'psys', 1);
    zone('dtpm', 'package-0', 1);
    expect(findEnergy(root)).toEqual({ kind: 'absent' });
  });

  it('stays unknown once a counter could not be read: what it missed is lost', () => {
    zone('intel-rapl:0', 'package-0', 1_000_000);
    const meter = openEnergyMeter(root)!;
    write('intel-rapl:0', '');
    expect(meter()).toBeUndefined();
    write('intel-rapl:0', 2_000_000);
    expect(meter()).toBeUndefined();
  });
});
