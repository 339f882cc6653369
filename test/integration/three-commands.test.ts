import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DispatchTable } from '../../shared/src/index.js';
import type { ProgramGain } from '../../trainer/src/report/program-gain.js';
import { buildProgram, startIn } from '../support/preloaded-program.js';
import { startTrainer } from '../support/trainer-process.js';

// at-agent profile, at-trainer tune --profile, at-agent accelerate, with a program that stays as it is.

const folder = mkdtempSync(join(tmpdir(), 'at-commands-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ENVIRONMENT = {
  ALPHATENSOR_STATE_DIR: join(folder, 'state'),
  FASTMM_NUM_THREADS: '1',
};

let hasCompiler = false;
let isTaken = false;
beforeAll(async () => {
  hasCompiler = buildProgram(folder);
  isTaken = await new Promise((resolve) => {
    const socket = connect(50_051, '127.0.0.1', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
});

it('make an unchanged program use what was tuned for it, with an agent of their own', async (context) => {
  context.skip(!hasCompiler, 'gcc is not on this machine');
  context.skip(isTaken, 'an agent answers on the default port');
  const program = ['--', './program', '160', '9'];
  const profiled = await startIn(folder, ['profile', ...program], ENVIRONMENT).ended;
  expect(profiled.code).toBe(0);

  const options = ['--levels', '1', '--candidates', '2', '--tune-plans', '0', '--budget', '8s', '--max-error', 'none'];
  const tuned = await startTrainer(
    [
      'tune',
      'winograd',
      '--profile',
      join(folder, 'gemm-profile.json'),
      ...options,
      '--run-dir',
      join(folder, 'run'),
      '--json',
    ],
    folder,
    ENVIRONMENT,
  ).ended;
  expect(tuned.stderr).toMatch(/starting one on this machine for this run/);
  expect(tuned.stderr).toMatch(/gemm-profile\.json: 1 problem is tuned, /);
  expect(tuned.stderr).toMatch(/40x20x30 f32: 20 is too short for an algorithm/);
  const [gain] = (JSON.parse(tuned.stdout) as { programs: ProgramGain[] }).programs;
  expect(gain.products.map(({ m, k, calls }) => [m, k, calls])).toEqual([
    [160, 160, 9],
    [40, 20, 1],
  ]);
  const table = JSON.parse(readFileSync(join(folder, 'run', 'dispatch.json'), 'utf8')) as DispatchTable;
  expect(table.entries.map(({ problem }) => problem)).toEqual([{ m: 160, k: 160, n: 160, dtype: 'f32', threads: 1 }]);

  expect(readFileSync(join(folder, 'run', 'report', 'report.md'), 'utf8')).toContain('## Products of the program');
  expect(readFileSync(join(folder, 'run', 'report', 'report.html'), 'utf8')).toContain('Products of ./program 160 9');

  const accelerated = await startIn(folder, ['accelerate', ...program], ENVIRONMENT).ended;
  // Whether anything is faster than the BLAS of this machine is the machine's matter; what is said of it must be true.
  if (table.entries[0].fast) {
    expect(gain.speedup).toBeGreaterThan(1);
    expect(tuned.stderr).toMatch(/^next: at-agent accelerate -- PROGRAM$/m);
    expect(accelerated).toMatchObject({ code: 0, stdout: profiled.stdout });
    expect(accelerated.stderr).toMatch(/^9 of 10 products were taken/m);
  } else {
    expect(gain.speedup).toBe(1);
    expect(tuned.stderr).toMatch(/^Nothing is faster than the baseline here, so there is no library to build\.$/m);
    expect(accelerated.stderr).toMatch(/^error: Nothing was tuned on this device/);
  }
}, 120_000);
