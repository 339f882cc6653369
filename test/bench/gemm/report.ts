import type { DeviceState } from '@alphatensor-edge/agent/device/environment.js';
import type { KernelPlan } from '@alphatensor-edge/agent/plan/kernel-plan.js';
import type { Blas, Interval, StopReason } from '@alphatensor-edge/proto';
import type { ProblemDimensions, Size } from '@alphatensor-edge/shared';
import type { MachineDescription } from './machine.js';
import type { Clock, Settings } from './options.js';

/** What `--json` prints. */
export interface Report {
  readonly formatVersion: 3;
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: MachineDescription & { readonly cpus: number };
  readonly compiler: { readonly version: string; readonly flags: readonly string[] };
  readonly loadAverage: { readonly before: number; readonly after: number };
  /** The clone of `--against`. */
  readonly earlier: string | null;
  readonly options: Settings;
  readonly rows: readonly Row[];
}

interface RowProblem extends ProblemDimensions {
  readonly dtype: string;
  readonly threads: number;
}

/** One problem, with all libraries and programs. */
export type Row = MeasuredRow | (RowProblem & Omit<LeftOut, 'name'>);

export interface LeftOut {
  readonly name: string;
  readonly outcome: 'UNAVAILABLE' | 'OUT_OF_MEMORY';
  readonly reason: string;
}

export interface MeasuredRow extends RowProblem, Judged {
  readonly outcome: 'MEASURED';
  readonly rounds: number;
  readonly stopReason: StopReason;
  readonly peakGflops: number;
  /** See plan/exact-range.ts. */
  readonly exactCheckRange: number;
  /** -1: unknown. */
  readonly hugePageKilobytes: number;
  /** One for all programs. */
  readonly workspaceBytes: number;
  readonly before: DeviceState;
  readonly after: DeviceState;
}

/** What the samples come to. */
export interface Judged {
  readonly clock: Clock;
  /** Path of the library that was fastest here. */
  readonly baseline: string;
  readonly libraries: readonly LibraryFigures[];
  readonly programs: readonly ProgramFigures[];
  readonly leftOut: readonly LeftOut[];
}

interface Samples {
  readonly seconds: readonly number[];
  readonly cpuSeconds: readonly number[];
}

export interface LibraryFigures extends Blas, Samples {
  readonly gflops: number;
  readonly shareOfPeak: number;
  readonly relativeError: number;
}

export interface ProgramFigures extends Samples {
  readonly name: string;
  readonly isEarlier: boolean;
  readonly levels: readonly (Size & { readonly rank: number })[];
  readonly kernel: KernelPlan | undefined;
  readonly workspaceBytes: number;
  /** The bound on it; undefined for none. */
  readonly workspaceBound?: string | undefined;
  /** Over the bytes of A, B and C. */
  readonly workspaceShare: number;
  /** Null where it was in the cache. */
  readonly compileSeconds: number | null;
  /** The baseline's time over this one's. */
  readonly ratio: Interval;
  /** The time of own, the same engine with <1,1,1>, over this one's, as a share of n m p / R; undefined without own. */
  readonly shareOfIdeal?: Interval | undefined;
  /** The time of the earlier commit's program over this one's. */
  readonly overEarlier?: Interval | undefined;
  readonly gflops: number;
  readonly shareOfPeak: number;
  readonly relativeError: number;
  /** How much it multiplies the error of a plain product, as its coefficients tell. */
  readonly growth: number;
  /** Over the baseline's error; `errorFactorLimit` is how much so many levels may have. */
  readonly errorFactor: number;
  /** Over the smaller of the baseline's error and own's. */
  readonly errorOverLeast: number;
  /** Over `--max-error`. */
  readonly isOverMaxError: boolean;
  readonly errorFactorLimit: number | null;
  readonly isOverErrorLimit: boolean;
  /** Of the first thread's time. */
  readonly shares: { readonly pack: number; readonly multiply: number; readonly combine: number };
}
