import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { AlphaTensorError, contentHash, Random, sameSize, saveFactorization } from '@alphatensor-edge/shared';
import { gameRules, parseTrainingConfig, type TrainingConfig } from '../config.js';
import type { Part } from '../game/grown.js';
import { type ActiveBackend, startBackend } from '../network/backend.js';
import { Network } from '../network/model.js';
import {
  type Checkpoint,
  checkpointPath,
  loadCheckpoint,
  newestCheckpoint,
  rotateCheckpoints,
  saveCheckpoint,
} from '../run/checkpoint.js';
import type { Calibration } from '../run/metrics.js';
import { type NetworkProvenance, provenanceWords } from '../run/provenance.js';
import { type ActedGame, type ActOptions, actGames, type Searcher } from './actor.js';
import { ActorPool } from './actor-pool.js';
import type { FoundFactorization, TrainingOptions, TrainingResult } from './contract.js';
import { demonstrates } from './demonstrated-game.js';
import { loadDemonstrations } from './demonstration-files.js';
import type { BegunGame } from './game-inside.js';
import { HeldOutGames } from './held-out.js';
import { learn, type StepMetrics } from './learner.js';
import { AdamW, learningRateAt } from './optimizer.js';
import { loadParts } from './parts.js';
import { ReplayBuffer } from './replay-buffer.js';
import { bestRanksOfOthers, roundMetrics } from './round-metrics.js';
import { searchWords } from './search-words.js';

export type * from './contract.js';

export const METRICS_EVERY = 50;
/** Learner steps between two looks at held-out games. */
export const EVALUATE_EVERY = 500;

/**
 * Learns and plays by turns: `acting.everySteps` learner steps on the replay's mix, then a round of games whose solutions and
 * policies go into the replay. Every random choice follows from the seed and the step, so a resumed run equals an
 * uninterrupted one (apart from measured rewards, which arrive when they do).
 *
 * @throws AlphaTensorError INVALID_ARGUMENT (configuration, a checkpoint of another network), NOT_FOUND, UNAVAILABLE (backend)
 */
export async function runTraining(wanted: TrainingConfig, options: TrainingOptions): Promise<TrainingResult> {
  const checked = parseTrainingConfig(wanted);
  const backend = await startBackend(checked.tfBackend);
  const before = options.resume
    ? await loadCheckpoint(await newestCheckpoint(options.runDir))
    : options.checkpoint === undefined
      ? undefined
      : await loadCheckpoint(options.checkpoint);
  const resumed = options.resume ? before : undefined;
  const run = await TrainingRun.prepare(checked, backend, options, before, resumed);
  try {
    options.hooks?.onStart?.({
      backend,
      weights: run.network.parameters.count,
      config: checked,
      ...run.provenance,
      step: run.step,
    });
    const reason = await run.loop();
    return { ...(await run.finish()), reason, backend };
  } finally {
    await run.dispose();
  }
}

class TrainingRun {
  step = 0;
  readonly network: Network;
  readonly #optimizer: AdamW;
  readonly #replay: ReplayBuffer;
  readonly #heldOut: HeldOutGames;
  /** Undefined: games are played in this thread. */
  readonly #pool: ActorPool | undefined;
  readonly #random: Random;
  readonly #startedAt = performance.now();
  #earlierSeconds = 0;
  #bestRank: number | undefined;
  readonly #known = new Set<string>();
  #games = 0;
  #solved = 0;
  #recent: StepMetrics[] = [];
  /** Rewards that are being measured. */
  readonly #awaited = new Set<Promise<void>>();
  #failure: unknown;
  /** Whether the games that follow the last step are still to be played. */
  #isRoundDue = false;

