import type { Environment, InputErrors, MeasuringProtocol } from '@alphatensor-edge/proto';
import type { Arithmetic, RatioEstimate, Size } from '@alphatensor-edge/shared';
import type { AlgorithmRef, ProblemSpec } from '../fleet/measurement.js';
import type { SampleFigures, Samples } from './samples.js';

export type RowStatus =
  | 'MEASURED'
  | 'COMPILE_FAILED'
  | 'WRONG_RESULT'
  | 'CRASHED'
  | 'TIMEOUT'
  | 'OUT_OF_MEMORY'
  | 'UNSUPPORTED'
  | 'CANCELLED'
  | 'UNSPECIFIED'
  /** A reference that no run measured on this device and problem. */
  | 'NOT_MEASURED';

/**
 * Names the verdict on a row.
 *
 * - `faster`: the agent says so, and the baseline was not unusually slow
 * - `slower`: the interval ends below 1
 * - `unclaimed`: the interval lies above 1, but the agent does not call it faster (see `notClaimedBecause`)
 * - `undecided`: the interval contains 1
 * - `baseline`: the row is the baseline
 */
export type Verdict = 'faster' | 'slower' | 'unclaimed' | 'undecided' | 'baseline';

/** Holds the figures of one measured row. Every figure about time can be recomputed from `samples`. */
export interface Figures extends SampleFigures {
  readonly verdict: Verdict;
  /** One clause: why the agent does not call an interval above 1 faster. Empty otherwise, and for agents that do not tell. */
  readonly notClaimedBecause: string;
  /** The baseline's median time over its usual time on this device and problem; null: it was as usual. */
  readonly baselineSlowdown: number | null;
  /** The baseline timed against itself; null: not measured. */
  readonly aaControl: RatioEstimate | null;
  /** Null: the device's peak is unknown. */
  readonly peakGflops: number | null;
  readonly candidateShareOfPeak: number | null;
  readonly baselineShareOfPeak: number | null;
  /** Relative Frobenius errors against float64. */
  readonly relativeError: number;
  readonly baselineRelativeError: number;
  /** Own <1,1,1>'s, whether or not it was timed; null: unknown. */
  readonly ownGemmRelativeError: number | null;
  /** What the growth predicts; null: unknown. */
  readonly predictedRelativeError: number | null;
  /** Error growth of all levels; null: unknown, as from older agents. */
  readonly growth: number | null;
  /** On each kind of inputs that was measured, zero-mean ones first; none from older agents. */
  readonly inputErrors: readonly InputErrors[];
  readonly rounds: number;
  /** `CONVERGED`, `NOISE_PLATEAU`, `BUDGET`, `MAX_ROUNDS`. */
  readonly stopReason: string;
  readonly flags: readonly string[];
  readonly drift: number;
  /** Null: a short measurement, not a sustained one. */
  readonly sustained: Sustained | null;
  readonly protocol: MeasuringProtocol | null;
  readonly samples: Samples;
}

/** Holds the figures that only a sustained measurement has. */
export interface Sustained {
  readonly seconds: number;
  /** baseline / candidate over the last third of the rounds. */
  readonly speedup: RatioEstimate;
  /** Joules for one product, over all processor packages; null: unknown. */
  readonly baselineJoules: number | null;
  readonly candidateJoules: number | null;
}

/** Describes what the device was doing during the measurement; null: unknown. */
export interface Conditions {
  readonly loadAverage: number | null;
  readonly temperatureCelsius: number | null;
  readonly frequencyMhz: number | null;
  readonly throttled: boolean | null;
  readonly pinnedCpus: readonly number[];
}

/** Tells whether a row was measured with a baseline as fast as usual. Only such rows compare with each other. */
export function isSteady(row: ReportRow): row is MeasuredRow {
  return isMeasured(row) && row.figures.baselineSlowdown === null;
}

/** Describes an algorithm in a report. */
export interface ReportAlgorithm {
  readonly label: string;
  readonly role: AlgorithmRef['role'];
  readonly origin: string;
  /** Whether this run's search found it, even if it equals a reference. */
  readonly found: boolean;
  readonly levels: readonly string[];
  readonly size: Size;
  readonly rank: number;
  readonly nonzeros: number;
  /** The largest denominator of its coefficients, over all levels; null: its factorization is not kept. */
  readonly denominator: number | null;
  readonly arithmetic: Arithmetic;
}

/** Holds one row: device × problem × backend/variant × algorithm. */
export interface ReportRow {
  readonly runs: readonly string[];
  readonly jobId: string;
  readonly agent: string;
  readonly deviceId: string;
  readonly problem: ProblemSpec;
  /** Empty for a reference that was not measured. */
  readonly backend: string;
  readonly variant: string;
  readonly algorithm: ReportAlgorithm;
  readonly status: RowStatus;
  /** One sentence if the outcome is not MEASURED. */
  readonly message: string;
  readonly figures: Figures | null;
  /** The lasting part of the environment (see Report.environments); null: the agent sent none. */
  readonly environment: Environment | null;
  readonly environmentId: string | null;
  readonly conditions: Conditions | null;
  readonly compileSeconds: number;
  readonly workspaceBytes: number;
  /** ISO 8601, UTC; empty if it was not measured. */
  readonly measuredAt: string;
  /** Number of finished jobs of the row. The figures are those of the latest one that was not cancelled. */
  readonly jobs: number;
  /** Smallest and largest speed-up estimate over those jobs; null with fewer than two measurements. */
  readonly spread: { readonly low: number; readonly high: number } | null;
}

export function isBaseline(row: Pick<ReportRow, 'algorithm'>): boolean {
  return row.algorithm.levels.length === 0;
}

/** Types a measured row, which has figures. */
export type MeasuredRow = ReportRow & { readonly figures: Figures };

export function isMeasured(row: ReportRow): row is MeasuredRow {
  return row.figures !== null;
}
