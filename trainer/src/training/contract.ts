import type { TrainingConfig } from '../config.js';
import type { ActiveBackend } from '../network/backend.js';
import type { Calibration, MetricsLine } from '../run/metrics.js';
import type { NetworkProvenance } from '../run/provenance.js';
import type { Reward, Rewarded } from './reward.js';
import type { Searcher } from './round.js';

// What a training run tells its caller, and is told.

/** A factorization that a game of this run came to. */
export interface FoundFactorization extends NetworkProvenance, Rewarded {
  readonly gameId: string;
  /** Whether the game ended with it; else one of its simulations ran into it. */
  readonly isFinal: boolean;
  readonly searcher: Searcher;
  /** Whether the game began inside an earlier find, or inside the schoolbook algorithm, whose other terms it kept. */
  readonly isInside: boolean;
  readonly step: number;
  /** Seconds of the run, earlier parts of a resumed one included. */
  readonly seconds: number;
  /** Whether the run found it for the first time (since it was started or resumed, and not among the best it resumed with). */
  readonly isNew: boolean;
}

/** What a caller is told of a run. None of them may throw; a rejected promise ends the run with its error. */
export interface TrainingHooks {
  /** Called once, when the backend and the network stand. */
  readonly onStart?: ((info: TrainingInfo) => void) | undefined;
  /**
   * Every `METRICS_EVERY` learner steps, after each round of games, and with `calibration` ([expected return, real return] for each
   * rank of held-out games) every `EVALUATE_EVERY` steps.
   */
  readonly onMetrics?: ((line: MetricsLine, calibration?: Calibration) => void) | undefined;
  /** For each factorization a game came to, known ones included. Files of new ones are written before. */
  readonly onFactorization?: ((found: FoundFactorization) => void | Promise<void>) | undefined;
}

export interface TrainingInfo extends NetworkProvenance {
  readonly backend: ActiveBackend;
  readonly weights: number;
  readonly config: TrainingConfig;
  /** The step the run begins or goes on at. */
  readonly step: number;
}

export interface StopConditions {
  /** Of this call; a resumed run gets them anew. */
  readonly budgetSeconds?: number | undefined;
  /** Stop as soon as something of this rank or less is found. */
  readonly untilRank?: number | undefined;
  /** Learner steps of the whole run, earlier parts included. */
  readonly maxSteps?: number | undefined;
}

export interface TrainingOptions {
  /** `checkpoints/` and `factorizations/` are written into it; made if absent. */
  readonly runDir: string;
  /** Ends the run after the step in progress; the state is saved, so that it can be resumed. */
  readonly signal?: AbortSignal | undefined;
  readonly hooks?: TrainingHooks | undefined;
  /** What is added to a game's own return; default: nothing. */
  readonly reward?: Reward | undefined;
  readonly stop: StopConditions;
  /** Go on from the newest checkpoint of `runDir`. */
  readonly resume?: boolean | undefined;
  /** Start from the weights of this checkpoint; ignored when resuming. */
  readonly checkpoint?: string | undefined;
}

export interface TrainingResult extends NetworkProvenance {
  readonly reason: 'budget' | 'rank' | 'steps' | 'aborted';
  readonly step: number;
  readonly seconds: number;
  readonly bestRank: number | undefined;
  readonly games: number;
  readonly solved: number;
  readonly checkpoint: string;
  readonly backend: ActiveBackend;
  /** Measurements that were still under way at the end; only a run that was aborted leaves any. */
  readonly pendingMeasurements: number;
}
