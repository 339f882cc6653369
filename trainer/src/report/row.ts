import type { Environment, MeasuringProtocol } from '@alphatensor-edge/proto';
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
 * `faster`: the agent's own verdict, where the baseline was not unusually slow. `slower`: the interval ends below 1. `unclaimed`: the interval lies
 * above 1, yet the agent does not call it faster, see `notClaimedBecause`. `undecided`: the
 * interval holds 1. `baseline`: the baseline.
 */
export type Verdict = 'faster' | 'slower' | 'unclaimed' | 'undecided' | 'baseline';

/** The figures of one measured row; all that rests on time recomputes from `samples`. */
export interface Figures extends SampleFigures {
  readonly verdict: Verdict;
  /** Why the agent does not call an interval above 1 faster, one clause; else empty, and with agents that do not tell. */
  readonly notClaimedBecause: string;
  /** Baseline's median time over what is usual on this device and problem; null: nothing unusual was seen. */
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
  readonly rounds: number;
  /** `CONVERGED`, `NOISE_PLATEAU`, `BUDGET`, `MAX_ROUNDS`. */
  readonly stopReason: string;
  readonly flags: readonly string[];
  readonly drift: number;
  /** Null: a burst. */
  readonly sustained: Sustained | null;
  readonly protocol: MeasuringProtocol | null;
  readonly samples: Samples;
}

/** What a measurement of at least so many seconds adds to a burst. */
export interface Sustained {
  readonly seconds: number;
  /** baseline / candidate over the last third of the rounds. */
  readonly speedup: RatioEstimate;
  /** Joules for one product, of all processor packages as a whole; null is unknown. */
  readonly baselineJoules: number | null;
  readonly candidateJoules: number | null;
}

/** What the device was doing at the time; null is unknown. */
export interface Conditions {
  readonly loadAverage: number | null;
  readonly temperatureCelsius: number | null;
  readonly frequencyMhz: number | null;
  readonly throttled: boolean | null;
  readonly pinnedCpus: readonly number[];
}

/** Measured, with a baseline that was as fast as usual: only these compare with each other. */
export function isSteady(row: ReportRow): row is MeasuredRow {
  return isMeasured(row) && row.figures.baselineSlowdown === null;
}

/** An algorithm as a report names it. */
export interface ReportAlgorithm {
  readonly label: string;
  readonly role: AlgorithmRef['role'];
  readonly origin: string;
  /** Whether this run's search found it, also where it is a reference's equal. */
  readonly found: boolean;
  readonly levels: readonly string[];
  readonly size: Size;
  readonly rank: number;
  readonly nonzeros: number;
  readonly arithmetic: Arithmetic;
}

/** One row: device × problem × backend/variant × algorithm. */
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
  /** One sentence for what is not MEASURED. */
  readonly message: string;
  readonly figures: Figures | null;
  /** Static part of the environment: see Report.environments. Null: the agent sent none. */
  readonly environment: Environment | null;
  readonly environmentId: string | null;
  readonly conditions: Conditions | null;
  readonly compileSeconds: number;
  readonly workspaceBytes: number;
  /** ISO 8601, UTC; empty for what was not measured. */
  readonly measuredAt: string;
  /** Finished jobs of the same row; the figures are those of the latest that was not cancelled. */
  readonly jobs: number;
  /** Smallest and largest speed-up estimate over those jobs; null with fewer than two measurements. */
  readonly spread: { readonly low: number; readonly high: number } | null;
}

export function isBaseline(row: Pick<ReportRow, 'algorithm'>): boolean {
  return row.algorithm.levels.length === 0;
}

/** A measured row, with its figures. */
export type MeasuredRow = ReportRow & { readonly figures: Figures };

export function isMeasured(row: ReportRow): row is MeasuredRow {
  return row.figures !== null;
}
