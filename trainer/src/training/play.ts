import { performance } from 'node:perf_hooks';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { MetricsLine } from '../run/metrics.js';
import type { FoundFactorization } from './contract.js';
import type { GameSource, SourcedGame } from './game-source.js';
import { roundMetrics } from './round-metrics.js';
import { planRound } from './round-plan.js';
import type { RunState } from './run-state.js';

/** Says what becomes of the games that a run takes. */
interface PlayHooks {
  readonly signal?: AbortSignal | undefined;
  onFind(found: FoundFactorization): void;
  onMetrics(line: MetricsLine): void;
}

/** Publishes a run's weights to its source of games, and takes the games into its state. */
export class Play {
  readonly #config: TrainingConfig;
  readonly #state: RunState;
  readonly #source: GameSource;
  readonly #hooks: PlayHooks;
  /** The games since the last line of their metrics, and the seconds in which they were played. */
  #recent: SourcedGame[] = [];
  #seconds = 0;
  #takenAt = performance.now();

  constructor(config: TrainingConfig, state: RunState, source: GameSource, hooks: PlayHooks) {
    this.#config = config;
    this.#state = state;
    this.#source = source;
    this.#hooks = hooks;
    // Nobody plays for a resumed run before the first publication.
    if (!source.isInTurn && this.#mayPlay) state.isRoundDue = true;
  }

  /** Notes that the learner has made a step: every so many of them the weights are to be published. */
  noteStep(): void {
    const { everySteps } = this.#config.acting;
    this.#state.isRoundDue = this.#mayPlay && this.#state.step % everySteps === 0;
  }

  /** Publishes the weights if they are due, and takes the games that have ended. If a round is stopped in the middle, it stays due. */
  async advance(): Promise<void> {
    const state = this.#state;
    const { signal } = this.#hooks;
    if (state.isRoundDue) await this.#publish();
    const asked = performance.now();
    try {
      const taken = await this.#source.take({ step: state.step, signal });
      const now = performance.now();
      this.#seconds += (now - (this.#source.isInTurn ? asked : this.#takenAt)) / 1000;
      this.#takenAt = now;
      for (const game of taken) await this.#keep(game);
      state.isRoundDue = false;
      this.#report();
    } catch (error) {
      if (!(signal?.aborted && error instanceof AlphaTensorError)) throw error;
    }
  }

  get #mayPlay(): boolean {
    const { games, fromStep } = this.#config.acting;
    return games > 0 && this.#state.step >= fromStep;
  }

  async #publish(): Promise<void> {
    const { step, random, replay, network, flips } = this.#state;
    const plan = planRound(this.#config, replay.best, flips?.rank);
    const choice = random.split(`begun/${step}`);
    await this.#source.publish({
      step,
      weights: () => network.parameters.export(),
      plan,
      begun: Array.from({ length: plan.insideGames }, () => replay.begunGame(choice)),
      random: random.split(`act/${step}`),
    });
  }

  async #keep(game: SourcedGame): Promise<void> {
    const { finds, step, seconds } = this.#state;
    for (const found of await finds.take(game, { step, seconds })) this.#hooks.onFind(found);
    this.#recent.push(game);
  }

  /** Reports the games since the last line, once there are as many as a round has. */
  #report(): void {
    if (this.#recent.length < Math.max(1, this.#config.acting.games)) return;
    this.#hooks.onMetrics({
      ...roundMetrics(this.#recent, this.#seconds, this.#config.size),
      ...this.#source.metrics(),
    });
    this.#recent = [];
    this.#seconds = 0;
  }
}
