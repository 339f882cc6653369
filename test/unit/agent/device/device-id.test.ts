import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceId, stateFolder } from '../../../../agent/src/device/device-id.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'at-state-'));
});
afterEach(() => rmSync(base, { recursive: true }));

describe('the device id', () => {
  it('is random, made once, and only its owner can read it', () => {
    const folder = join(base, 'a', 'b');
    const id = deviceId(folder);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(deviceId(folder)).toBe(id);
    expect(statSync(join(folder, 'device-id')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['device-id']);
    expect(deviceId(join(base, 'other'))).not.toBe(id);
  });

  it('is not made up anew where it is damaged or cannot be kept', () => {
    writeFileSync(join(base, 'device-id'), 'hello');
    expect(() => deviceId(base)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_FORMAT' }));
    expect(() => deviceId(join(base, 'device-id', 'x'))).toThrow(
      expect.objectContaining({ code: 'UNAVAILABLE', message: expect.stringContaining('ALPHATENSOR_STATE_DIR') }),
    );
  });

  it('lives where the user or the XDG base directories say', () => {
    expect(stateFolder({ ALPHATENSOR_STATE_DIR: '/s', XDG_STATE_HOME: '/x' })).toBe('/s');
    expect(stateFolder({ XDG_STATE_HOME: '/x' })).toBe('/x/alphatensor-edge');
    expect(stateFolder({})).toMatch(/\/\.local\/state\/alphatensor-edge$/);
  });
});
