import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { saveFactorization, winograd } from '../../shared/src/index.js';
import { buildProgram, startIn } from '../support/preloaded-program.js';

// at-agent accelerate with a program that knows nothing of it, from a table to what the program gained.

const folder = mkdtempSync(join(tmpdir(), 'at-accelerate-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

let hasCompiler = false;
const start = (...args: string[]) => startIn(folder, ['accelerate', ...args], { FASTMM_NUM_THREADS: '1' }).ended;

/** As at-trainer tune writes it. */
function writeTable(name: string, winner: object | null, device: object = {}): void {
  const problem = { m: 160, k: 160, n: 160, dtype: 'f32', threads: 1 };
  const table = {
    ...{ format: 'alphatensor-dispatch', version: 1, createdAt: '', device, backend: 'c-gcc', variant: 'packed' },
    ...{ environment: null, entries: [{ problem, winner, reason: '', finalists: [] }] },
  };
  writeFileSync(join(folder, name), JSON.stringify(table));
}

beforeAll(async () => {
  hasCompiler = buildProgram(folder);
  mkdirSync(join(folder, 'algorithms'));
  await saveFactorization(join(folder, 'algorithms', 'w.json'), { factorization: winograd(), origin: 'imported' });
  const winner = {
    ...{ label: 'winograd', rank: 7, levels: ['algorithms/w.json'], fasterThanBaseline: true, flags: [], plan: null },
    ...{ speedup: { estimate: 1.2, low: 1.1, high: 1.3 }, against: 'OpenBLAS 0.3.21', vectorIsa: 'avx2' },
  };
  writeTable('dispatch.json', winner);
  writeTable('nothing.json', null);
  writeTable('elsewhere.json', winner, { deviceId: 'another', cpuModel: 'Other CPU' });
});

describe('at-agent accelerate', () => {
  it('builds the library of a table, takes it as the newest, and says what it gained', async (context: TestContext) => {
    context.skip(!hasCompiler, 'gcc is not on this machine');
    const none = await start('--', './program', '160', '5');
    expect(none).toMatchObject({ code: 5, stdout: '' });
    expect(none.stderr).toMatch(/^error: Nothing was tuned on this device: there is no library in .*\n$/);

    const built = await start('--dispatch', 'dispatch.json');
    expect(built).toMatchObject({ code: 0, stdout: '' });
    expect(built.stderr).toMatch(/^library .*an algorithm for 1 of 1 problems; compared with OpenBLAS 0\.3\.21\)$/m);

    const plain = await startIn(folder, ['profile', '--', './program', '160', '5', '3']).ended;
    const faster = await start('--', './program', '160', '5', '3');
    expect(faster).toMatchObject({ code: 3, stdout: plain.stdout });
    expect(faster.stderr).toMatch(/^5 of 6 products were taken: /m);
    expect(faster.stderr).toMatch(/^Before .* times as fast \(by 1 that was computed both ways\)\.$/m);
    expect(faster.stderr).toMatch(/^160x160x160 .* 1 +5 .* <2,2,2;7>$/m);
    expect(faster.stderr).toMatch(/^40x20x30 .* BLAS: as fast$/m);

    const [key] = readdirSync(join(folder, 'state', 'libraries'));
    const library = join(folder, 'state', 'libraries', key, 'libfastmm_blas.so');
    const named = await start('--library', library, '--sample', '0', '--', './program', '160', '5');
    expect(named.stderr).toMatch(/None of them was computed by the BLAS as well/);

    const record = join(library, '..', 'library.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace(/"cpu": ".*"/, '"cpu": "Other CPU"'));
    const others = await start('--', './program', '160', '5');
    expect(others).toMatchObject({ code: 5 });
    expect(others.stderr).toMatch(/the libraries in .* are for another device \(Other CPU\); run at-trainer tune/);
    expect((await start('--library', library, '--', './program', '160', '5')).stderr).toMatch(
      /is for another device \(Other CPU\)/,
    );
    writeFileSync(record, '{');
    expect((await start('--', './program', '160', '5')).stderr).toMatch(/library\.json is damaged; delete its folder/);
  }, 120_000);

  it.each([
    ['a table without an algorithm', 2, ['--dispatch', 'nothing.json'], /the BLAS was the fastest for every problem/],
    ['the table of another device', 2, ['--dispatch', 'elsewhere.json'], /tuned on another device \(Other CPU\)/],
    ['no table', 5, ['--dispatch', 'none.json'], /none\.json cannot be read/],
    ['no library', 5, ['--library', 'none.so', '--', 'true'], /There is no library none\.so/],
    ['another library', 4, ['--library', 'libplain.so', '--', 'true'], /libplain\.so is no BLAS of products/],
    ['no program', 2, [], /Name the program to run, after --/],
  ])('refuses in one sentence: %s', async (_, code, args, sentence) => {
    const ended = await start(...args);
    expect(ended.stderr).toMatch(sentence);
    expect(ended.stderr).toMatch(/^(building .*\n)?error: .*\n$/);
    expect(ended.code).toBe(code);
  });
});
