import type { VerifiedFactorization } from '@alphatensor-edge/shared';
import { exactRange, type Growth, packedGrowth, temporariesGrowth } from '../../plan/exact-range.js';
import { type CacheSizes, defaultKernelPlan, type KernelPlan } from '../../plan/kernel-plan.js';
import { packedLayout, planPackedLevel, stagesOf } from '../../plan/packed.js';
import { type DType, ELEMENT_BYTES, type ProblemShape, planProgram } from '../../plan/plan.js';
import { workspaceBytes } from '../../plan/workspace.js';
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
    exactRange: range(packedGrowth(plans), (problem) => packedLayout(stages, kernel, problem, 1).block.k),
  };
}
