import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { generateProgram } from '../../agent/src/codegen/c/program.js';
import { exactRange } from '../../agent/src/plan/exact-range.js';
import { interpret } from '../../agent/src/plan/interpret.js';
import { type Dimensions, type DType, planProgram } from '../../agent/src/plan/plan.js';
import { workspaceBytes } from '../../agent/src/plan/workspace.js';
import { type CToolchain, findToolchain, type ToolchainProbe } from '../../agent/src/toolchain/backends.js';
import { compileProgram } from '../../agent/src/toolchain/c-compiler.js';
import { pickCpus } from '../../agent/src/toolchain/cpu.js';
import { type HarnessOptions, withHarness } from '../../agent/src/toolchain/harness.js';
import {
  compose,
  laderman,
  loadFactorization,
  standard,
  strassen,
  type VerifiedFactorization,
  verify,
  winograd,
} from '../../shared/src/index.js';
import { dataPath, needsData } from '../support/data.js';

// The generated C programs against the slow oracle, on shapes that do not divide evenly, over every leaf.

const signal = new AbortController().signal;
const SECONDS = 30;

/** One of each kind of trouble: ones, primes, tall, flat, deep, less than one block a level, exactly whole blocks. */
const SHAPES: readonly Dimensions[] = [
  { m: 1, k: 1, n: 1 },
  { m: 2, k: 3, n: 5 },
  { m: 7, k: 13, n: 11 },
  { m: 97, k: 2, n: 3 },
  { m: 1, k: 5, n: 131 },
  { m: 3, k: 149, n: 2 },
  { m: 16, k: 24, n: 32 },
  { m: 19, k: 8, n: 1100 },
];

/** The same algorithm with its scale spread over fractions: exact with a power of two, within rounding with thirds. */
function withDenominator(factorization: VerifiedFactorization, denominator: number): VerifiedFactorization {
  const { u, w } = factorization;
  return verify({
    ...factorization,
    u: { ...u, denominator: u.denominator * denominator },
    w: { ...w, coefficients: w.coefficients.map((x) => x * denominator) },
  });
}

interface Case {
  readonly name: string;
  readonly levels: () => VerifiedFactorization[] | Promise<VerifiedFactorization[]>;
  readonly fromData?: true;
  readonly threads?: number;
  /** Also with the second compiler: the sources are the same, so that a few programs of it will do. */
  readonly everyCompiler?: true;
}

const CASES: readonly Case[] = [
  { name: 'one block', everyCompiler: true, levels: () => [standard({ n: 1, m: 1, p: 1 })] },
  { name: 'standard <2,3,4>', levels: () => [standard({ n: 2, m: 3, p: 4 })] },
  { name: 'Strassen', levels: () => [strassen()] },
  { name: 'Strassen twice', everyCompiler: true, levels: () => [strassen(), strassen()] },
  { name: 'Strassen twice on two threads', levels: () => [strassen(), strassen()], threads: 2 },
  { name: 'Winograd composed with itself', levels: () => [compose(winograd(), winograd())] },
  { name: 'Winograd over Laderman', everyCompiler: true, levels: () => [winograd(), laderman()] },
  { name: 'Winograd with halves', levels: () => [withDenominator(winograd(), 2)] },
  { name: 'Strassen with thirds', everyCompiler: true, levels: () => [withDenominator(strassen(), 3)] },
  {
    name: '<2,2,3;11> over standard <3,2,1>',
    fromData: true,
    levels: async () => {
      const file = dataPath('fast-matrix-multiplication', '2x2x3_m11_cr20_cn20_ZT_reduced.json');
      return [(await loadFactorization(file)).factorization, standard({ n: 3, m: 2, p: 1 })];
    },
  },
];

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
    for (const { name, levels: load, fromData, threads = 1 } of cases) {
      for (const dtype of ['f32', 'f64'] as const) {
        it(`${name}, ${dtype}, equals the oracle`, async (context) => {
          const { compiler, harness, blas } = toolchainOrSkip(context);
          if (fromData) needsData(context);
          const cpus = pickCpus(threads);
          if (cpus.length < threads) context.skip(`there are fewer than ${threads} CPUs`);
          const levels = await load();
          const program = await compileProgram(compiler, generateProgram(levels, dtype), {
            signal,
            deadlineSeconds: 60,
          });
          if (!program.ok) throw new Error(program.end.stderr);
          for (const dimensions of SHAPES) {
            await compareWithOracle(
              { harness, blas: blas[0].library, programs: { C: program.path }, dimensions, dtype, cpus },
              levels,
            );
          }
        });
      }
    }

    it.for(['f32', 'f64'] as const)('the portable GEMM, %s, equals the oracle', async (dtype, context) => {
      const { harness } = toolchainOrSkip(context);
      for (const dimensions of [...SHAPES, { m: 61, k: 300, n: 1030 }]) {
        await compareWithOracle({ harness, blas: 'portable', programs: {}, dimensions, dtype, cpus: pickCpus(1) }, []);
      }
    });
  });
}

type Options = Pick<HarnessOptions, 'harness' | 'blas' | 'programs' | 'dimensions' | 'dtype' | 'cpus'>;

async function compareWithOracle(options: Options, levels: VerifiedFactorization[]): Promise<void> {
  const { dimensions, dtype } = options;
  const range = exactRange(levels, dimensions, dtype);
  const limits = { seed: 1, memoryBytes: 4 * 1024 ** 3, cpuSeconds: 60, startSeconds: SECONDS, signal };
  await withHarness({ ...options, ...limits }, async (child) => {
    const { workspaceBytes: asked } = await child.introduction();
    expect(asked).toBe(workspaceBytes(planProgram(levels, { ...dimensions, dtype })));
    await child.fillIntegers(Math.max(1, range), SECONDS);
    await child.run(levels.length > 0 ? 'C' : 'V', SECONDS);
    const a = await child.show('A', SECONDS);
    const b = await child.show('B', SECONDS);
    const expected = interpret(levels, dimensions, a, b);
    const got = await child.show('C', SECONDS);
    const scale = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
    const allowed = range > 0 ? 0 : TOLERANCE[dtype] * scale;
    const wrong = got.findIndex((x, i) => !(Math.abs(x - expected[i]) <= allowed));
    const place = `element ${wrong} of ${JSON.stringify(dimensions)}`;
    expect(wrong === -1 ? 'equal' : `${place} is ${got[wrong]}, not ${expected[wrong]}`).toBe('equal');
  });
}
