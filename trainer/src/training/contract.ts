import type { TrainingConfig } from '../config.js';
import type { ActiveActBackend } from '../network/act-backend.js';
import type { ActiveBackend } from '../network/backend.js';
import type { Calibration, MetricsLine } from '../run/metrics.js';
import type { NetworkProvenance } from '../run/provenance.js';
import type { StartGameSource } from './game-source.js';
import type { Reward, Rewarded } from './reward.js';
import type { Searcher } from './round.js';

// These are the types that a training run and its caller exchange.

/** Holds a factorization that a game of this run found. */
export interface FoundFactorization extends NetworkProvenance, Rewarded {
  readonly gameId: string;
  /** Whether the game ended with it. If not, one of its simulations ran into it. */
  readonly isFinal: boolean;
  readonly searcher: Searcher;
  /** Whether the game began inside an earlier find, or inside the schoolbook algorithm, whose other terms it kept. */
  readonly isInside: boolean;
  readonly step: number;
  /** Seconds of the run, with the earlier parts of a resumed run. */
  readonly seconds: number;
  /** Whether it is new: not found before since the run was started or resumed, and not among the best that it resumed with. */
  readonly isNew: boolean;
}

/** Holds the functions that tell the caller about a run. They must not throw. A rejected promise ends the run with its error. */
export interface TrainingHooks {
  /** Called once, when the backend and the network are ready. */
  readonly onStart?: ((info: TrainingInfo) => void) | undefined;
  /**
   * Is called every `METRICS_EVERY` learner steps and after each round of games. Every `EVALUATE_EVERY` steps it gets `calibration`:
   * [expected return, real return] for each rank of held-out games.
   */
  readonly onMetrics?: ((line: MetricsLine, calibration?: Calibration) => void) | undefined;
  /** Called for each factorization that a game found, known ones included. The file of a new one is written before. */
  readonly onFactorization?: ((found: FoundFactorization) => void | Promise<void>) | undefined;
}

/** Describes a run that begins. */
export interface TrainingInfo extends NetworkProvenance {
  readonly backend: ActiveBackend;
  /** What games are played through. */
  readonly acting: ActiveActBackend;
  /** What gradients are computed through. */
  readonly learning: ActiveActBackend;
  /** Who plays and when, in one line for people. */
  readonly playing: string;
  readonly weights: number;
  readonly config: TrainingConfig;
  /** The step at which the run begins or goes on. */
  readonly step: number;
}

/** Says when a run ends. */
export interface StopConditions {
  /** Seconds of this call. A resumed run gets them again. */
  readonly budgetSeconds?: number | undefined;
  /** The run ends as soon as a factorization of this rank or less is found. */
  readonly untilRank?: number | undefined;
  /** Learner steps of the whole run, with its earlier parts. */
  readonly maxSteps?: number | undefined;
}

/** Sets how a run is trained. */
export interface TrainingOptions {
  /** The folder that gets `checkpoints/` and `factorizations/`. It is made if it does not exist. */
  readonly runDir: string;
  /** Ends the run after the current step. The state is saved, so the run can be resumed. */
  readonly signal?: AbortSignal | undefined;
  readonly hooks?: TrainingHooks | undefined;
  /** What is added to a game's own return; by default nothing. */
  readonly reward?: Reward | undefined;
  /** Starts what plays the games; by default they are played in turn with learning. */
  readonly startGames?: StartGameSource | undefined;
  readonly stop: StopConditions;
  /** Whether to go on from the newest checkpoint of `runDir`. */
  readonly resume?: boolean | undefined;
  /** The checkpoint whose weights the run starts from. It is ignored in a resumed run. */
  readonly checkpoint?: string | undefined;
}

/** Holds the result of a run. */
export interface TrainingResult extends NetworkProvenance {
  readonly reason: 'budget' | 'rank' | 'steps' | 'aborted';
  readonly step: number;
  readonly seconds: number;
  readonly bestRank: number | undefined;
  readonly games: number;
  readonly solved: number;
  readonly checkpoint: string;
  readonly backend: ActiveBackend;
  /** Number of measurements that had not ended. Only an aborted run leaves any. */
  readonly pendingMeasurements: number;
}
