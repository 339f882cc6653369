import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SERVICE, unitText } from '../../../../agent/src/systemd/unit.js';

const folder = mkdtempSync(join(tmpdir(), 'at-agent-service-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unit = unitText([process.execPath, '/usr/local/bin/at-agent'], 30);

describe('the unit of the service', () => {
  it('gives the running job its time before systemd kills, and signals the agent alone', () => {
    expect(unit).toContain('TimeoutStopSec=45\n');
    expect(unit).toContain('KillMode=mixed\n');
    expect(unit).toContain(`ExecStart=${process.execPath} /usr/local/bin/at-agent serve\n`);
  });

  it('is valid for systemd, and exposes little', (context) => {
    const found = spawnSync('systemd-analyze', ['--version']).status === 0;
    context.skip(!found, 'systemd-analyze was not found; install systemd');
    // The programs of the test machine are not what is checked.
    const path = join(folder, `${SERVICE}.service`);
    writeFileSync(path, unit.replace('/usr/local/bin/at-agent', ''));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes(SERVICE))).toEqual([]);
    expect(status).toBe(0);
    const report = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], {
      encoding: 'utf8',
    });
    expect(Number(/exposure level .*: ([\d.]+)/.exec(report)?.[1])).toBeLessThan(3);
  });
});