  private constructor(
    private readonly config: TrainingConfig,
    backend: ActiveBackend,
    private readonly options: TrainingOptions,
    readonly provenance: NetworkProvenance,
    parts: readonly Part[],
  ) {
    this.#random = new Random(config.seed);
    this.network = new Network(config.network, gameRules(config), this.#random.split('weights'));
    this.#optimizer = new AdamW(config.learner, this.network.parameters.variables);
    this.#replay = new ReplayBuffer(gameRules(config), config, parts);
    this.#heldOut = new HeldOutGames(config, parts);
    const workers = Math.min(config.acting.workers, config.acting.games);
    if (workers > 1) {
      if (options.hooks?.terminalBonus !== undefined) {
        throw new AlphaTensorError(
          'INVALID_ARGUMENT',
          'The latency in the reward is estimated in the main thread; set acting.workers to 1.',
          { field: 'acting.workers' },
        );
      }
      this.#pool = new ActorPool(this.network, config, backend, workers);
    }
  }

  static async prepare(
    config: TrainingConfig,
    backend: ActiveBackend,
    options: TrainingOptions,
    before: Checkpoint | undefined,
    resumed: Checkpoint | undefined,
  ): Promise<TrainingRun> {
    const demonstrations = [...new Set([...(before?.demonstrations ?? []), ...config.demonstrations.files])];
    const { parts, sources } = await loadParts(config.demonstrations.grown.files, gameRules(config));
    const grownFrom = [...new Set([...(before?.grownFrom ?? []), ...sources])];
    const insideSchoolbook = before?.insideSchoolbook === true || config.acting.insideGames > 0;
    const provenance = { demonstrations, grownFrom, insideSchoolbook };
    const run = new TrainingRun(config, backend, options, provenance, parts);
    try {
      if (before !== undefined) run.network.parameters.import(before.weights);
      if (resumed !== undefined) run.#restore(resumed);
      else for (const shown of await loadDemonstrations(config)) run.#replay.addBest(shown, 0, 'demonstration');
    } catch (error) {
      await run.dispose();
      throw error;
    }
    await mkdir(join(options.runDir, 'factorizations'), { recursive: true });
    return run;
  }

  async loop(): Promise<TrainingResult['reason']> {
    const { acting, checkpoints } = this.config;
    for (;;) {
      const reason = this.#reasonToStop();
      if (reason !== undefined) return reason;
      if (!this.#isRoundDue) {
        this.#learnOnce();
        if (this.step % EVALUATE_EVERY === 0) await this.#evaluate();
        this.#isRoundDue = acting.games > 0 && this.step >= acting.fromStep && this.step % acting.everySteps === 0;
      }
      if (this.#isRoundDue) {
        try {
          await this.#playRound();
          this.#isRoundDue = false;
        } catch (error) {
          if (!(this.options.signal?.aborted && error instanceof AlphaTensorError)) throw error;
        }
      }
      if (this.step % checkpoints.everySteps === 0) await this.#save();
      // Lets signals, measurements and the caller's own work through between two steps.
      await setImmediate();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  async finish(): Promise<Omit<TrainingResult, 'reason' | 'backend'>> {
    // What is under way when the budget ends still counts, also for the checkpoint; who stops a run need not wait.
    if (!this.options.signal?.aborted) await Promise.all(this.#awaited);
    if (this.#failure !== undefined) throw this.#failure;
    return {
      step: this.step,
      seconds: this.#seconds,
      bestRank: this.#bestRank,
      games: this.#games,
      solved: this.#solved,
      checkpoint: await this.#save(),
      ...this.provenance,
      pendingMeasurements: this.#awaited.size,
    };
  }

  async dispose(): Promise<void> {
    await this.#pool?.close();
    this.#optimizer.dispose();
    this.network.dispose();
  }

  get #seconds(): number {
    return this.#earlierSeconds + (performance.now() - this.#startedAt) / 1000;
  }

  #reasonToStop(): TrainingResult['reason'] | undefined {
    const { budgetSeconds, untilRank, maxSteps } = this.options.stop;
    if (this.options.signal?.aborted) return 'aborted';
    if (untilRank !== undefined && this.#bestRank !== undefined && this.#bestRank <= untilRank) return 'rank';
    if (maxSteps !== undefined && this.step >= maxSteps) return 'steps';
    if (budgetSeconds !== undefined && this.#seconds - this.#earlierSeconds >= budgetSeconds) return 'budget';
    return undefined;
  }

  #learnOnce(): void {
    const random = this.#random.split(`learn/${this.step}`);
    const examples = Array.from({ length: this.config.learner.batchSize }, () => this.#replay.sample(random));
    this.#recent.push(learn(this.network, this.#optimizer, examples, this.config.learner, random));
    this.step++;
    if (this.step % METRICS_EVERY !== 0) return;
    const mean = (of: (metrics: StepMetrics) => number): number =>
      this.#recent.reduce((sum, metrics) => sum + of(metrics), 0) / this.#recent.length;
    this.#report({
      policyLoss: mean(({ policyLoss }) => policyLoss),
      valueLoss: mean(({ valueLoss }) => valueLoss),
      gradientNorm: mean(({ gradientNorm }) => gradientNorm),
      learningRate: learningRateAt(this.step, this.config.learner),
      'mix.synthetic': this.#replay.mix.synthetic,
      'mix.played': this.#replay.mix.played,
      'mix.best': this.#replay.mix.best,
    });
    this.#recent = [];
  }

  async #evaluate(): Promise<void> {
    const random = this.#random.split(`held-out/${this.step}`);
    const { values, calibration } = await this.#heldOut.evaluate(this.network, random);
    this.#report(values, calibration);
  }

  async #playRound(): Promise<void> {
    const { acting } = this.config;
    const began = performance.now();
    const round: ActOptions = {
      searcher: this.#searcher(),
      games: acting.games,
      moveLimit: this.#movesAllowed(),
      begun: this.#begunGames(),
      name: `step-${this.step}`,
      random: this.#random.split(`act/${this.step}`),
      terminalBonus: this.options.hooks?.terminalBonus,
      signal: this.options.signal,
    };
    const games = await (this.#pool?.act(this.network, round) ?? actGames(this.network, this.config, round));
    const seconds = (performance.now() - began) / 1000;
    for (const game of games) await this.#take(game);
    this.#report(roundMetrics(games, seconds, this.config.size));
  }

  #searcher(): Searcher {
    const { mode, goalRank } = this.config.acting;
    if (mode !== 'beam-then-mcts') return mode;
    return this.#bestToImitate() <= goalRank ? 'mcts' : 'beam';
  }

  #begunGames(): BegunGame[] {
    const { goalRank, insideGames } = this.config.acting;
    if (this.#bestToImitate() <= goalRank) return [];
    const random = this.#random.split(`begun/${this.step}`);
    return Array.from({ length: insideGames }, () => this.#replay.begunGame(random));
  }

  /** One below the best, so that a game that finds it again is no success; never below the goal. */
  #movesAllowed(): number {
    const { moveLimit, acting } = this.config;
    return Math.min(moveLimit, Math.max(acting.goalRank, this.#bestToImitate() - 1));
  }

  /** The lowest rank of the size in the replay, demonstrations included; infinite if there is none. */
  #bestToImitate(): number {
    const ranks = this.#replay.best.map(({ factorization: { size, rank } }) =>
      sameSize(size, this.config.size) ? rank : Infinity,
    );
    return Math.min(Infinity, ...ranks);
  }

  /** Puts a game and what it found into the replay and tells the caller. */
  async #take(game: ActedGame): Promise<void> {
    const { hooks, runDir } = this.options;
    this.#games++;
    if (game.solved) this.#solved++;
    if (game.stored !== undefined) this.#replay.addGame(game.stored);
    const seen = new Set<string>();
    for (const [index, factorization] of game.found.entries()) {
      const hash = contentHash(factorization);
      if (seen.has(hash)) continue;
      seen.add(hash);
      const found: FoundFactorization = {
        factorization,
        hash,
        gameId: game.id,
        isFinal: game.solved && index === 0,
        searcher: game.searcher,
        isInside: game.isInside,
        step: this.step,
        seconds: this.#seconds,
        isNew: !this.#known.has(hash),
        ...this.provenance,
      };
      this.#known.add(hash);
      if (sameSize(factorization.size, this.config.size)) {
        this.#bestRank = Math.min(this.#bestRank ?? factorization.rank, factorization.rank);
      }
      if (demonstrates(gameRules(this.config), factorization)) {
        this.#replay.addBest(factorization, hooks?.terminalBonus?.(factorization) ?? 0, 'rl');
      }
      if (found.isNew) {
        await saveFactorization(join(runDir, 'factorizations', `${hash.slice(0, 16)}.json`), {
          factorization,
          origin: 'rl',
          notes: foundNote(found),
        });
      }
      await hooks?.onFactorization?.(found);
      if (hooks?.measure !== undefined) this.#follow(hooks.measure(found), found);
    }
  }

