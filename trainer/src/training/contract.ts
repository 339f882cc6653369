import type { VerifiedFactorization } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { ActiveBackend } from '../network/backend.js';
import type { Calibration, MetricsLine } from '../run/metrics.js';
import type { NetworkProvenance } from '../run/provenance.js';
import type { Searcher } from './actor.js';

// What a training run tells its caller, and is told.

/** A factorization that a game of this run came to. */
export interface FoundFactorization extends NetworkProvenance {
  readonly factorization: VerifiedFactorization;
  readonly hash: string;
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

/** How a caller takes part in a run. None of them may throw; a rejected promise ends the run with its error. */
export interface TrainingHooks {
  /** Called once, when the backend and the network stand. */
  readonly onStart?: (info: TrainingInfo) => void;
  /**
   * Every `METRICS_EVERY` learner steps, after each round of games, and with `calibration` ([expected return, real return] for each
   * rank of held-out games) every `EVALUATE_EVERY` steps.
   */
  readonly onMetrics?: (line: MetricsLine, calibration?: Calibration) => void;
  /** For each factorization a game came to, known ones included. Files of new ones are written before. */
  readonly onFactorization?: (found: FoundFactorization) => void | Promise<void>;
  /** The estimate of lambda * b while nothing is measured; undefined stands for a game out of moves: -lambda * b_max. */
  readonly terminalBonus?: (factorization: VerifiedFactorization | undefined) => number;
  /**
   * Starts a measurement and resolves to lambda * b; to `lost` if infrastructure lost it, and the game is dropped from the
   * replay; to undefined if none was made or nothing learnt, and the estimate stays. Training goes
   * on meanwhile: when the reward arrives it changes the value targets of the game that ended with the factorization, and the
   * factorization's own among the best. Called for each that a game came to, known ones too: the caller caches by `hash`.
   */
  readonly measure?: (found: FoundFactorization) => Promise<number | 'lost' | undefined>;
  /** lambda * b of what an earlier part of a resumed run measured, by content hash. */
  readonly measuredBefore?: (hash: string) => number | undefined;
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
  readonly budgetSeconds?: number;
  /** Stop as soon as something of this rank or less is found. */
  readonly untilRank?: number;
  /** Learner steps of the whole run, earlier parts included. */
  readonly maxSteps?: number;
}

export interface TrainingOptions {
  /** `checkpoints/` and `factorizations/` are written into it; made if absent. */
  readonly runDir: string;
  /** Ends the run after the step in progress; the state is saved, so that it can be resumed. */
  readonly signal?: AbortSignal;
  readonly hooks?: TrainingHooks;
  readonly stop: StopConditions;
  /** Go on from the newest checkpoint of `runDir`. */
  readonly resume?: boolean;
  /** Start from the weights of this checkpoint; ignored when resuming. */
  readonly checkpoint?: string;
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
