import type { VerifiedFactorization } from '@alphatensor-edge/shared';
import { exactRange, type Growth, packedGrowth, temporariesGrowth } from '../../plan/exact-range.js';
import { type CacheSizes, defaultKernelPlan, type KernelPlan } from '../../plan/kernel-plan.js';
import {
  gridOf,
  type OuterLevel,
  type PackedStages,
  packedLayout,
  planPackedLevel,
  stagesOf,
  trafficByMatrix,
} from '../../plan/packed.js';
import type { OfMatrices } from '../../plan/packed-traffic.js';
import { type DType, ELEMENT_BYTES, type ProblemShape, planProgram } from '../../plan/plan.js';
import { costOfPasses, overLevels, type ProgramCost, temporariesCost } from '../../plan/program-cost.js';
import type { Coefficients } from '../../plan/step-groups.js';
import { workspaceBytes } from '../../plan/workspace.js';
import { bodyCosts } from '../body-cost.js';
import { packedSource } from './packed.js';
import { temporariesSource } from './temporaries.js';

/**
 * Lists the ways to build a program, the default first. `packed` packs the combinations of blocks for its own
 * micro-kernel. `temporaries` recurses on top of the baseline's GEMM, for cases that `packed` does not support.
 */
export const VARIANTS = ['packed', 'temporaries'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Lists those that take operands that lie transposed: packing reads them in any order. */
export const TRANSPOSED_VARIANTS: readonly Variant[] = ['packed'];

/** Tells whether there is a variant of this name. */
export function isVariant(name: string): name is Variant {
  return VARIANTS.some((known) => known === name);
}

/** Describes the device and compiler that a program is made for. */
export interface CTarget {
  /** See `vectorIsa` in device/cpu.ts. */
  readonly vectorIsa: string;
  readonly caches: CacheSizes;
}

/** Holds a candidate as a C program. One source works for every shape of its number format. */
export interface CProgram {
  readonly variant: Variant;
  readonly levels: readonly VerifiedFactorization[];
  readonly dtype: DType;
  /** Absent for `temporaries`. */
  readonly kernel?: KernelPlan | undefined;
  /**
   * Writes the source.
   * @throws AlphaTensorError INVALID_ARGUMENT naming `levels` if the code would be too large to compile
   */
  source(): string;
  /**
   * Computes the bytes of workspace that it will ask for.
   * @param limit of them, which a packed program keeps if it can. Undefined: none
   */
  workspaceBytes(problem: ProblemShape, threads: number, limit?: number): number;
  /** Describes what it does for a problem, without compiling it. */
  cost(problem: ProblemShape, threads: number, limit?: number): ProgramCost;
  /**
   * Finds the largest entries of A and B with which its result has no error at all; 0 if there are none
   * (plan/exact-range.ts).
   */
  exactRange(problem: ProblemShape): number;
}

/**
 * Makes the program of an algorithm.
 * @param kernel replaces the plan that suits the target's caches
 */
export function cProgram(
  variant: Variant,
  levels: readonly VerifiedFactorization[],
  dtype: DType,
  target: CTarget,
  kernel: KernelPlan = defaultKernelPlan(target.vectorIsa, target.caches, ELEMENT_BYTES[dtype]),
): CProgram {
  const common = { variant, levels, dtype };
  const range = (growth: Growth, leafOf: (problem: ProblemShape) => number) => (problem: ProblemShape) =>
    exactRange(growth, leafOf(problem), problem.k, dtype);
  if (variant === 'temporaries') {
    const plan = (problem: ProblemShape) => planProgram(levels, problem);
    return {
      ...common,
      source: () => temporariesSource(levels, dtype),
      workspaceBytes: (problem) => workspaceBytes(plan(problem)),
      cost: (problem) => temporariesCost(plan(problem)),
      exactRange: range(temporariesGrowth(levels), (problem) => plan(problem).leaf.k),
    };
  }
  const plans = levels.map(planPackedLevel);
  const stages = stagesOf(plans);
  return {
    ...common,
    kernel,
    source: () => packedSource(levels, plans, dtype, kernel),
    workspaceBytes: (problem, threads, limit) => {
      const { packedBytes, tileBytes } = packedLayout(stages, kernel, problem, threads, limit);
      return packedBytes + tileBytes;
    },
    cost: (problem, threads, limit) => packedCost(stages, kernel, problem, threads, limit),
    exactRange: range(packedGrowth(plans), (problem) => packedLayout(stages, kernel, problem, 1).block.k),
  };
}

/** Describes a packed program: the code of its transforms, which steps repeat, and the traffic of its layout. */
function packedCost(
  stages: PackedStages,
  kernel: KernelPlan,
  problem: ProblemShape,
  threads: number,
  limit?: number,
): ProgramCost {
  const { outer, inner } = stages;
  const layout = packedLayout(stages, kernel, problem, threads, limit);
  const { additions: ofBody, valuesAlive } = bodyCosts(inner);
  const { n, m, p, rank } = gridOf(inner);
  const body = { size: { n, m, p }, rank, additions: ofBody };
  // Sums of outer blocks are formed as the inner ones read them, without common sums.
  const levels = outer === undefined ? [body] : [{ ...outer, additions: stepAdditions(outer) }, body];
  const elements = trafficByMatrix(stages, kernel, problem, layout);
  const bytes = ELEMENT_BYTES[problem.dtype];
  return costOfPasses({
    products: gridOf(levels).rank,
    block: layout.block,
    additions: overLevels(levels, (level) => level.additions),
    valuesAlive,
    bytes: { a: elements.a * bytes, b: elements.b * bytes, c: elements.c * bytes },
  });
}

function stepAdditions({ coefficients: { a, b, c } }: OuterLevel): OfMatrices {
  const summands = ({ rows }: Coefficients): number => rows.flat().filter((x) => x !== 0).length;
  return {
    a: summands(a) - a.rows.length,
    b: summands(b) - b.rows.length,
    c: summands(c) - c.rows[0].length,
  };
}
