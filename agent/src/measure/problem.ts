import type { ProblemShape } from '../plan/plan.js';

/** Says what is timed: C = A B with A m x k and B k x n, row-major, on `threads` threads. */
export interface Problem extends ProblemShape {
  readonly threads: number;
}
