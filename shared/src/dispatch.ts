// What at-trainer tune writes and at-agent export turns into a library, as JSON.

export const DISPATCH_FORMAT = 'alphatensor-dispatch';
export const DISPATCH_VERSION = 1;

/** Which algorithm to use for which problem on one device. */
export interface DispatchTable {
  readonly format: typeof DISPATCH_FORMAT;
  readonly version: typeof DISPATCH_VERSION;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The agent's allow-listed description of its device, under the name the user gave it. */
  readonly device: Readonly<Record<string, unknown>>;
  readonly backend: string;
  readonly variant: string;
  /** What was measured on, as with the last measurement; null: nothing was measured. */
  readonly environment: Readonly<Record<string, unknown>> | null;
  readonly entries: readonly DispatchEntry[];
}

/** C = A B with A m x k and B k x n, in a number format that a C library has. */
export interface DispatchProblem {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly dtype: 'f32' | 'f64';
  readonly threads: number;
}

export interface DispatchEntry {
  readonly problem: DispatchProblem;
  /** Null: the baseline. */
  readonly winner: DispatchWinner | null;
  /** Why, a sentence. */
  readonly reason: string;
  /** Measured to the end, fastest first; the baseline is 1 by definition. */
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
