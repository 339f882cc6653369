import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { cProgram } from '../../agent/src/codegen/c/variant.js';
import { cacheSizes, vectorIsa } from '../../agent/src/device/cpu.js';
import { compose, strassen, winograd } from '../../shared/src/index.js';
import { runAgent } from '../support/agent-process.js';

// Servers, Go and musl call on threads with small stacks. What the readme of a library and its header promise holds for every variant.

const PROMISED_BYTES = 48 << 10;
const folder = mkdtempSync(join(tmpdir(), 'at-small-stack-'));
afterAll(() => rmSync(folder, { recursive: true }));
const repositoryFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const inTwo = compose(winograd(), winograd());
const asOne = [compose(inTwo, strassen())];
const inLevels = [winograd(), winograd(), strassen()];

describe('a program on a stack of 64 KiB', () => {
  // clang takes many seconds for the large sums, and the less of the stack.
  it.for([
    ['<8,8,8;343> as one', 'packed', 'gcc', asOne],
    ['<8,8,8;343> as one', 'temporaries', 'gcc', asOne],
    ['<8,8,8;343> in three levels', 'packed', 'gcc', inLevels],
    ['<8,8,8;343> in three levels', 'packed', 'clang', inLevels],
    ['<8,8,8;343> in three levels', 'temporaries', 'gcc', inLevels],
  ] as const)('%s, %s, compiled by %s', { timeout: 60_000 }, ([, variant, compiler, levels], context) => {
    context.skip(spawnSync(compiler, ['--version']).status !== 0, `${compiler} is not on this machine`);
    const target = { vectorIsa: vectorIsa(), caches: cacheSizes() };
    const source = join(folder, 'program.c');
    writeFileSync(source, cProgram(variant, levels, 'f32', target).source());
    const program = join(folder, `${variant}-${compiler}-${levels.length}`);
    const native = process.arch === 'x64' ? ['-march=native'] : [];
    const include = `-I${repositoryFile('agent/native')}`;
    const files = [source, repositoryFile('test/support/small-stack.c')];
    execFileSync(compiler, ['-O1', ...native, '-std=gnu11', include, ...files, '-o', program, '-lm', '-lpthread']);
    // Blocks with ragged edges, which are copied, and whole ones.
    for (const shape of [
      ['100', '97', '110'],
      ['128', '128', '512'],
    ]) {
      const { status, signal, stdout } = spawnSync(program, shape, { encoding: 'utf8' });
      expect({ status, signal, shape }).toEqual({ status: 0, signal: null, shape });
      expect(Number.parseInt(stdout, 10)).toBeLessThanOrEqual(PROMISED_BYTES);
    }
  });
});

it('a library is called on a thread with a stack of 64 KiB, of which it needs at most what its README says', {
  timeout: 60_000,
}, async (context) => {
  context.skip(spawnSync('make', ['--version']).status !== 0, 'make is not on this machine');
  const library = join(folder, 'library');
  const { stderr } = await runAgent(
    ...['export', 'winograd', '--levels', '2', '--dtype', 'f32', '--crossover', '64', '--out', library],
  );
  expect(stderr).toBe('');
  execFileSync('make', ['BLAS=none', 'CFLAGS=-O1', 'BUILD=build', 'build/libfastmm.a'], { cwd: library });
  const program = join(library, 'small-stack');
  const source = repositoryFile('test/support/small-stack.c');
  const linked = ['-I.', source, 'build/libfastmm.a', '-o', program, '-lm', '-pthread'];
  execFileSync('gcc', ['-O1', '-DLIBRARY', ...linked], { cwd: library });
  // Both operands transposed, C scaled and added to: what copies most.
  const { status, stdout } = spawnSync(program, ['200', '150', '260'], { encoding: 'utf8' });
  expect(status).toBe(0);
  const [, promised] =
    readFileSync(join(library, 'README.md'), 'utf8').match(/needs at most (\d+) KiB of the stack/) ?? [];
  expect(Number.parseInt(stdout, 10)).toBeLessThanOrEqual(1024 * Number(promised));
});
