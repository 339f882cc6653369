import type { Interval, MeasuringProtocol } from '@alphatensor-edge/proto';
import type { VerifiedFactorization } from '@alphatensor-edge/shared';
import type { KernelPlan } from '../plan/kernel-plan.js';
import type { ProblemShape } from '../plan/plan.js';

/** C = A B with A m x k and B k x n, row-major, on `threads` threads. */
export interface JobProblem extends ProblemShape {
  readonly threads: number;
}

/** One candidate to compile, check and time. */
export interface Job {
  readonly jobId: string;
  /** Recursion levels, outermost first. None: the baseline against itself (the control). */
  readonly levels: readonly VerifiedFactorization[];
  readonly problem: JobProblem;
  /** A name that `describeBackends` lists. */
  readonly backend: string;
  /** Empty: the backend's default. */
  readonly variant: string;
  readonly protocol: ResolvedProtocol;
  readonly compileTimeoutSeconds: number;
  /** Plans of the variant `packed` to try first, the default one among them; 0: the default plan. */
  readonly tunePlans: number;
  /** The candidate's plan, where one was found before; absent: the one that suits the caches. */
  readonly kernel?: KernelPlan;
}

/** A measuring protocol with every default filled in and every bound checked; only `resolveProtocol` makes one. */
export type ResolvedProtocol = Readonly<MeasuringProtocol> & { readonly resolved: true };

/** What happens on the way to the outcome. */
export type Progress =
  | { readonly kind: 'compiling'; readonly compiler: string }
  | { readonly kind: 'tuning'; readonly plansTried: number; readonly plans: number }
  | { readonly kind: 'measuring'; readonly rounds: number; readonly speedup?: Interval };

/** What the caller hands in: a way to stop and an ear. */
export interface JobHooks {
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}
