import type { Outcome } from '@alphatensor-edge/proto';
import type { VerifiedFactorization } from '@alphatensor-edge/shared';
import type { Problem } from '../measure/problem.js';
import type { ResolvedProtocol } from '../measure/protocol.js';
import type { MeasuringProgress } from '../measure/rounds.js';
import type { KernelPlan } from '../plan/kernel-plan.js';

/** One candidate to compile, check and time. */
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
  /** Plans of the variant `packed` to try first, the default one among them; 0: the default plan. */
  readonly tunePlans: number;
  /** The candidate's plan, where one was found before; absent: the one that suits the caches. */
  readonly kernel?: KernelPlan | undefined;
}

/** What happens on the way to the outcome. */
export type Progress =
  | { readonly kind: 'compiling'; readonly compiler: string }
  | { readonly kind: 'tuning'; readonly plansTried: number; readonly plans: number }
  | MeasuringProgress;

/** What the caller hands in: a way to stop and an ear. */
export interface JobHooks {
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}

/** Compiles, checks and times one job (`runJob`); rejects only for faults of ours and of the device. */
export type RunJob = (job: Job, hooks: JobHooks) => Promise<Outcome>;
