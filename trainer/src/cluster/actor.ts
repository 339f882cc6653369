import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AlphaTensorError, Random } from '@alphatensor-edge/shared';
import { gameRules, parseTrainingConfig, type TrainingConfig } from '../config.js';
import { chooseActBackend, onThreads, playerOf } from '../network/act-backend.js';
import { startBackend } from '../network/backend.js';
import { Network } from '../network/model.js';
import { startActors } from '../training/actors.js';
import { PLAIN_REWARD } from '../training/reward.js';
import type { Actors } from '../training/round.js';
import { readBegun } from './begun-document.js';
import type { Cluster } from './connect.js';
import { encodeGame } from './game-message.js';
import { helloSubject } from './names.js';
import { NewestWeights, type ReadWeights } from './newest-weights.js';
import { Outbox } from './outbox.js';
import { RefusedGame } from './refusal.js';
import { configurationHash, type RunRecord, runRecord } from './run-record.js';
import { checkAgainst, checkValue } from './self-check.js';
import { RUN, readState } from './state-store.js';
import { replayGame } from './verify-game.js';
import { messageOfGame } from './write-game.js';

/** Milliseconds between two words that an actor is there. */
const HELLO_MS = 10_000;
/** Rounds of games that may wait to be sent before the actor waits too. */
const MOST_WAITING_ROUNDS = 4;
const POLL_MS = 1000;

/** Sets how an actor plays. Everything else is the learner's. */
export interface ActorOptions {
  readonly name: string;
  readonly workers: number;
  readonly tfBackend: TrainingConfig['tfBackend'];
  readonly actBackend: TrainingConfig['actBackend'];
  /** Stop after this many games; undefined: go on. */
  readonly maxGames: number | undefined;
  readonly signal: AbortSignal;
  onMessage(text: string): void;
  onRound(progress: ActorProgress): void;
}

/** Says how far an actor is. */
export interface ActorProgress {
  readonly games: number;
  readonly solved: number;
  /** Games that the server has. */
  readonly sent: number;
  readonly version: number;
}

/**
 * Plays games for the learner of a cluster, with its newest weights, until it is stopped. It checks itself on a fixed position before its
 * first game, and every game by the learner's own rules before it sends it.
 * @throws AlphaTensorError UNAVAILABLE if this machine computes wrongly, or a backend does not run
 */
export async function playForCluster(cluster: Cluster, options: ActorOptions): Promise<ActorProgress> {
  const { name, signal, onMessage } = options;
  const outbox = new Outbox(cluster, name, options);
  const hello = setInterval(() => greet(cluster, name), HELLO_MS);
  greet(cluster, name);
  const total = { games: 0, solved: 0, version: 0 };
  try {
    while (!signal.aborted && total.games < (options.maxGames ?? Infinity)) {
      const run = await currentRun(cluster, options);
      if (run === undefined) break;
      const session = new ActorSession(cluster, run, options);
      try {
        await session.play(outbox, total);
      } finally {
        await session.close();
      }
      if (!signal.aborted) onMessage('the learner begins another run');
    }
    await outbox.settle();
    return { ...total, sent: outbox.sent };
  } finally {
    clearInterval(hello);
  }
}

function greet({ connection, names }: Cluster, name: string): void {
  if (!connection.isClosed()) connection.publish(helloSubject(names, name));
}

