import { AlphaTensorError, laidOut, parseNamedProblem } from '@alphatensor-edge/shared';
import { DTYPES, type DType, type ProblemSpec } from './measurement.js';

/**
 * Reads `2048x1024x512` (M x K x N), or `2048` for a cube, each with parts of `:f64:2:nt` after it: number format, threads, and which
 * operands lie transposed.
 * @param dtype, threads where the problem names none
 * @param formats that it may name
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function parseProblem<T extends DType = DType>(
  text: string,
  dtype: T,
  threads: number,
  formats: readonly T[] = DTYPES as readonly DType[] as readonly T[],
): ProblemSpec & { readonly dtype: T } {
  const named = parseNamedProblem(text, formats);
  const { m, k, n } = named;
  return { m, k, n, dtype: named.dtype ?? dtype, threads: named.threads ?? threads, ...laidOut(named) };
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
