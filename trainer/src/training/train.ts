import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { AlphaTensorError, present } from '@alphatensor-edge/shared';
import { parseTrainingConfig, type TrainingConfig } from '../config.js';
import { chooseActBackend } from '../network/act-backend.js';
import { startBackend } from '../network/backend.js';
import type { Calibration, MetricsLine } from '../run/metrics.js';
import { startActors } from './actors.js';
import { type Beginning, readBeginning } from './beginning.js';
import type { TrainingInfo, TrainingOptions, TrainingResult } from './contract.js';
import { FollowUp } from './follow-up.js';
import { gradientsOf } from './gradient-engine.js';
import { HeldOutGames } from './held-out.js';
import { type Learner, learn, meanOfSteps, type StepMetrics } from './learner.js';
import { learningRateAt } from './optimizer.js';
import { PLAIN_REWARD } from './reward.js';
import type { Actors } from './round.js';
import { bestRanksOfOthers, roundMetrics } from './round-metrics.js';
import { planRound } from './round-plan.js';
import { RunState } from './run-state.js';

export type * from './contract.js';

/** The learner steps between two lines of the learner's metrics. */
export const METRICS_EVERY = 50;
/** The learner steps between two evaluations on held-out games. */
export const EVALUATE_EVERY = 500;

/**
 * Learns and plays in turn: `acting.everySteps` learner steps on the replay's mix, then a round of games whose solutions and policies
 * go into the replay. Every random choice follows from the seed and the step. So a resumed run equals an uninterrupted one, except that
 * measured bonuses may arrive at other times.
 *
 * @throws AlphaTensorError INVALID_ARGUMENT for a wrong configuration or a checkpoint of another network, NOT_FOUND if a file is
 *   missing, UNAVAILABLE if the backend does not run
 */
export async function runTraining(wanted: TrainingConfig, options: TrainingOptions): Promise<TrainingResult> {
  const config = parseTrainingConfig(wanted);
  const backend = await startBackend(config.tfBackend);
  const acting = chooseActBackend(config.actBackend, backend);
  const learning = chooseActBackend(config.learnBackend, backend, '--learn-backend');
  const beginning = await readBeginning(config, options);
  const state = new RunState(config, options, beginning);
  try {
    state.restore();
    const loop = new TrainingLoop(config, options, { acting, learning }, beginning, state);
    try {
      const { provenance } = beginning;
      const weights = state.network.parameters.count;
      options.hooks?.onStart?.({ backend, acting, learning, weights, config, ...provenance, step: state.step });
      const reason = await loop.run();
      return { ...(await loop.finish()), ...provenance, reason, backend };
    } finally {
      await loop.close();
    }
  } finally {
    state.dispose();
  }
}

/** Learns and plays in turn. */
class TrainingLoop {
  readonly #config: TrainingConfig;
  readonly #options: TrainingOptions;
  readonly #state: RunState;
  readonly #heldOut: HeldOutGames;
  readonly #learner: Learner;
  readonly #actors: Actors;
  readonly #followUp: FollowUp;
  /** The steps since the last line of their metrics. */
  #recent: StepMetrics[] = [];

