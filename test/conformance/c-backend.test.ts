import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Toolchain, ToolchainProbe } from '../../agent/src/backends/backend.js';
import { findToolchain } from '../../agent/src/backends/backends.js';
import { compileProgram } from '../../agent/src/backends/c-compiler.js';
import { cProgram, VARIANTS } from '../../agent/src/codegen/c/variant.js';
import { cacheSizes, pickCpus, vectorIsa } from '../../agent/src/device/cpu.js';
import { type HarnessOptions, withHarness } from '../../agent/src/process/harness.js';
import { laderman, strassen, TRANSPOSED, winograd } from '../../shared/src/index.js';
import { compareWithOracle } from '../support/conformance.js';
import { CASES, SHAPES } from '../support/conformance-cases.js';
import { needsData } from '../support/data.js';

// The generated C programs against the slow oracle, on shapes that do not divide evenly, over every leaf.

const signal = new AbortController().signal;
const SECONDS = 60;

for (const backend of ['c-gcc', 'c-clang']) {
  describe(backend, () => {
    let probe: ToolchainProbe;
    beforeAll(async () => {
      probe = await findToolchain(backend, signal);
    });
    const toolchainOrSkip = (context: TestContext): Toolchain => {
      if (!probe.ok) return context.skip(`${backend}: ${probe.reason}`);
      return probe.toolchain;
    };

    const cases = CASES.filter(({ everyCompiler }) => everyCompiler || backend === 'c-gcc');
    for (const variant of VARIANTS) {
      for (const { name, levels: load, fromData, threads = 1 } of cases) {
        for (const dtype of ['f32', 'f64'] as const) {
          it(`${variant}: ${name}, ${dtype}, equals the oracle`, async (context) => {
            const { compiler, harness, blas } = toolchainOrSkip(context);
            if (fromData) needsData(context);
            const cpus = pickCpus(threads);
            if (cpus.length < threads) context.skip(`there are fewer than ${threads} CPUs`);
            const program = cProgram(variant, await load(), dtype, {
              vectorIsa: vectorIsa(),
              caches: cacheSizes(),
            });
            const compiled = await compileProgram(compiler, program.source(), { signal, deadlineSeconds: 60 });
            if (!compiled.ok) throw new Error(compiled.end.stderr);
            for (const dimensions of SHAPES) {
              await compareWithOracle(
                { harness, blas: blas[0], programs: { C: compiled.path }, dimensions, dtype, cpus },
                program,
              );
            }
          });
        }
      }
    }

    it.for(TRANSPOSED)(
      'operands that lie transposed, %s: programs and baselines equal the oracle',
      async (transposed, context) => {
        const { compiler, harness, blas } = toolchainOrSkip(context);
        const target = { vectorIsa: vectorIsa(), caches: cacheSizes() };
        const shapes = [...SHAPES, { m: 61, k: 70, n: 130 }];
        for (const [dtype, levels] of [
          ['f32', [strassen(), strassen()]],
          ['f64', [winograd(), laderman()]],
        ] as const) {
          const program = cProgram('packed', levels, dtype, target);
          const compiled = await compileProgram(compiler, program.source(), { signal, deadlineSeconds: 60 });
          if (!compiled.ok) throw new Error(compiled.end.stderr);
          const like = { harness, dtype, transposed, cpus: pickCpus(1) };
          for (const dimensions of shapes) {
            await compareWithOracle({ ...like, blas: blas[0], programs: { C: compiled.path }, dimensions }, program);
            for (const library of [blas[0], { library: 'portable' }])
              await compareWithOracle({ ...like, blas: library, programs: {}, dimensions });
          }
        }
      },
    );

    it('does not load a program that takes no operands that lie transposed', async (context) => {
      const { compiler, harness, blas } = toolchainOrSkip(context);
      const program = cProgram('temporaries', [strassen()], 'f32', { vectorIsa: vectorIsa(), caches: cacheSizes() });
      const compiled = await compileProgram(compiler, program.source(), { signal, deadlineSeconds: 60 });
      if (!compiled.ok) throw new Error(compiled.end.stderr);
      const dimensions = { m: 8, k: 8, n: 8 };
      const options = { harness, blas: blas[0], programs: { C: compiled.path }, dimensions, dtype: 'f32' } as const;
      const loaded = compareWithOracle({ ...options, transposed: 'nt', cpus: pickCpus(1) }, program);
      await expect(loaded).rejects.toThrow('takes no operands that lie transposed');
    });

    it('gives the same bits with any bound on the workspace, in slabs and in groups of steps', async (context) => {
      const { compiler, harness, blas } = toolchainOrSkip(context);
      const cpus = pickCpus(1);
      const problem = { m: 203, k: 150, n: 410, dtype: 'f32' } as const;
      const target = { vectorIsa: vectorIsa(), caches: cacheSizes() };
      for (const levels of [[strassen()], [winograd(), laderman()]]) {
        const program = cProgram('packed', levels, 'f32', target);
        const compiled = await compileProgram(compiler, program.source(), { signal, deadlineSeconds: 60 });
        if (!compiled.ok) throw new Error(compiled.end.stderr);
        const whole = program.workspaceBytes(problem, 1);
        for (const workspaceLimit of [Math.floor(whole / 2), Math.floor(whole / 4), 1]) {
          expect(program.workspaceBytes(problem, 1, workspaceLimit)).toBeLessThan(whole);
          const options: HarnessOptions = {
            ...{ harness, blas: blas[0], dimensions: problem, dtype: 'f32', cpus, signal },
            ...{ seed: 1, memoryBytes: 2 ** 32, cpuSeconds: 60, startSeconds: SECONDS },
            programs: { C: compiled.path, D: compiled.path },
            workspaceLimits: { D: workspaceLimit },
          };
          await withHarness(options, async (child) => {
            await child.introduction();
            await child.run('C', SECONDS);
            await child.keep(SECONDS);
            await child.run('D', SECONDS);
            expect(await child.compare(SECONDS)).toMatchObject({ different: 0 });
          });
        }
      }
    });

    it.for(['f32', 'f64'] as const)('the portable GEMM, %s, equals the oracle', async (dtype, context) => {
      const { harness } = toolchainOrSkip(context);
      for (const dimensions of [...SHAPES, { m: 61, k: 300, n: 1030 }]) {
        await compareWithOracle({
          harness,
          blas: { library: 'portable' },
          programs: {},
          dimensions,
          dtype,
          cpus: pickCpus(1),
        });
      }
    });
  });
}
