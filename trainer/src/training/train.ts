import { setImmediate } from 'node:timers/promises';
import { present } from '@alphatensor-edge/shared';
import { parseTrainingConfig, type TrainingConfig } from '../config.js';
import { startBackend } from '../network/backend.js';
import type { Calibration, MetricsLine } from '../run/metrics.js';
import { type Beginning, readBeginning } from './beginning.js';
import type { TrainingOptions, TrainingResult } from './contract.js';
import { chooseActing, chooseLearning } from './faster-engine.js';
import { FollowUp } from './follow-up.js';
import type { GameSource, GameSourceContext } from './game-source.js';
import { gradientsOf } from './gradient-engine.js';
import type { GradientEngine } from './gradients.js';
import { HeldOutGames } from './held-out.js';
import { GamesInTurn } from './in-turn.js';
import { type Learner, learn, meanOfSteps, type StepMetrics } from './learner.js';
import { GamesMeanwhile } from './meanwhile.js';
import { learningRateAt } from './optimizer.js';
import { Play } from './play.js';
import { PLAIN_REWARD } from './reward.js';
import { bestRanksOfOthers } from './round-metrics.js';
import { RunState } from './run-state.js';

export type * from './contract.js';

/** The learner steps between two lines of the learner's metrics. */
export const METRICS_EVERY = 50;
/** The learner steps between two evaluations on held-out games. */
export const EVALUATE_EVERY = 500;

/**
 * Learns from the replay's mix, and takes the games that its source of games gives: their solutions and policies go into the replay. If
 * they are played in turn with learning, every random choice follows from the seed and the step. So a resumed run equals an
 * uninterrupted one, except that measured bonuses may arrive at other times.
 *
 * @throws AlphaTensorError INVALID_ARGUMENT for a wrong configuration or a checkpoint of another network, NOT_FOUND if a file is
 *   missing, UNAVAILABLE if the backend does not run
 */
export async function runTraining(wanted: TrainingConfig, options: TrainingOptions): Promise<TrainingResult> {
  const config = parseTrainingConfig(wanted);
  const backend = await startBackend(config.tfBackend);
  const beginning = await readBeginning(config, options);
  const state = new RunState(config, options, beginning);
  try {
    state.restore();
    const context = { network: state.network, config, backend };
    const acting = await chooseActing(context);
    const learning = await chooseLearning(context);
    const gradients = gradientsOf(state.network, config.learner, learning);
    try {
      const { reward = PLAIN_REWARD, startGames = startGamesHere } = options;
      const source = await startGames({ network: state.network, config, acting, reward, replay: state.replay });
      try {
        const { provenance } = beginning;
        const weights = state.network.parameters.count;
        const playing = source.description;
        const { step } = state;
        options.hooks?.onStart?.({ backend, acting, learning, playing, weights, config, ...provenance, step });
        const loop = new TrainingLoop(config, options, { gradients, source }, beginning, state);
        const reason = await loop.run();
        return { ...(await loop.finish()), ...provenance, reason, backend };
      } finally {
        await source.close();
      }
    } finally {
      await gradients.close();
    }
  } finally {
    state.dispose();
  }
}

/** Starts the source of games that the configuration names. */
function startGamesHere(context: GameSourceContext): GameSource {
  return context.config.acting.play === 'meanwhile' ? new GamesMeanwhile(context) : new GamesInTurn(context);
}

/** Learns, and takes games. */
class TrainingLoop {
  readonly #config: TrainingConfig;
  readonly #options: TrainingOptions;
  readonly #state: RunState;
  readonly #heldOut: HeldOutGames;
  readonly #learner: Learner;
  readonly #source: GameSource;
  readonly #play: Play;
  readonly #followUp: FollowUp;
  /** The steps since the last line of their metrics. */
  #recent: StepMetrics[] = [];

  constructor(
    config: TrainingConfig,
    options: TrainingOptions,
    { gradients, source }: { readonly gradients: GradientEngine; readonly source: GameSource },
    { parts }: Beginning,
    state: RunState,
  ) {
    const { reward = PLAIN_REWARD } = options;
    this.#config = config;
    this.#options = options;
    this.#state = state;
    this.#heldOut = new HeldOutGames(config, parts);
    this.#learner = {
      gradients,
      optimizer: state.optimizer,
      coordinates: state.network,
    };
    this.#source = source;
    if (!source.isInTurn) state.replay.limitPlayed(config.acting.samplesPerPosition);
    this.#followUp = new FollowUp(state.replay, reward);
    this.#followUp.recall();
    this.#play = new Play(config, state, source, {
      signal: options.signal,
      onFind: (found) => this.#followUp.follow(found),
      onMetrics: (line) => this.#report(line),
    });
  }

  async run(): Promise<TrainingResult['reason']> {
    const { checkpoints } = this.#config;
    const state = this.#state;
    // So that the first step has something to show. A resumed run has it in its checkpoint.
    if (state.flips?.hasWalked === false) this.#walk();
    for (;;) {
      const reason = this.#reasonToStop();
      if (reason !== undefined) return reason;
      if (!state.isRoundDue) {
        await this.#learn();
        if (state.flips?.isDue(state.step)) this.#walk();
        if (state.step % EVALUATE_EVERY === 0) await this.#evaluate();
        this.#play.noteStep();
      }
      await this.#play.advance();
      if (state.step % checkpoints.everySteps === 0) await this.#save();
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
    const checkpoint = await this.#save();
    return { step, seconds, bestRank, games, solved, checkpoint, pendingMeasurements: this.#followUp.pending };
  }

  async #save(): Promise<string> {
    const path = await this.#state.save();
    await this.#source.saved?.();
    return path;
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
    const { flipsShare } = state.replay;
    this.#report({
      ...meanOfSteps(this.#recent),
      learningRate: learningRateAt(state.step, learner),
      'mix.synthetic': synthetic * (1 - flipsShare),
      'mix.played': played * (1 - flipsShare),
      'mix.best': best * (1 - flipsShare),
      ...(state.flips && { 'mix.flips': flipsShare, ...state.flips.metrics() }),
    });
    this.#recent = [];
  }

  /** Lets the walks in the flip graph go on, from what the games found too. */
  #walk(): void {
    const { flips, step, random, replay } = this.#state;
    const played = replay.best.flatMap(({ origin, factorization }) => (origin === 'rl' ? [factorization] : []));
    flips?.walk(step, played, random.split(`flips/${step}`));
  }

  async #evaluate(): Promise<void> {
    const { step, random, network } = this.#state;
    const { values, calibration } = await this.#heldOut.evaluate(network, random.split(`held-out/${step}`));
    this.#report(values, calibration);
  }

  #report(values: MetricsLine, calibration?: Calibration): void {
    const { step, seconds, replay, finds } = this.#state;
    const own = present({ bestRank: finds.bestRank });
    const others = bestRanksOfOthers(replay.best, this.#config.size);
    this.#options.hooks?.onMetrics?.({ time: seconds, step, ...values, ...own, ...others }, calibration);
  }
}