  constructor(
    config: TrainingConfig,
    options: TrainingOptions,
    { acting, learning }: Pick<TrainingInfo, 'acting' | 'learning'>,
    { parts }: Beginning,
    state: RunState,
  ) {
    const { reward = PLAIN_REWARD } = options;
    this.#config = config;
    this.#options = options;
    this.#state = state;
    this.#heldOut = new HeldOutGames(config, parts);
    this.#learner = {
      gradients: gradientsOf(state.network, config.learner, learning),
      optimizer: state.optimizer,
      permutations: state.network.permutations,
    };
    this.#actors = startActors(state.network, config, acting, reward);
    this.#followUp = new FollowUp(state.replay, reward);
    this.#followUp.recall();
  }

  async run(): Promise<TrainingResult['reason']> {
    const { acting, checkpoints } = this.#config;
    const state = this.#state;
    for (;;) {
      const reason = this.#reasonToStop();
      if (reason !== undefined) return reason;
      if (!state.isRoundDue) {
        await this.#learn();
        if (state.step % EVALUATE_EVERY === 0) await this.#evaluate();
        state.isRoundDue = acting.games > 0 && state.step >= acting.fromStep && state.step % acting.everySteps === 0;
      }
      if (state.isRoundDue) await this.#playRound();
      if (state.step % checkpoints.everySteps === 0) await state.save();
      // Between two steps, signals, measurements and the caller's own work are handled.
      await setImmediate();
      this.#followUp.check();
    }
  }

  async finish(): Promise<
    Pick<TrainingResult, 'step' | 'seconds' | 'bestRank' | 'games' | 'solved' | 'checkpoint' | 'pendingMeasurements'>
  > {
    // Measurements that are under way at the end still count and go into the checkpoint. A person who stops a run need not wait for them.
    if (!this.#options.signal?.aborted) await this.#followUp.settle();
    this.#followUp.check();
    const { step, seconds, finds } = this.#state;
    const { bestRank, games, solved } = finds;
    const checkpoint = await this.#state.save();
    return { step, seconds, bestRank, games, solved, checkpoint, pendingMeasurements: this.#followUp.pending };
  }

  async close(): Promise<void> {
    await this.#actors.close();
    await this.#learner.gradients.close();
  }

  #reasonToStop(): TrainingResult['reason'] | undefined {
    const { signal, stop } = this.#options;
    const { budgetSeconds = Infinity, untilRank = 0, maxSteps = Infinity } = stop;
    if (signal?.aborted) return 'aborted';
    if ((this.#state.finds.bestRank ?? Infinity) <= untilRank) return 'rank';
    if (this.#state.step >= maxSteps) return 'steps';
    if (this.#state.elapsed >= budgetSeconds) return 'budget';
    return undefined;
  }

  async #learn(): Promise<void> {
    const { learner } = this.#config;
    const state = this.#state;
    const random = state.random.split(`learn/${state.step}`);
    const examples = Array.from({ length: learner.batchSize }, () => state.replay.sample(random));
    this.#recent.push(await learn(this.#learner, examples, learner, random));
    state.step++;
    if (state.step % METRICS_EVERY !== 0) return;
    const { synthetic, played, best } = state.replay.mix;
    this.#report({
      ...meanOfSteps(this.#recent),
      learningRate: learningRateAt(state.step, learner),
      'mix.synthetic': synthetic,
      'mix.played': played,
      'mix.best': best,
    });
    this.#recent = [];
  }

  async #evaluate(): Promise<void> {
    const { step, random, network } = this.#state;
    const { values, calibration } = await this.#heldOut.evaluate(network, random.split(`held-out/${step}`));
    this.#report(values, calibration);
  }

  /** Plays a round. If it is stopped in the middle, it stays due. */
  async #playRound(): Promise<void> {
    const { step, random, replay, finds } = this.#state;
    const { signal } = this.#options;
    const { games } = this.#config.acting;
    const { searcher, moveLimit, insideGames } = planRound(this.#config, replay.best);
    const choice = random.split(`begun/${step}`);
    const begun = Array.from({ length: insideGames }, () => replay.begunGame(choice));
    const round = {
      searcher,
      games,
      moveLimit,
      begun,
      name: `step-${step}`,
      random: random.split(`act/${step}`),
      signal,
    };
    const began = performance.now();
    try {
      const played = await this.#actors.act(round);
      const seconds = (performance.now() - began) / 1000;
      for (const game of played) {
        const found = await finds.take(game, { step, seconds: this.#state.seconds });
        for (const find of found) this.#followUp.follow(find);
      }
      this.#report(roundMetrics(played, seconds, this.#config.size));
      this.#state.isRoundDue = false;
    } catch (error) {
      if (!(signal?.aborted && error instanceof AlphaTensorError)) throw error;
    }
  }

  #report(values: MetricsLine, calibration?: Calibration): void {
    const { step, seconds, replay, finds } = this.#state;
    const own = present({ bestRank: finds.bestRank });
    const others = bestRanksOfOthers(replay.best, this.#config.size);
    this.#options.hooks?.onMetrics?.({ time: seconds, step, ...values, ...own, ...others }, calibration);
  }
}
