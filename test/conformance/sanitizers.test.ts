import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Compiler } from '../../agent/src/backends/backend.js';
import { compileHarness, compileProgram } from '../../agent/src/backends/c-compiler.js';
import { cProgram, VARIANTS } from '../../agent/src/codegen/c/variant.js';
import { cacheSizes, pickCpus, vectorIsa } from '../../agent/src/device/cpu.js';
import type { DType } from '../../agent/src/plan/plan.js';
import { type Harness, INPUT_KINDS } from '../../agent/src/process/harness.js';
import { withPrivateFolder } from '../../agent/src/process/private-folder.js';
import { runProgram } from '../../agent/src/process/process.js';
import { strassen } from '../../shared/src/index.js';
import { compareWithOracle } from '../support/conformance.js';
import { CASES, SHAPES } from '../support/conformance-cases.js';
import { needsData } from '../support/data.js';

// The conformance grid once more, with the address and undefined-behaviour sanitizers in the measuring child and in the
// programs. The leaf is the portable GEMM: a baseline's is compiled without them and would read past an edge unseen.

const signal = new AbortController().signal;
const SECONDS = 60;
const FLAGS = [
  // Without optimization nothing is removed before it is instrumented, and a compiler takes a tenth of the time.
  '-O0',
  '-g',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=all',
  arch() === 'x64' ? '-march=native' : '-mcpu=native',
  '-std=gnu11',
];
/** The sanitizer maps tens of terabytes of address space for its notes; the limit is for what has none. */
const MEMORY_BYTES = 2 ** 50;

const DEVICE = { vectorIsa: vectorIsa(), caches: cacheSizes() };

const child = (harness: string, program: string, dtype: DType) => ({
  harness,
  programs: { C: program },
  blas: { library: 'portable' },
  dtype,
  memoryBytes: MEMORY_BYTES,
});

type Sanitizing =
  | { readonly ok: true; readonly compiler: Compiler; readonly harness: string }
  | { readonly ok: false; readonly reason: string };

/** A compiler whose programs run under the sanitizers here. */
async function findSanitizing(command: string): Promise<Sanitizing> {
  const reason = await withPrivateFolder(async (folder) => {
    const run = (program: string, ...args: string[]) =>
      runProgram({
        command: program,
        args,
        cwd: folder,
        env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TMPDIR: folder },
        signal,
        deadlineSeconds: SECONDS,
      });
    await writeFile(join(folder, 'probe.c'), 'int main(void) { return 0; }\n');
    const compiled = await run(command, ...FLAGS, 'probe.c', '-o', 'probe');
    const end = compiled.exitCode === 0 ? await run(join(folder, 'probe')) : compiled;
    return end.exitCode === 0 ? undefined : end.stderr.trim().split('\n')[0];
  });
  if (reason !== undefined) return { ok: false, reason };
  const compiler = { command, version: `${command} with sanitizers`, flags: FLAGS };
  return { ok: true, compiler, harness: await compileHarness(compiler, signal) };
}

async function build(compiler: Compiler, source: string): Promise<string> {
  const program = await compileProgram(compiler, source, { signal, deadlineSeconds: SECONDS });
  if (!program.ok) throw new Error(program.end.stderr);
  return program.path;
}

/** Everything else that a measurement asks of the child. */
async function measure(child: Harness): Promise<void> {
  await child.keep(SECONDS);
  await child.run('B', SECONDS);
  await child.compare(SECONDS);
  for (const kind of INPUT_KINDS) {
    await child.fillRandom(kind, SECONDS);
    await child.run('C', SECONDS);
    await child.errors(SECONDS);
  }
  await child.warmUp('C', 1, 0, SECONDS);
  await child.sample('C', 2, SECONDS);
  await child.bindThreads(SECONDS);
  await child.peakGflops(0.001, SECONDS);
}

/** Faults in a copy of the engine: where each is planted, and what the report must name. */
const FAULTS: readonly { name: string; from: string; to: string; report: string }[] = [
  {
    name: 'a product one row beyond its place, and the last beyond the workspace',
    from: 'workspace += grid->block_height * stride[r];',
    to: 'workspace += (grid->block_height + 1) * stride[r];',
    report: 'AddressSanitizer: heap-buffer-overflow',
  },
  {
    name: 'one element beyond the edge of the matrices',
    from: 'return rows == 0 ? 0 : columns;',
    to: 'return rows == 0 ? 0 : columns < width ? columns + 1 : columns;',
    report: 'AddressSanitizer: heap-buffer-overflow',
  },
  {
    name: 'one element beyond an array on the stack',
    from: 'at_real padded[blocks * chunk];',
    to: 'at_real padded[(blocks - 1) * chunk];',
    report: 'AddressSanitizer: dynamic-stack-buffer-overflow',
  },
  {
    name: 'an integer that overflows',
    from: 'const int rank = pass->rank, blocks = pass->blocks;',
    // Volatile, or the compiler folds the sum before the sanitizer sees it.
    to: 'const int rank = pass->rank, blocks = pass->blocks; volatile int most = 0x7fffffff; most += rank;',
    report: 'runtime error: signed integer overflow',
  },
];

const ENGINE = readFileSync(fileURLToPath(new URL('../../agent/native/temporaries.h', import.meta.url)), 'utf8');

for (const command of ['gcc', 'clang']) {
  describe(`${command} with sanitizers`, () => {
    let found: Sanitizing;
    beforeAll(async () => {
      found = await findSanitizing(command);
    });
    const compilerOrSkip = (context: TestContext): Sanitizing & { ok: true } => {
      if (!found.ok) return context.skip(`${command} has no working sanitizers here: ${found.reason}`);
      return found;
    };

    const cases = CASES.filter(({ everyCompiler }) => everyCompiler || command === 'gcc');
    for (const variant of VARIANTS) {
      cases.forEach(({ name, levels: load, fromData, threads = 1 }, index) => {
        // The two number formats differ in their vectors only, so that they take turns; each meets every variant and compiler.
        const dtype = index % 2 === 0 ? 'f32' : 'f64';
        it(`${variant}: ${name}, ${dtype}, reports nothing`, async (context) => {
          const { compiler, harness } = compilerOrSkip(context);
          if (fromData) needsData(context);
          const cpus = pickCpus(threads);
          if (cpus.length < threads) context.skip(`there are fewer than ${threads} CPUs`);
          const program = cProgram(variant, await load(), dtype, DEVICE);
          const path = await build(compiler, program.source());
          for (const [number, dimensions] of SHAPES.entries()) {
            // Bounds on the workspace take turns: none, a third, as little as possible.
            const most = program.workspaceBytes({ ...dimensions, dtype }, threads);
            const workspaceLimit = variant === 'packed' ? [undefined, Math.floor(most / 3), 1][number % 3] : undefined;
            const options = { ...child(harness, path, dtype), dimensions, cpus, workspaceLimit, further: measure };
            await compareWithOracle(options, program);
          }
        });
      });
    }

    for (const { name, from, to, report } of FAULTS) {
      it(`reports ${name}`, async (context) => {
        const { compiler, harness } = compilerOrSkip(context);
        const faulty = ENGINE.replace(from, to);
        expect(faulty).not.toBe(ENGINE);
        const program = cProgram('temporaries', [strassen()], 'f32', DEVICE);
        const path = await build(
          compiler,
          program.source().replace('#include "temporaries.h"', () => faulty),
        );
        const run = compareWithOracle(
          { ...child(harness, path, 'f32'), dimensions: { m: 7, k: 13, n: 11 }, cpus: pickCpus(1) },
          program,
        );
        await expect(run).rejects.toThrow(report);
      });
    }
  });
}
