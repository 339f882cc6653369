import type { Measurement } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/** Bounds the error of an algorithm by default, as a multiple; see errorRatio. */
export const DEFAULT_MAX_ERROR = 4;

/** Lowest and highest bound that makes sense: no algorithm is more accurate than a plain product. */
const [LEAST, MOST] = [1, 1e6];

/** Reads a bound on the error: `3x` or `3`, or `none`, which is null. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseMaxError(text: string): number | null {
  if (text === 'none') return null;
  const match = /^(\d+(?:\.\d+)?)x?$/.exec(text.trim());
  const bound = match === null ? Number.NaN : Number(match[1]);
  if (bound >= LEAST && bound <= MOST) return bound;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `--max-error is a multiple of the error of a plain product, such as 3x, from ${LEAST} to ${MOST}, or none, not "${text}".`,
    { field: '--max-error' },
  );
}

/** Writes a bound on the error as parseMaxError reads it. */
export function maxErrorText(bound: number | null): string {
  return bound === null ? 'none' : `${bound}x`;
}

/** Relative Frobenius errors against float64, as a measurement has them. */
interface MeasuredErrors extends Pick<Measurement, 'relativeError' | 'baselineRelativeError'> {
  /** Of the same engine with <1,1,1>. Agents of older versions do not tell it. */
  readonly ownGemmRelativeError?: number | null | undefined;
}

/**
 * Computes the error of a measured product as a multiple of the smaller of the baseline's and of the same engine's with <1,1,1>, so
 * that an inaccurate library loosens nothing.
 * @param ownError relative error of own <1,1,1> for the same problem, where a separate measurement has it
 * @returns undefined if the errors are not known
 */
export function errorRatio(
  { relativeError, baselineRelativeError, ownGemmRelativeError }: MeasuredErrors,
  ownError?: number | undefined,
): number | undefined {
  const references = [baselineRelativeError, ownGemmRelativeError, ownError];
  const reference = Math.min(...references.filter((error) => typeof error === 'number'));
  if (!(Number.isFinite(reference) && Number.isFinite(relativeError))) return undefined;
  // A product of very few numbers may come out exact.
  if (reference === 0) return relativeError === 0 ? 1 : Number.POSITIVE_INFINITY;
  return relativeError / reference;
}

/** Tells whether an error is within a bound. One that is not known is not. */
export function isWithin(bound: number | null, ratio: number | undefined): boolean {
  return bound === null || (ratio !== undefined && ratio <= bound);
}
