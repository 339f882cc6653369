import type { Random } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { ActiveActBackend } from '../network/act-backend.js';
import type { Network } from '../network/model.js';
import type { StoredWeight } from '../network/parameters.js';
import type { MetricsLine } from '../run/metrics.js';
import type { BegunGame } from './game-inside.js';
import type { ReplayBuffer } from './replay-buffer.js';
import type { Reward } from './reward.js';
import type { ActedGame } from './round.js';
import type { RoundPlan } from './round-plan.js';

// These types are the seam between the learner and those who play for it: in its own thread in turn, on worker threads, or elsewhere.

/** Holds what the learner gives to those who play. */
export interface Publication {
  /** The learner step of the weights, which is their version. */
  readonly step: number;
  /** Gives the weights of that step, in the network's order. It is called before `publish` resolves, or not at all. */
  weights(): readonly StoredWeight[];
  /** How games are played until the next publication. */
  readonly plan: RoundPlan;
  /** `plan.insideGames` games that have begun already. They are played beside every `acting.games` games from the target. */
  readonly begun: readonly BegunGame[];
  /** Gives the random numbers of a run that can be repeated. A source that cannot be repeated need not use it. */
  readonly random: Random;
}

/** Holds a game that has ended, and what it was played with. */
export interface SourcedGame extends ActedGame {
  /** The step of the oldest weights with which a part of it was played. */
  readonly weightsStep: number;
}

/** Says how far the learner is when it asks for games. */
export interface TakeOptions {
  readonly step: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives a learner its games. The learner publishes its weights every `acting.everySteps` steps from `acting.fromStep` on, and takes
 * the games that have ended after each step.
 */
export interface GameSource {
  /** Says who plays and when, in one line for people. */
  readonly description: string;
  /** Whether games are played only while `take` waits for them. Otherwise they are played at any time after a publication. */
  readonly isInTurn: boolean;
  /** Gives weights and a plan to those who play. It resolves without waiting for a game. */
  publish(publication: Publication): Promise<void>;
  /**
   * Takes the games that have ended since the last call. It waits only as far as the source says that it does: for a whole round, or until
   * no game under way is staler than its bound.
   * @throws AlphaTensorError CANCELLED after `signal` was aborted while it waited; other errors if those who play failed
   */
  take(options: TakeOptions): Promise<readonly SourcedGame[]>;
  /** Is told that a checkpoint holds all games taken so far. */
  saved?(): Promise<void>;
  /** Gives the source's own figures for the metrics, about the games since it was asked last. */
  metrics(): MetricsLine;
  /** Ends what plays. Games under way are lost. */
  close(): Promise<void>;
}

/** Holds what a source is started with. */
export interface GameSourceContext {
  /** Its weights change at each learner step. A source that plays at the same time plays with those it was given by `publish`. */
  readonly network: Network;
  readonly config: TrainingConfig;
  readonly acting: ActiveActBackend;
  readonly reward: Reward;
  /** What the learner learns from. A source may drop games from it. */
  readonly replay: ReplayBuffer;
}

/** Starts a source of games. */
export type StartGameSource = (context: GameSourceContext) => GameSource | Promise<GameSource>;
