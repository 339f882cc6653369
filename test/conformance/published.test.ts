import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Toolchain, ToolchainProbe } from '../../agent/src/backends/backend.js';
import { findToolchain } from '../../agent/src/backends/backends.js';
import { compileProgram } from '../../agent/src/backends/c-compiler.js';
import { cProgram, VARIANTS } from '../../agent/src/codegen/c/variant.js';
import { cacheSizes, pickCpus, vectorIsa } from '../../agent/src/device/cpu.js';
import type { KernelPlan } from '../../agent/src/plan/kernel-plan.js';
import { standard, strassen, type VerifiedFactorization, winograd } from '../../shared/src/index.js';
import { compareWithOracle } from '../support/conformance.js';
import { needsData } from '../support/data.js';
import { edgeShapes } from '../support/edge-shapes.js';
import { publishedFactorizations } from '../support/published.js';

// Every published factorization up to 5x5x5, and stacks of them, in every variant against the slow oracle.
//
// The sources are the same for both compilers and differ in one name for the number formats, so that these take turns with
// the threads, from one program to the next; test/conformance/c-backend.test.ts has them all for a few programs. Compiled
// without optimization: it is the transforms that differ here, and they take several times longer with -O3, which the other
// files of this folder have.

const BACKENDS = ['c-gcc', 'c-clang'];
const DTYPES = ['f32', 'f64'] as const;
const LONG = [
  { m: 2047, k: 3, n: 5 },
  { m: 3, k: 2047, n: 5 },
  { m: 5, k: 3, n: 2047 },
];

const signal = new AbortController().signal;
const published = await publishedFactorizations(5);
const target = { vectorIsa: vectorIsa(), caches: cacheSizes() };

const probes = new Map<string, ToolchainProbe>();
beforeAll(async () => {
  for (const backend of BACKENDS) probes.set(backend, await findToolchain(backend, signal));
});

/** Case number `index` of a list, in both variants: on the edges of blocks and register tiles, primes, and one long side. */
async function compareAll(
  levels: readonly VerifiedFactorization[],
  index: number,
  context: TestContext,
): Promise<void> {
  await Promise.all(
    VARIANTS.map(async (variant, place) => {
      const turn = index + place;
      const { compiler, harness, blas } = toolchainOrSkip(BACKENDS[turn % 2], context);
      const dtype = DTYPES[(index >> 1) % 2];
      const cpus = pickCpus(1 + ((index >> 2) % 2));
      const { kernel } = cProgram('packed', levels, dtype, target);
      const program = cProgram(variant, levels, dtype, target);
      const quick = { ...compiler, flags: ['-O0', ...compiler.flags.slice(1)] };
      const compiled = await compileProgram(quick, program.source(), { signal, deadlineSeconds: 60 });
      if (!compiled.ok) throw new Error(compiled.end.stderr);
      const shapes = [{ m: 1, k: 1, n: 1 }, { m: 31, k: 37, n: 29 }, LONG[turn % 3]];
      shapes.push(...edgeShapes(levels, kernel as KernelPlan, dtype));
      for (const dimensions of shapes) {
        await compareWithOracle(
          { harness, blas: blas[0], programs: { C: compiled.path }, dimensions, dtype, cpus },
          program,
        );
      }
    }),
  );
}

function toolchainOrSkip(backend: string, context: TestContext): Toolchain {
  const probe = probes.get(backend) as ToolchainProbe;
  if (!probe.ok) return context.skip(`${backend}: ${probe.reason}`);
  return probe.toolchain;
}

describe('published factorizations', () => {
  it('are of every size', (context) => {
    needsData(context);
    const sizes = published.map(({ factorization: { size } }) => [size.n, size.m, size.p].sort().join());
    // All n <= m <= p from 2 to 5.
    expect(new Set(sizes).size).toBe(20);
  });

  published.forEach(({ name, factorization }, index) => {
    it(`${name} equals the oracle`, (context) => compareAll([factorization], index, context));
  });

  // Two levels: each of few products over the next one.
  const small = published.filter(({ factorization }) => factorization.rank <= 15);
  small.forEach((outer, index) => {
    const inner = small[(index + 1) % small.length];
    const levels = [outer.factorization, inner.factorization];
    it(`${outer.name} over ${inner.name} equal the oracle`, (context) => compareAll(levels, index, context));
  });
});

const STACKS = [
  { name: 'Strassen over <1,2,3> over <2,1,1>', levels: [strassen(), one(1, 2, 3), one(2, 1, 1)] },
  { name: '<1,1,2> over Winograd over <3,1,1>', levels: [one(1, 1, 2), winograd(), one(3, 1, 1)] },
  { name: '<1,3,1> over <2,1,1> over Strassen', levels: [one(1, 3, 1), one(2, 1, 1), strassen()] },
  { name: 'Winograd three times', levels: [winograd(), winograd(), winograd()] },
];

describe('three levels', () => {
  STACKS.forEach(({ name, levels }, index) => {
    it(`${name} equal the oracle`, (context) => compareAll(levels, index, context));
  });
});

function one(n: number, m: number, p: number): VerifiedFactorization {
  return standard({ n, m, p });
}
