import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import type { DispatchTable } from '../../shared/src/index.js';
import type { ProgramGain } from '../../trainer/src/report/program-gain.js';
import { python } from '../support/blas/workshop.js';
import { buildProgram, startIn } from '../support/preloaded-program.js';
import { startTrainer } from '../support/trainer-process.js';

// at-agent profile, at-trainer tune --profile, at-agent accelerate, with a program that stays as it is: one of NumPy, or where there is none
// one of C. Both make products of 160, and one in a child that is too small for an algorithm. NumPy's are so many that they take a good
// share of the program's time, its start included, on a busy machine too; the plain loops of the program in C need few.
const NUMPY_PRODUCTS = 900;
const C_PRODUCTS = 9;

const APP = `
import os
import numpy as np
a = (np.arange(25600) % 7 - 3).astype(np.float32).reshape(160, 160)
b = (np.arange(25600) % 5 - 2).astype(np.float32).reshape(160, 160)
for _ in range(${NUMPY_PRODUCTS}):
    c = a @ b.T
child = os.fork()
if child == 0:
    a[:40, :20] @ b[:30, :20].T
    os._exit(0)
os.waitpid(child, 0)
print(float(c[1, 1]))
`;

const folder = mkdtempSync(join(tmpdir(), 'at-commands-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ENVIRONMENT = {
  ALPHATENSOR_STATE_DIR: join(folder, 'state'),
  FASTMM_NUM_THREADS: '1',
};

let hasCompiler = false;
let hasNumPy = false;
let isTaken = false;
beforeAll(async () => {
  hasCompiler = buildProgram(folder);
  writeFileSync(join(folder, 'app.py'), APP);
  hasNumPy = spawnSync(python, ['-c', 'import numpy']).status === 0;
  isTaken = await new Promise((resolve) => {
    const socket = connect(50_051, '127.0.0.1', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
});

it('make an unchanged program of NumPy use what was tuned for it, with an agent of their own', async (context) => {
  context.skip(
    !hasNumPy,
    `NumPy is not on this machine (ALPHATENSOR_PYTHON, or python3); a program of C is tried instead`,
  );
  await tryCommands(context, [python, 'app.py'], NUMPY_PRODUCTS);
}, 120_000);

it('make an unchanged program of C use what was tuned for it, with an agent of their own', async (context) => {
  context.skip(hasNumPy, 'a program of NumPy is tried instead');
  await tryCommands(context, ['./program', '160', `${C_PRODUCTS}`], C_PRODUCTS);
}, 120_000);

async function tryCommands(context: TestContext, command: readonly string[], products: number): Promise<void> {
  context.skip(!hasCompiler, 'gcc is not on this machine');
  context.skip(isTaken, 'an agent answers on the default port');
  const program = ['--', ...command];
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
  expect(tuned.stderr).toMatch(/40x20x30 f32 nt: 20 is too short for an algorithm/);
  const [gain] = (JSON.parse(tuned.stdout) as { programs: ProgramGain[] }).programs;
  expect(gain.products.map(({ m, k, calls }) => [m, k, calls])).toEqual([
    [160, 160, products],
    [40, 20, 1],
  ]);
  const table = JSON.parse(readFileSync(join(folder, 'run', 'dispatch.json'), 'utf8')) as DispatchTable;
  expect(table.entries.map(({ problem }) => problem)).toEqual([
    { m: 160, k: 160, n: 160, dtype: 'f32', threads: 1, transposed: 'nt' },
  ]);

  expect(readFileSync(join(folder, 'run', 'report', 'report.md'), 'utf8')).toContain('## Products of the program');
  const html = readFileSync(join(folder, 'run', 'report', 'report.html'), 'utf8');
  expect(html).toContain(`Products of ${command.join(' ')}`);

  const accelerated = await startIn(folder, ['accelerate', ...program], ENVIRONMENT).ended;
  // Whether anything is faster than the BLAS of this machine is the machine's matter; what is said of it must be true.
  if (table.entries[0].fast) {
    expect(gain.speedup).toBeGreaterThan(1);
    expect(tuned.stderr).toMatch(/^next: at-agent accelerate -- PROGRAM$/m);
    expect(accelerated).toMatchObject({ code: 0, stdout: profiled.stdout });
    expect(accelerated.stderr).toMatch(new RegExp(`^${products} of ${products + 1} products were taken`, 'm'));
  } else {
    expect(gain.speedup).toBe(1);
    expect(tuned.stderr).toMatch(/^Nothing is faster than the baseline here, so there is no library to build\.$/m);
    expect(accelerated.stderr).toMatch(/^error: Nothing was tuned on this device/);
  }
}
