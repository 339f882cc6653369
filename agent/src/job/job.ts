import type { Outcome } from '@alphatensor-edge/proto';
import type { VerifiedFactorization } from '@alphatensor-edge/shared';
import type { Problem } from '../measure/problem.js';
import type { ResolvedProtocol } from '../measure/protocol.js';
import type { MeasuringProgress } from '../measure/rounds.js';
import type { KernelPlan } from '../plan/kernel-plan.js';

/** Holds one candidate to compile, check and time. */
export interface Job {
  readonly jobId: string;
  /** Recursion levels, outermost first. None: the baseline against itself (the control). */
  readonly levels: readonly VerifiedFactorization[];
  readonly problem: Problem;
  /** A name that `describeBackends` lists. */
  readonly backend: string;
  /** Empty: the backend's default. */
  readonly variant: string;
  readonly protocol: ResolvedProtocol;
  readonly compileTimeoutSeconds: number;
  /** Number of plans of the variant `packed` to try first, with the default one. 0: use the default plan. */
  readonly tunePlans: number;
  /** The most workspace that a program may take, bytes. Absent: any. */
  readonly maxWorkspaceBytes?: number | undefined;
  /** The candidate's plan, if one was found before. Absent: the one that suits the caches. */
  readonly kernel?: KernelPlan | undefined;
}

/** Tells what happens on the way to the outcome. */
export type Progress =
  | { readonly kind: 'compiling'; readonly compiler: string }
  /** Another measurement on this host has to end first; `holder` says whose. */
  | { readonly kind: 'waiting'; readonly holder: string }
  | { readonly kind: 'tuning'; readonly plansTried: number; readonly plans: number }
  | MeasuringProgress;

/** Holds what the caller hands in: a signal to stop, and a listener. */
export interface JobHooks {
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}

/** Compiles, checks and times one job (`runJob`). Rejects only for faults of ours or of the device. */
export type RunJob = (job: Job, hooks: JobHooks) => Promise<Outcome>;
