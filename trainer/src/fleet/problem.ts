import { AlphaTensorError, parseDimensions } from '@alphatensor-edge/shared';
import type { DType, ProblemSpec } from './measurement.js';

/** Reads `2048x1024x512` (M x K x N), or `2048` for a cube. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseProblem(text: string, dtype: DType, threads: number): ProblemSpec {
  return { ...parseDimensions(text), dtype, threads };
}

/** Gives a problem its weight in the mean over all problems. Weights are positive; only their ratios matter. */
export interface WeightedProblem {
  readonly problem: ProblemSpec;
  readonly weight: number;
}

/** Reads `2048@0.5`, a problem and its weight in the reward. The weight is 1 by default. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseWeightedProblem(text: string, dtype: DType, threads: number): WeightedProblem {
  const [problem, weight, ...rest] = text.split('@');
  const value = weight === undefined ? 1 : Number(weight.trim() || Number.NaN);
  if (rest.length > 0 || !(value > 0 && Number.isFinite(value))) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `"${text}" is not a problem with a weight; write MxKxN@WEIGHT such as 2048x2048x2048@0.5, the weight above 0.`,
      { field: '--problem' },
    );
  }
  return { problem: parseProblem(problem, dtype, threads), weight: value };
}
