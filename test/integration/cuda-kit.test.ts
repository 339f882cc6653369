import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { whyNotEmulated } from '../support/cuda.js';
import { temporaryFolder } from '../support/trainer-process.js';

const folder = temporaryFolder();
afterAll(folder.remove);

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

it.skipIf(whyNotEmulated() !== undefined)(
  'makes a folder that checks and times its programs without Node, and finds the one that is wrong',
  () => {
    execFileSync(process.execPath, [fileOf('scripts/cuda-kit.mjs'), folder.path, '--quick']);
    const source = join(folder.path, 'programs', '1-f32.cu');
    writeFileSync(source, readFileSync(source, 'utf8').replace('AT_SUB(', 'AT_ADD('));

    const headers = fileOf('test/support/cuda-emulation');
    const quick = ['--rounds', '3', '--sample-seconds', '0.0001', '--warmup-seconds', '0.001'];
    const options = ['--emulate', headers, '--size', '40', ...quick];
    const { status, stdout, stderr } = spawnSync('python3', [join(folder.path, 'run.py'), ...options], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^emulated GPU /);
    const wrong = stdout.split('\n').filter((line) => line.startsWith('wrong: '));
    expect(wrong.length).toBeGreaterThan(4);
    expect(wrong.filter((line) => !/Winograd(, f32| of 40 in f32)/.test(line))).toEqual([]);

    const { passed, failed, timings } = JSON.parse(readFileSync(join(folder.path, 'results.json'), 'utf8'));
    // Three algorithms in five modes on seven shapes.
    expect(passed + failed).toBe(105);
    expect(failed).toBeLessThanOrEqual(14);
    expect(timings).toHaveLength(15);
    for (const { low, speedup, high, right, mode, algorithm } of timings) {
      expect(low).toBeLessThanOrEqual(speedup);
      expect(speedup).toBeLessThanOrEqual(high);
      expect(right).toBe(!(algorithm === 'Winograd' && mode.startsWith('f32')));
    }
  },
);
