import { beforeAll, describe, it, type TestContext } from 'vitest';
import type { Toolchain, ToolchainProbe } from '../../agent/src/backends/backend.js';
import { findToolchain } from '../../agent/src/backends/backends.js';
import { compileProgram } from '../../agent/src/backends/c-compiler.js';
import { cProgram, VARIANTS } from '../../agent/src/codegen/c/variant.js';
import { cacheSizes, pickCpus, vectorIsa } from '../../agent/src/device/cpu.js';
import { compareWithOracle } from '../support/conformance.js';
import { CASES, SHAPES } from '../support/conformance-cases.js';
import { needsData } from '../support/data.js';

// The generated C programs against the slow oracle, on shapes that do not divide evenly, over every leaf.

const signal = new AbortController().signal;

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
