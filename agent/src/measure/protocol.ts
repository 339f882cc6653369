import type { MeasuringProtocol } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { NumberFormat } from '../plan/plan.js';

/**
 * Holds a measuring protocol with every default filled in and every bound checked. Only `resolveProtocol` makes one.
 */
export type ResolvedProtocol = Readonly<MeasuringProtocol> & {
  readonly resolved: true;
  /** Whose bound on the error `maxRelativeError` is, in words. */
  readonly errorBoundOf: string;
};

/** The number of warm-up runs of each side before the first sample, whatever time they take. */
export const MIN_WARMUP_RUNS = 3;

const DEFAULTS = {
  minRounds: 10,
  maxRounds: 200,
  minSampleSeconds: 0.01,
  minWarmupSeconds: 0.2,
  targetRelativeHalfWidth: 0.01,
  budgetSeconds: 30,
  minMeasuringSeconds: 0,
} as const;

/**
 * The error above which a result counts as wrong: about 1700 units of rounding. Two or three levels of
 * Strassen-like schemes stay well below it, and any wrong coefficient far exceeds it. f16 and bf16 have no room for as
 * much: 20 units.
 */
const DEFAULT_MAX_RELATIVE_ERROR: Record<NumberFormat, number> = { f32: 1e-4, f64: 2e-13, f16: 1e-2, bf16: 8e-2 };

/**
 * The error above which a result counts as wrong whatever the caller allows: a hundred times the default, and less for the formats
 * that have no room for as much. A result with a larger error has hardly a correct digit to be useful for.
 */
const MAX_ERROR_CEILING: Record<NumberFormat, number> = { f32: 1e-2, f64: 2e-11, f16: 1e-1, bf16: 2e-1 };

/** The lowest and highest accepted value of each field. */
const BOUNDS: Record<keyof typeof DEFAULTS, readonly [number, number]> = {
  minRounds: [3, 1000],
  maxRounds: [3, 10_000],
  minSampleSeconds: [0.001, 10],
  minWarmupSeconds: [0.001, 60],
  targetRelativeHalfWidth: [1e-4, 0.5],
  budgetSeconds: [0.1, 3600],
  minMeasuringSeconds: [0, 3600],
};

/**
 * Fills in the defaults of a requested protocol (zero or absent means the default) and checks its bounds.
 * @param precision the format that decides how exact results must be
 * @throws AlphaTensorError INVALID_ARGUMENT naming the field
 */
export function resolveProtocol(request: MeasuringProtocol | null, precision: NumberFormat): ResolvedProtocol {
  const number = (field: keyof typeof DEFAULTS): number => {
    const value = given(request?.[field]) ?? DEFAULTS[field];
    const [low, high] = BOUNDS[field];
    if (!(value >= low && value <= high)) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${field} must be from ${low} to ${high}, but is ${value}; leave it out for the default, ${DEFAULTS[field]}.`,
        { field: `protocol.${field}` },
      );
    }
    return value;
  };
  const asked = given(request?.maxRelativeError);
  if (asked !== undefined && !(asked > 0 && asked < 1)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `maxRelativeError must be above 0 and below 1, but is ${asked}; leave it out for the default.`,
      { field: 'protocol.maxRelativeError' },
    );
  }
  const bound = errorBound(asked, precision);
  const minRounds = number('minRounds');
  // Whoever asks for more rounds than the most by default wants those.
  const maxRounds = Math.max(number('maxRounds'), given(request?.maxRounds) === undefined ? minRounds : 0);
  if (maxRounds < minRounds) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `maxRounds is ${maxRounds}, below minRounds, ${minRounds}; raise it or lower minRounds.`,
      { field: 'protocol.maxRounds' },
    );
  }
  const minMeasuringSeconds = number('minMeasuringSeconds');
  return {
    minRounds,
    maxRounds,
    minSampleSeconds: number('minSampleSeconds'),
    minWarmupSeconds: number('minWarmupSeconds'),
    targetRelativeHalfWidth: number('targetRelativeHalfWidth'),
    budgetSeconds: Math.max(number('budgetSeconds'), minMeasuringSeconds),
    minMeasuringSeconds,
    ...bound,
    seed: request?.seed ?? 0,
    includeOwnGemm: request?.includeOwnGemm ?? false,
    includeFurtherInputs: request?.includeFurtherInputs ?? false,
    resolved: true,
  };
}

/** Chooses the bound on the error, and says whose it is. */
function errorBound(
  asked: number | undefined,
  precision: NumberFormat,
): Pick<ResolvedProtocol, 'maxRelativeError' | 'errorBoundOf'> {
  const ceiling = MAX_ERROR_CEILING[precision];
  if (asked === undefined) {
    return {
      maxRelativeError: DEFAULT_MAX_RELATIVE_ERROR[precision],
      errorBoundOf: `the agent's default for ${precision}`,
    };
  }
  if (asked <= ceiling) return { maxRelativeError: asked, errorBoundOf: 'the request' };
  return {
    maxRelativeError: ceiling,
    errorBoundOf: `the agent's ceiling for ${precision}; the request allowed ${asked}`,
  };
}

/** Reads a field. Zero and absent mean the default; a value that is not a number does not. */
function given(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}
