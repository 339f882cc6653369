import { formatSize, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { exactRange, packedGrowth } from '../../plan/exact-range.js';
import { gridOf, type PackedLevel, planPackedLevel } from '../../plan/packed.js';
import type { OfMatrices } from '../../plan/packed-traffic.js';
import { ELEMENT_BYTES, type NumberFormat, type Plan, type ProblemShape, planProgram } from '../../plan/plan.js';
import { costOfPasses, overLevels, type ProgramCost } from '../../plan/program-cost.js';
import type { StraightLine } from '../../plan/straight-line.js';
import { unsharedWorkspaceBytes } from '../../plan/workspace.js';
import { bodyCosts } from '../body-cost.js';
import { requireRank } from '../limits.js';

/**
 * Names the only way to build these programs: every product is a separate dot, and XLA decides how to fuse the sums.
 */
export const JAX_VARIANTS = ['dots'] as const;

/** Bounds the products: XLA takes about 10 s for this many. */
const MAX_RANK = 500;

/** Makes a candidate as Python on jax.numpy, for native/jax_harness.py. The shapes are known when XLA compiles it. */
export function jaxProgram(levels: readonly VerifiedFactorization[], dtype: NumberFormat) {
  const plans = levels.map(planPackedLevel);
  // Sums of f16 and bf16 are in f32.
  const bytes = Math.max(4, ELEMENT_BYTES[dtype]);
  const growth = packedGrowth(plans);
  return {
    variant: JAX_VARIANTS[0],
    levels,
    dtype,
    source: () => jaxSource(plans),
    /** Counts all sums and products of every level at once. XLA keeps fewer. */
    workspaceBytes: (problem: ProblemShape) => unsharedWorkspaceBytes(planProgram(levels, problem), bytes),
    cost: (problem: ProblemShape) => jaxCost(plans, planProgram(levels, problem), bytes),
    exactRange: (problem: ProblemShape) => exactRange(growth, planProgram(levels, problem).leaf.k, problem.k, dtype),
  };
}

/**
 * Describes a program as its statements say: each reads two values and writes one, and each block of C is written. XLA may join some
 * of them, and keeps its own count.
 */
function jaxCost(plans: readonly PackedLevel[], { leaf, products }: Plan, elementBytes: number): ProgramCost {
  const statements = overLevels(plans, ({ a, b, c }) => ({
    a: a.steps.length,
    b: b.steps.length,
    c: c.steps.length,
  }));
  const alive = plans.map(bodyCostsOf);
  const most = (of: 'a' | 'b' | 'c'): number => Math.max(0, ...alive.map((each) => each[of]));
  const bytes = {
    a: 3 * statements.a * leaf.m * leaf.k * elementBytes,
    b: 3 * statements.b * leaf.k * leaf.n * elementBytes,
    c: 3 * statements.c * leaf.m * leaf.n * elementBytes,
  };
  const valuesAlive = { a: most('a'), b: most('b'), c: most('c') };
  return costOfPasses({ products, block: leaf, additions: statements, valuesAlive, bytes });
}

function bodyCostsOf(level: PackedLevel): OfMatrices {
  return bodyCosts([level]).valuesAlive;
}

function jaxSource(plans: readonly PackedLevel[]): string {
  requireRank(gridOf(plans).rank, MAX_RANK);
  const functions = plans.map((plan, level) =>
    levelFunction(plan, level, level + 1 < plans.length ? `level${level + 1}` : undefined),
  );
  return [
    '# Generated. C = A B; `at` is the Runtime of native/jax_harness.py.',
    ...functions,
    `def multiply(at, a, b):\n    return ${plans.length > 0 ? 'level0(at, a, b)' : 'at.dot(a, b)'}`,
    '',
  ].join('\n\n');
}

/** Writes the function of one level, which takes whole matrices. */
function levelFunction({ size, rank, a, b, c }: PackedLevel, level: number, next: string | undefined): string {
  const { n, m, p } = size;
  const left = sums(a, 'a');
  const right = sums(b, 'b');
  const merged = sums(c, 'm');
  const product = (r: number): string => {
    const operands = `${left.outputs[r]}, ${right.outputs[r]}`;
    return `m${r} = ${next === undefined ? `at.dot(${operands})` : `${next}(at, ${operands})`}`;
  };
  const lines = [
    `# ${formatSize(size)}, rank ${rank}`,
    `${names('a', n * m)} = at.blocks(a, ${n}, ${m})`,
    `${names('b', m * p)} = at.blocks(b, ${m}, ${p})`,
    ...left.steps,
    ...right.steps,
    ...Array.from({ length: rank }, (_, r) => product(r)),
    ...merged.steps,
    `return at.join([${merged.outputs.join(', ')}], ${p}, a, b)`,
  ];
  return [`def level${level}(at, a, b):`, ...lines.map((line) => `    ${line}`)].join('\n');
}

function names(prefix: string, count: number): string {
  return `[${Array.from({ length: count }, (_, i) => `${prefix}${i}`).join(', ')}]`;
}

/** Writes statements for the steps and expressions for the outputs. A value is named by a prefix and its number. */
function sums({ inputs, steps, outputs, denominator }: StraightLine, prefix: string) {
  const scaled = (coefficient: number, below: number, source: number): string => {
    const name = `${prefix}${source}`;
    if (coefficient === below) return name;
    if (coefficient === -below) return `-${name}`;
    return below === 1 ? `${coefficient} * ${name}` : `(${coefficient} / ${below}) * ${name}`;
  };
  return {
    steps: steps.map(({ left, right }, i) => {
      const [first, second] = [left, right].map(({ coefficient, source }) => scaled(coefficient, 1, source));
      return `${prefix}${inputs + i} = ${first} + ${second}`;
    }),
    outputs: outputs.map(({ source, coefficient }) =>
      source < 0 ? `0 * ${prefix}0` : scaled(coefficient, denominator, source),
    ),
  };
}
