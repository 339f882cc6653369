import { performance } from 'node:perf_hooks';
import { Random } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { Network } from '../network/model.js';
import { checkpointPath, rotateCheckpoints, saveCheckpoint } from '../run/checkpoint.js';
import type { Beginning } from './beginning.js';
import type { TrainingOptions } from './contract.js';
import { Finds } from './finds.js';
import { FlipDemonstrations } from './flips/flip-demonstrations.js';
import { AdamW } from './optimizer.js';
import { ReplayBuffer } from './replay-buffer.js';
import { PLAIN_REWARD } from './reward.js';

/** Holds what changes while a training run goes on; a checkpoint keeps all of it. */
export class RunState {
  /** Number of learner steps so far. */
  step = 0;
  /** Whether the games that follow the last step are still to be played. */
  isRoundDue = false;
  /** Never drawn from. Each choice splits its own generator off it, by name and step. */
  readonly random: Random;
  readonly network: Network;
  readonly optimizer: AdamW;
  readonly replay: ReplayBuffer;
  /** What the run's own walks in the flip graph give; undefined in a run without them. */
  readonly flips: FlipDemonstrations | undefined;
  readonly finds: Finds;
  readonly #config: TrainingConfig;
  readonly #runDir: string;
  readonly #beginning: Beginning;
  readonly #startedAt = performance.now();

  constructor(config: TrainingConfig, options: TrainingOptions, beginning: Beginning) {
    const { runDir, hooks, reward = PLAIN_REWARD } = options;
    const { parts, provenance } = beginning;
    this.#config = config;
    this.#runDir = runDir;
    this.#beginning = beginning;
    this.random = new Random(config.seed);
    this.network = new Network(config.network, gameRules(config), this.random.split('weights'));
    this.optimizer = new AdamW(config.learner, this.network.parameters);
    const { flips } = config.demonstrations;
    this.flips = flips && new FlipDemonstrations(config, flips);
    this.replay = new ReplayBuffer(gameRules(config), config, parts, { images: reward.images, flips: this.flips });
    const { onFactorization } = hooks ?? {};
    this.finds = new Finds({
      config,
      runDir,
      provenance,
      replay: this.replay,
      flips: this.flips,
      reward,
      onFactorization,
    });
  }

  /**
   * Takes over what the run begins with: weights, demonstrations, and the state of a resumed run.
   * @throws AlphaTensorError INVALID_ARGUMENT if the weights or the state belong to another network
   */
  restore(): void {
    const { weights, walkStarts, shown, resumed } = this.#beginning;
    if (weights !== undefined) this.network.parameters.import(weights);
    for (const factorization of shown) this.replay.addBest(factorization, 0, 'demonstration');
    if (resumed === undefined) {
      this.flips?.begin(walkStarts);
      return;
    }
    const { step, state } = resumed;
    this.step = step;
    this.isRoundDue = state.isRoundDue;
    this.optimizer.import(state.optimizer);
    this.replay.restore(state.played, state.best);
    if (state.flips !== undefined) this.flips?.restore(state.flips);
    this.finds.restore(state);
  }

  /** Gives the seconds since this process started or resumed the run. */
  get elapsed(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  /** Gives the seconds of the run, with its earlier parts. */
  get seconds(): number {
    return (this.#beginning.resumed?.state.seconds ?? 0) + this.elapsed;
  }

  /** Saves a checkpoint, drops the oldest ones, and returns its folder. */
  async save(): Promise<string> {
    const path = checkpointPath(this.#runDir, this.step);
    await saveCheckpoint(path, {
      config: this.#config,
      step: this.step,
      ...this.#beginning.provenance,
      shownOrbits: this.#shownOrbits,
      weights: this.network.parameters.export(),
      resume: {
        optimizer: this.optimizer.export(),
        played: this.replay.played,
        best: this.replay.best,
        flips: this.flips?.export(),
        seconds: this.seconds,
        bestRank: this.finds.bestRank,
        games: this.finds.games,
        solved: this.finds.solved,
        isRoundDue: this.isRoundDue,
      },
    });
    await rotateCheckpoints(this.#runDir, this.#config.checkpoints.keep);
    return path;
  }

  /** Gives the orbits that the network may have been shown, by the run of its checkpoint too. */
  get #shownOrbits(): readonly string[] | undefined {
    const { shownOrbits: before } = this.#beginning;
    const own = this.flips?.shownOrbits;
    return before === undefined && own === undefined ? undefined : [...new Set([...(before ?? []), ...(own ?? [])])];
  }

  dispose(): void {
    this.network.dispose();
  }
}
