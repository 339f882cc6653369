import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Toolchain, ToolchainProbe } from '../../agent/src/backends/backend.js';
import { findToolchain } from '../../agent/src/backends/backends.js';
import { compileProgram } from '../../agent/src/backends/c-compiler.js';
import { cProgram } from '../../agent/src/codegen/c/variant.js';
import { cacheSizes, pickCpus, vectorIsa } from '../../agent/src/device/cpu.js';
import type { KernelPlan } from '../../agent/src/plan/kernel-plan.js';
import { gridOf } from '../../agent/src/plan/packed.js';
import { type Dimensions, type DType, ELEMENT_BYTES } from '../../agent/src/plan/plan.js';
import {
  laderman,
  MODES,
  Random,
  standard,
  strassen,
  type VerifiedFactorization,
  verify,
  winograd,
} from '../../shared/src/index.js';
import { applySymmetry, randomSymmetry } from '../../trainer/src/game/symmetry.js';
import { compareWithOracle } from '../support/conformance.js';
import { moveScale, permuteTerms } from '../support/factorizations.js';

// Random factorizations, with coefficients up to 2 and halves, random shapes and random kernel plans against the slow oracle.
// Everything of a program follows from its number, which is in the name of its test.

const PROGRAMS = 12;
const SHAPES_EACH = 5;
const LARGEST_COEFFICIENT = 2;
const BACKENDS = ['c-gcc', 'c-clang'];

const signal = new AbortController().signal;
const probes = new Map<string, ToolchainProbe>();
beforeAll(async () => {
  for (const backend of BACKENDS) probes.set(backend, await findToolchain(backend, signal));
});

describe('random programs', () => {
  for (let number = 0; number < PROGRAMS; number++) {
    const random = new Random(`random program ${number}`);
    const backend = pick(random, BACKENDS);
    const dtype = pick<DType>(random, ['f32', 'f64']);
    // Kernel plans are what packed programs have.
    const variant = number % 4 === 3 ? 'temporaries' : 'packed';

    it(`number ${number}: ${variant}, ${backend}, ${dtype}, equals the oracle`, async (context) => {
      const { compiler, harness, blas } = toolchainOrSkip(backend, context);
      const levels = randomLevels(random);
      const kernel = randomKernelPlan(random, dtype);
      const program = cProgram(variant, levels, dtype, { vectorIsa: vectorIsa(), caches: cacheSizes() }, kernel);
      const compiled = await compileProgram(compiler, program.source(), { signal, deadlineSeconds: 60 });
      if (!compiled.ok) throw new Error(compiled.end.stderr);
      for (let i = 0; i < SHAPES_EACH; i++) {
        const dimensions = randomShape(random, levels, kernel);
        const cpus = pickCpus(1 + random.int(2));
        const programs = { C: compiled.path };
        const most = program.workspaceBytes({ ...dimensions, dtype }, cpus.length);
        const workspaceLimit = pick(random, [undefined, most, Math.floor(most / 2), Math.floor(most / 5), 1]);
        await compareWithOracle({ harness, blas: blas[0], programs, dimensions, dtype, cpus, workspaceLimit }, program);
      }
    });
  }
});

describe('random factorizations', () => {
  it('have twos and halves', () => {
    const random = new Random('twos and halves');
    const entries = Array.from({ length: 20 }, () => randomFactorization(random, SMALL)).flatMap((factorization) =>
      MODES.flatMap((mode) => {
        const { coefficients, denominator } = factorization[mode];
        return Array.from(coefficients, (x) => Math.abs(x / denominator));
      }),
    );
    expect(Math.max(...entries)).toBe(LARGEST_COEFFICIENT);
    expect(entries).toContain(0.5);
  });
});

const SMALL = [strassen(), winograd(), standard({ n: 2, m: 1, p: 3 }), standard({ n: 3, m: 2, p: 1 })];

/** One or two levels, of fewer products than a packed program may have. */
function randomLevels(random: Random): VerifiedFactorization[] {
  const outer = randomFactorization(random, [laderman(), ...SMALL]);
  return random.bernoulli(0.5) ? [outer] : [outer, randomFactorization(random, SMALL)];
}

/** Another algorithm of the size and rank of a known one: a random symmetry, terms in another order, a factor 2 moved. */
function randomFactorization(random: Random, known: readonly VerifiedFactorization[]): VerifiedFactorization {
  const original = pick(random, known);
  for (;;) {
    const image = applySymmetry(original, randomSymmetry(original.size, original.arithmetic, random, 0.3));
    const order = random.shuffle(Array.from({ length: image.rank }, (_, r) => r));
    const [from, to] = random.shuffle([...MODES]);
    const scaled = moveScale(permuteTerms(image, order), random.int(image.rank), pick(random, [-2, 2, -1]), from, to);
    const largest = Math.max(
      ...MODES.flatMap((mode) => Array.from(scaled[mode].coefficients, (x) => Math.abs(x) / scaled[mode].denominator)),
    );
    if (largest <= LARGEST_COEFFICIENT) return verify(scaled);
  }
}

function randomKernelPlan(random: Random, dtype: DType): KernelPlan {
  const line = 64 / ELEMENT_BYTES[dtype];
  const [mr, lines] = [1 + random.int(14), 1 + random.int(3)];
  return {
    mr,
    lines,
    kc: (1 + random.int(6)) * line,
    tileRows: (1 + random.int(4)) * mr,
    tileColumns: (1 + random.int(4)) * lines * line,
    streamAboveBytes: pick(random, [0, 32 * 1024, Number.MAX_SAFE_INTEGER]),
    nearBytes: pick(random, [0, Number.MAX_SAFE_INTEGER]),
  };
}

/** Each dimension is anything up to 100, whole blocks, or nearly that. */
function randomShape(random: Random, levels: readonly VerifiedFactorization[], { mr, kc }: KernelPlan): Dimensions {
  const { n, m, p } = gridOf(levels);
  const dimension = (blocks: number, ofBlock: number): number =>
    pick(random, [1 + random.int(100), Math.max(1, blocks * ofBlock - 1 + random.int(3))]);
  return { m: dimension(n, mr), k: dimension(m, kc), n: dimension(p, 16) };
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.int(items.length)];
}

function toolchainOrSkip(backend: string, context: TestContext): Toolchain {
  const probe = probes.get(backend) as ToolchainProbe;
  if (!probe.ok) return context.skip(`${backend}: ${probe.reason}`);
  return probe.toolchain;
}
