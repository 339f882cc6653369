import type { KernelPlan } from '../../agent/src/plan/kernel-plan.js';
import { gridOf } from '../../agent/src/plan/packed.js';
import { type Dimensions, type DType, ELEMENT_BYTES } from '../../agent/src/plan/plan.js';
import type { VerifiedFactorization } from '../../shared/src/index.js';

/**
 * The shapes at the edges of a program's blocks and register tiles: every block a whole number of register tiles, one less
 * and one more, and two tiles that are not whole.
 */
export function edgeShapes(levels: readonly VerifiedFactorization[], kernel: KernelPlan, dtype: DType): Dimensions[] {
  const grid = gridOf(levels);
  const line = 64 / ELEMENT_BYTES[dtype];
  const [m, k, n] = [grid.n * kernel.mr, grid.m * line, grid.p * kernel.lines * line];
  return [
    { m, k, n },
    { m: Math.max(1, m - 1), k: k - 1, n: n - 1 },
    { m: m + 1, k: k + 1, n: n + 1 },
    { m: 2 * m - 1, k: grid.m * 3, n: 2 * n - 1 },
  ];
}
