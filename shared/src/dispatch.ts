import type { LaidOut } from './transposed.js';

// What at-trainer tune writes and at-agent export turns into a library, as JSON.

export const DISPATCH_FORMAT = 'alphatensor-dispatch';
export const DISPATCH_VERSION = 3;
/** Of a table without operands that lie transposed: what knows nothing of them reads it. */
export const PLAIN_DISPATCH_VERSION = 2;

/** What is preferred among the algorithms that are accurate enough. */
export const PREFERENCES = ['fast', 'accurate'] as const;
export type Preference = (typeof PREFERENCES)[number];

/** Which algorithm to use for which problem on one device. */
export interface DispatchTable {
  readonly format: typeof DISPATCH_FORMAT;
  readonly version: typeof DISPATCH_VERSION | typeof PLAIN_DISPATCH_VERSION;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The agent's allow-listed description of its device, under the name the user gave it. */
  readonly device: Readonly<Record<string, unknown>>;
  readonly backend: string;
  readonly variant: string;
  /** What was measured on, as with the last measurement; null: nothing was measured. */
  readonly environment: Readonly<Record<string, unknown>> | null;
  /** What was asked for; absent in tables of version 1. */
  readonly objective?: DispatchObjective | undefined;
  /** Predict the times of problems that were not measured; absent in tables of version 1. */
  readonly timeModels?: readonly DispatchTimeModel[] | undefined;
  readonly entries: readonly DispatchEntry[];
}

export interface DispatchObjective {
  /** Largest error that is accepted, as a multiple of the smaller of the baseline's and own <1,1,1>'s; null: any. */
  readonly maxError: number | null;
  readonly prefer: Preference;
}

/** Predicts times on the device, for one number format, number of threads and layout of the operands (see packed-time.ts). */
export interface DispatchTimeModel extends LaidOut {
  readonly dtype: DispatchProblem['dtype'];
  readonly threads: number;
  /** Seconds for each unit of work of a packed program, in the order of PACKED_WORK. */
  readonly seconds: readonly number[];
  /** The same for the baseline, in the order of BASELINE_WORK. */
  readonly baselineSeconds: readonly number[];
  /** Number of measurements behind it. */
  readonly samples: number;
  /** Median and 90 % quantile of |ln(predicted / measured)| over them, of the time over the baseline's. */
  readonly medianError: number;
  readonly error90: number;
}

/** C = A B with A m x k and B k x n, in a number format that a C library has. */
export interface DispatchProblem extends LaidOut {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly dtype: 'f32' | 'f64';
  readonly threads: number;
}

export interface DispatchEntry {
  readonly problem: DispatchProblem;
  /** The preferred one of the two below; null: the baseline. */
  readonly winner: DispatchWinner | null;
  /** The fastest within the bound on the error; null: the baseline. Absent in tables of version 1. */
  readonly fast?: DispatchWinner | null | undefined;
  /** The most accurate within 1 % of the fastest; null: the baseline. Absent in tables of version 1. */
  readonly accurate?: DispatchWinner | null | undefined;
  /** Whether the search came to its end. Otherwise the choice is the best of what was measured. Absent in tables of version 1. */
  readonly isComplete?: boolean | undefined;
  /** Why, a sentence. */
  readonly reason: string;
  /** What the choice was made among, fastest first; the baseline is 1 by definition. */
  readonly finalists: readonly DispatchResult[];
}

export interface DispatchResult {
  readonly label: string;
  /** The baseline's time over its own, with a 95 % interval. */
  readonly speedup: { readonly estimate: number; readonly low: number; readonly high: number };
  /** The agent's verdict, which also asks for a baseline near the multiply-add peak. */
  readonly fasterThanBaseline: boolean;
  /** Why an interval above 1 is not called faster, one clause; else empty. */
  readonly notClaimedBecause: string;
  /** What a reader must know before believing the figures. */
  readonly flags: readonly string[];
  /** Seconds of one product: the baseline's typical time for the problem over the speed-up. Absent in tables of version 1. */
  readonly seconds?: number | undefined;
  /** Relative Frobenius error against float64. Absent in tables of version 1. */
  readonly relativeError?: number | undefined;
  /** It over the smaller of the baseline's and own <1,1,1>'s. Absent in tables of version 1. */
  readonly errorRatio?: number | undefined;
  /** Product of the levels' error growth (growth.ts). Absent in tables of version 1. */
  readonly growth?: number | undefined;
  /** Errors on further kinds of inputs, where they were measured: of what was timed in full. */
  readonly inputErrors?: readonly DispatchInputErrors[] | undefined;
}

/** Relative Frobenius errors against float64 on one kind of inputs. */
export interface DispatchInputErrors {
  /** For example `all-positive`. */
  readonly inputs: string;
  readonly relativeError: number;
  readonly baselineRelativeError: number;
}

export interface DispatchWinner extends DispatchResult {
  /** Files of the recursion levels, outermost first, relative to the table's folder. */
  readonly levels: readonly string[];
  readonly rank: number;
  /** What it was compared with, for example `OpenBLAS 0.3.21`. */
  readonly against: string;
  /** For example `avx512`; the plan suits these vectors only. */
  readonly vectorIsa: string;
  /** Of a packed program; null for others. */
  readonly plan: DispatchPlan | null;
}

/** As KernelPlan in agent.proto. */
export interface DispatchPlan {
  readonly mr: number;
  readonly lines: number;
  readonly kc: number;
  readonly tileRows: number;
  readonly tileColumns: number;
  readonly streamAboveBytes: number;
  readonly nearBytes: number;
}