/** Waits for a learner to say what is played. Undefined after the signal. */
async function currentRun(cluster: Cluster, { signal, onMessage }: ActorOptions): Promise<RunRecord | undefined> {
  for (let isTold = false; !signal.aborted; isTold = true) {
    const run = await readState(cluster, RUN, runRecord).catch((error: unknown) => {
      // Nothing answers for a cluster in which no learner has been.
      if (error instanceof AlphaTensorError && error.code === 'TIMEOUT') return undefined;
      throw error;
    });
    if (run !== undefined) return run;
    if (!isTold) onMessage('no learner has been in this cluster yet; waiting for at-trainer train --cluster');
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** Plays for one configuration. */
class ActorSession {
  readonly #cluster: Cluster;
  readonly #run: RunRecord;
  readonly #options: ActorOptions;
  readonly #config: TrainingConfig;
  readonly #weights: NewestWeights;
  readonly #word = randomBytes(6).toString('hex');
  #network: Network | undefined;
  #actors: Actors | undefined;

  constructor(cluster: Cluster, run: RunRecord, options: ActorOptions) {
    this.#cluster = cluster;
    this.#run = run;
    this.#options = options;
    const { tfBackend, actBackend, workers } = options;
    const config = parseTrainingConfig(run.config);
    if (configurationHash(config) !== run.configuration) {
      throw new AlphaTensorError(
        'INCOMPATIBLE_VERSION',
        'The learner has another version of at-trainer, which understands its configuration otherwise; use the same version on all machines.',
      );
    }
    this.#config = { ...config, tfBackend, actBackend, acting: { ...config.acting, workers } };
    this.#weights = new NewestWeights(cluster, options.onMessage);
  }

  /** Plays rounds until the signal, the wanted number of games, or a learner with another configuration. */
  async play(outbox: Outbox, total: { games: number; solved: number; version: number }): Promise<void> {
    const { signal, maxGames = Infinity, onRound } = this.#options;
    this.#weights.start();
    const first = await this.#weights.first(signal);
    if (first === undefined) return;
    await this.#prepare(first);
    for (let round = 0; !signal.aborted && total.games < maxGames; round++) {
      const newest = this.#weights.newest ?? (await this.#weights.first(signal));
      if (newest === undefined) return;
      if (newest.about.version !== total.version || round === 0) {
        if (await this.#isOver()) return;
        (this.#network as Network).parameters.import(newest.weights);
      }
      total.version = newest.about.version;
      await this.#playRound(round, newest, outbox, total);
      onRound({ ...total, sent: outbox.sent });
      await outbox.settle(MOST_WAITING_ROUNDS * Math.max(1, this.#config.acting.games));
    }
  }

  async close(): Promise<void> {
    await this.#weights.close();
    await this.#actors?.close();
    this.#network?.dispose();
  }

  async #prepare({ about, weights }: ReadWeights): Promise<void> {
    const config = this.#config;
    const { onMessage } = this.#options;
    const backend = await startBackend(config.tfBackend);
    const chosen = chooseActBackend(config.actBackend, backend);
    const acting = config.acting.workers > 1 ? onThreads(chosen) : chosen;
    onMessage(`games are played through ${acting.description}`);
    const network = new Network(
      config.network,
      gameRules(config),
      new Random('replaced by the weights of the learner'),
    );
    this.#network = network;
    network.parameters.import(weights);
    const player = playerOf(network, acting);
    try {
      checkAgainst(await checkValue(await player.sampler(), config), about.check);
    } finally {
      await player.close();
    }
    onMessage(
      `this machine agrees with the learner about a fixed position; playing with weights of step ${about.step}`,
    );
    this.#actors = startActors(network, config, acting, PLAIN_REWARD);
  }

  async #playRound(
    round: number,
    { about }: ReadWeights,
    outbox: Outbox,
    total: { games: number; solved: number },
  ): Promise<void> {
    const { signal, name } = this.#options;
    const { searcher, moveLimit } = about.plan;
    const games = Math.max(1, this.#config.acting.games);
    const begun = about.begun.map((document) => readBegun(document, this.#config));
    const random = new Random(`${name}/${this.#word}/${round}`);
    try {
      const order = { searcher, games, moveLimit, begun, name: `${round}`, random, signal };
      for (const [index, game] of (await (this.#actors as Actors).act(order)).entries()) {
        const id = `${name}.${this.#word}.${round * 100_000 + index}`;
        const { configuration } = this.#run;
        const message = messageOfGame(game, { id, configuration, version: about.version });
        this.#checkOwn(message);
        outbox.add(id, encodeGame(message));
        total.games++;
        if (game.solved) total.solved++;
      }
    } catch (error) {
      if (!(signal.aborted && error instanceof AlphaTensorError)) throw error;
    }
  }

  /** Plays the own game again as the learner will. @throws AlphaTensorError UNAVAILABLE if it is against the rules */
  #checkOwn(message: Parameters<typeof replayGame>[0]): void {
    try {
      replayGame(message, this.#config);
    } catch (cause) {
      if (!(cause instanceof RefusedGame)) throw cause;
      throw new AlphaTensorError(
        'UNAVAILABLE',
        `This machine played a game against the rules (${cause.message}); test its memory, or try --act-backend tfjs.`,
        { cause },
      );
    }
  }

  /** Tells whether a learner with another configuration has come. */
  async #isOver(): Promise<boolean> {
    const run = await readState(this.#cluster, RUN, runRecord).catch(() => undefined);
    return run !== undefined && run.configuration !== this.#run.configuration;
  }
}
