import type { LaidOut } from '@alphatensor-edge/shared';
import type { ProblemShape } from '../plan/plan.js';

/** Says what is timed: C = A B with A m x k and B k x n, row-major or transposed as `transposed` says, on `threads` threads. */
export interface Problem extends ProblemShape, LaidOut {
  readonly threads: number;
}