  /** Fills in a measured reward when it arrives, and drops the game whose reward never will. */
  #follow(measurement: Promise<number | 'lost' | undefined>, found: FoundFactorization): void {
    const awaited = measurement
      .then((bonus) => {
        if (bonus === undefined) return;
        if (bonus === 'lost') {
          if (found.isFinal) this.#replay.dropGame(found.gameId);
          return;
        }
        this.#replay.applyReward(found.hash, bonus);
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#awaited.delete(awaited));
    this.#awaited.add(awaited);
  }

  #report(values: Readonly<Record<string, number>>, calibration?: Calibration): void {
    const best = this.#bestRank === undefined ? {} : { bestRank: this.#bestRank };
    const line = {
      time: this.#seconds,
      step: this.step,
      ...values,
      ...best,
      ...bestRanksOfOthers(this.#replay.best, this.config.size),
    };
    this.options.hooks?.onMetrics?.(line, calibration);
  }

  async #save(): Promise<string> {
    const path = checkpointPath(this.options.runDir, this.step);
    await saveCheckpoint(path, {
      config: this.config,
      step: this.step,
      ...this.provenance,
      weights: this.network.parameters.export(),
      resume: {
        optimizer: this.#optimizer.export(),
        played: this.#replay.played,
        best: this.#replay.best,
        seconds: this.#seconds,
        bestRank: this.#bestRank,
        isRoundDue: this.#isRoundDue,
      },
    });
    await rotateCheckpoints(this.options.runDir, this.config.checkpoints.keep);
    return path;
  }

  #restore({ step, resume }: Checkpoint): void {
    if (resume === undefined) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        'This checkpoint holds weights only and cannot be resumed; start from it.',
        {
          field: 'resume',
        },
      );
    }
    this.step = step;
    this.#optimizer.import(resume.optimizer);
    this.#replay.restore(resume.played, resume.best);
    this.#recallRewards();
    this.#earlierSeconds = resume.seconds;
    this.#bestRank = resume.bestRank;
    this.#isRoundDue = resume.isRoundDue;
    for (const { hash } of resume.best) this.#known.add(hash);
  }

  /** What was measured after the checkpoint was saved, or had not reached it when the run was killed. */
  #recallRewards(): void {
    for (const hash of new Set([...this.#replay.played, ...this.#replay.best].flatMap((kept) => kept.hash ?? []))) {
      const bonus = this.options.hooks?.measuredBefore?.(hash);
      if (bonus !== undefined) this.#replay.applyReward(hash, bonus);
    }
  }
}

function foundNote({ searcher, isInside, step, ...provenance }: FoundFactorization): string {
  return `Found by ${searchWords({ searcher, isInside })} at learner step ${step}, ${provenanceWords(provenance)}.`;
}
