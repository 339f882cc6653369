import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type CProgram, cProgram, VARIANTS } from '../../agent/src/codegen/c/variant.js';
import { interpret } from '../../agent/src/plan/interpret.js';
import type { DType } from '../../agent/src/plan/plan.js';
import { type CToolchain, findToolchain, type ToolchainProbe } from '../../agent/src/toolchain/backends.js';
import { compileProgram } from '../../agent/src/toolchain/c-compiler.js';
import { cacheSizes, pickCpus, vectorIsa } from '../../agent/src/toolchain/cpu.js';
import { type HarnessOptions, withHarness } from '../../agent/src/toolchain/harness.js';
import { CASES, SHAPES } from '../support/conformance-cases.js';
import { needsData } from '../support/data.js';

// The generated C programs against the slow oracle, on shapes that do not divide evenly, over every leaf.

const signal = new AbortController().signal;
const SECONDS = 30;

/** Relative to the largest element; for what cannot be exact. */
const TOLERANCE: Readonly<Record<DType, number>> = { f32: 1e-5, f64: 1e-13 };

for (const backend of ['c-gcc', 'c-clang']) {
  describe(backend, () => {
    let probe: ToolchainProbe;
    beforeAll(async () => {
      probe = await findToolchain(backend, signal);
    });
    const toolchainOrSkip = (context: TestContext): CToolchain => {
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
                { harness, blas: blas[0].library, programs: { C: compiled.path }, dimensions, dtype, cpus },
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
        await compareWithOracle({ harness, blas: 'portable', programs: {}, dimensions, dtype, cpus: pickCpus(1) });
      }
    });
  });
}

type Options = Pick<HarnessOptions, 'harness' | 'blas' | 'programs' | 'dimensions' | 'dtype' | 'cpus'>;

/** Without a program it is the vendor that is compared. */
async function compareWithOracle(options: Options, program?: CProgram): Promise<void> {
  const { dimensions, dtype, cpus } = options;
  const problem = { ...dimensions, dtype };
  const range = program?.exactRange(problem) ?? 1;
  const limits = { seed: 1, memoryBytes: 4 * 1024 ** 3, cpuSeconds: 60, startSeconds: SECONDS, signal };
  await withHarness({ ...options, ...limits }, async (child) => {
    const { workspaceBytes: asked } = await child.introduction();
    expect(asked).toBe(program?.workspaceBytes(problem, cpus.length) ?? 0);
    await child.fillIntegers(Math.max(1, range), SECONDS);
    await child.run(program === undefined ? 'V' : 'C', SECONDS);
    const a = await child.show('A', SECONDS);
    const b = await child.show('B', SECONDS);
    const expected = interpret(program?.levels ?? [], dimensions, a, b);
    const got = await child.show('C', SECONDS);
    const scale = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
    const allowed = range > 0 ? 0 : TOLERANCE[dtype] * scale;
    const wrong = got.findIndex((x, i) => !(Math.abs(x - expected[i]) <= allowed));
    const place = `element ${wrong} of ${JSON.stringify(dimensions)}`;
    expect(wrong === -1 ? 'equal' : `${place} is ${got[wrong]}, not ${expected[wrong]}`).toBe('equal');
  });
}
