import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { playerOf } from '../network/act-backend.js';
import type { MetricsLine } from '../run/metrics.js';
import type { GameSource, GameSourceContext, Publication, SourcedGame, TakeOptions } from '../training/game-source.js';
import { writeBegun } from './begun-document.js';
import { type Cluster, connectCluster } from './connect.js';
import { clearGivenUp } from './given-up.js';
import { Intake } from './intake.js';
import { GameJournal } from './journal.js';
import { LearnerStatus } from './learner-status.js';
import type { QueueLimits } from './limits.js';
import { actorOf, helloSubject } from './names.js';
import { Peers } from './peers.js';
import { dropActor, limitActor } from './replay-shares.js';
import { configurationHash, type RunRecord } from './run-record.js';
import { checkValue } from './self-check.js';
import { LATEST, RUN, readState, STATUS, StateWriter } from './state-store.js';
import { type ClusterStatus, clusterStatus, readStatusFile } from './status.js';
import { makeStreams } from './streams.js';
import type { Expected } from './verify-game.js';
import { readLatest, WeightsPublisher } from './weights.js';

/** Milliseconds after which a learner that says nothing counts as gone. */
const LEASE_MS = 10_000;
/** Milliseconds between two looks after what is removed and given up. */
const TEND_MS = 2000;

/** Sets how a learner takes part in a cluster. */
export interface ClusterOptions {
  /** What `--cluster` names. */
  readonly address: string;
  readonly runDir: string;
  /** The step of the checkpoint that a resumed run goes on from; 0 for a new run. */
  readonly step: number;
  /** How many versions of the weights a game may be behind. */
  readonly keepVersions: number;
  /** The most of the replay's played games that may be of one actor, 0 to 1. */
  readonly actorShare: number;
  readonly limits: QueueLimits;
  onMessage(text: string): void;
}

/** Is the learner's side of a cluster: it gives weights to actors and takes their games. */
export class ClusterGames implements GameSource {
  readonly description: string;
  readonly isInTurn = false;
  readonly #cluster: Cluster;
  readonly #context: GameSourceContext;
  readonly #options: ClusterOptions;
  readonly #session: string;
  readonly #state: StateWriter;
  readonly #weights: WeightsPublisher;
  readonly #journal: GameJournal;
  readonly #peers: Peers;
  readonly #intake: Intake;
  readonly #status: LearnerStatus;
  readonly #expected: Expected & { newest: number; oldest: number };
  #removed = new Set<string>();
  #player: ReturnType<typeof playerOf> | undefined;
  #tending: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;
  #step: number;

  /**
   * Joins a cluster as its learner.
   * @throws AlphaTensorError as connectCluster and makeStreams; INVALID_ARGUMENT if the reward needs measurements; UNAVAILABLE if another
   *   learner is there
   */
  static async join(options: ClusterOptions, context: GameSourceContext): Promise<ClusterGames> {
    if (!context.reward.isPlain) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        "Actors elsewhere do not know the measurements that fine-tuning's reward needs; leave out --cluster.",
        { field: '--cluster' },
      );
    }
    const cluster = await connectCluster(options.address);
    try {
      await makeStreams(cluster, options.limits);
      const session = randomBytes(8).toString('hex');
      await waitForLease(cluster, options);
      const state = await StateWriter.open(cluster);
      const configuration = configurationHash(context.config);
      const { keepVersions } = options;
      const record: RunRecord = { format: 1, session, configuration, config: context.config, keepVersions };
      // A run that was killed goes on from an earlier step than the weights that actors have. Those of another run count for nothing.
      const before = options.step > 0 ? await readLatest(cluster) : undefined;
      const newest = before?.configuration === configuration ? before.version : 0;
      if (newest === 0) await state.remove(LATEST);
      await state.write(RUN, record);
      const weights = new WeightsPublisher(cluster, state);
      return new ClusterGames(cluster, context, options, { session, state, weights, configuration, newest });
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  private constructor(
    cluster: Cluster,
    context: GameSourceContext,
    options: ClusterOptions,
    begun: {
      readonly session: string;
      readonly state: StateWriter;
      readonly weights: WeightsPublisher;
      readonly configuration: string;
      readonly newest: number;
    },
  ) {
    const { runDir, step, onMessage } = options;
    this.#cluster = cluster;
    this.#context = context;
    this.#options = options;
    this.#session = begun.session;
    this.#state = begun.state;
    this.#weights = begun.weights;
    this.#step = step;
    this.#journal = GameJournal.open(runDir, step);
    this.#peers = new Peers();
    this.#peers.restore(readStatusFile(runDir)?.actors ?? []);
    this.#expected = {
      config: context.config,
      configuration: begun.configuration,
      newest: begun.newest,
      oldest: this.#oldestAt(step),
    };
    this.#intake = new Intake(cluster, {
      ...{ runDir, journal: this.#journal, peers: this.#peers, onMessage },
      expected: () => this.#expected,
    });
    this.#status = new LearnerStatus(cluster, this.#state, runDir);
    const { server, credentials } = cluster.address;
    const dialled = credentials === undefined ? `nats://${server}/${cluster.names.cluster}` : 'NAME.json';
    this.description = `games are played by the actors of ${cluster.names.cluster} at ${server}, while this process learns: at-trainer play --cluster ${dialled}`;
    this.#intake.start();
    void this.#listen();
    this.#tending = this.#tend();
    this.#timer = setInterval(() => {
      this.#tending = this.#tending.then(() => this.#tend());
    }, TEND_MS);
  }

  async publish({ step, weights, plan, begun }: Publication): Promise<void> {
    const { config, network, acting } = this.#context;
    this.#player ??= playerOf(network, acting);
    const check = await checkValue(await this.#player.sampler(), config);
    const { searcher, moveLimit } = plan;
    const about = {
      ...{ session: this.#session, configuration: this.#expected.configuration, version: step, step, check },
      plan: { searcher, moveLimit },
      begun: begun.map(writeBegun),
    };
    const exported = weights();
    await this.#patiently('weights cannot be published', () =>
      this.#weights.publish(exported, about, this.#options.keepVersions + 1),
    );
    this.#expected.newest = Math.max(step, this.#expected.newest);
    this.#expected.oldest = this.#oldestAt(step);
  }

  async take({ step }: TakeOptions): Promise<readonly SourcedGame[]> {
    this.#step = step;
    const games = this.#intake.take(step).filter(({ actor }) => !this.#removed.has(actor));
    const { replay, config } = this.#context;
    const most = Math.max(1, Math.floor(this.#options.actorShare * config.replay.playedGames));
    const counts = new Map<string, number>();
    for (const { actor, game } of games) {
      if (game.stored !== undefined) counts.set(actor, (counts.get(actor) ?? 0) + 1);
    }
    for (const [actor, count] of counts) limitActor(replay, actor, most, count);
    return games.map(({ game, version }) => ({ ...game, weightsStep: Math.min(version, step) }));
  }

  /** Is called when a checkpoint has been written: it has every game that was taken. */
  async saved(): Promise<void> {
    this.#journal.forget(this.#step);
  }

  metrics(): MetricsLine {
    const figures = this.#peers.figures(new Map());
    const now = Date.now();
    const there = figures.filter(({ lastSeen }) => lastSeen !== undefined && now - Date.parse(lastSeen) < 30_000);
    const refused = figures.flatMap(({ refused: reasons }) => Object.values(reasons));
    return {
      'cluster.actors': there.length,
      'cluster.games': figures.reduce((sum, { games }) => sum + games, 0),
      'cluster.refused': refused.reduce((sum, count) => sum + count, 0),
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#intake.close();
    await this.#tending;
    await this.#writeStatus('ended').catch(() => undefined);
    this.#journal.close();
    await this.#player?.close();
    await this.#cluster.close();
  }

  /** Gives the oldest weights whose games count when those of `step` are the newest. */
  #oldestAt(step: number): number {
    return Math.max(0, step - this.#options.keepVersions * this.#context.config.acting.everySteps);
  }

  /** Hears which actors are there. */
  async #listen(): Promise<void> {
    const { names, connection } = this.#cluster;
    for await (const { subject } of connection.subscribe(helloSubject(names, '*'))) this.#peers.greet(actorOf(subject));
  }

  async #tend(): Promise<void> {
    try {
      await this.#removeActors();
      await clearGivenUp(this.#cluster, this.#peers);
      await this.#writeStatus('running');
    } catch (error) {
      // The server is away; the intake says so, and goes on when it is back.
      if (process.env.ALPHATENSOR_DEBUG) this.#options.onMessage(messageOf(error));
    }
  }

  async #removeActors(): Promise<void> {
    const removed = new Set(await this.#state.removedActors());
    for (const actor of removed) {
      if (this.#removed.has(actor)) continue;
      this.#intake.remove(actor);
      const games = dropActor(this.#context.replay, actor);
      this.#options.onMessage(
        `${games} games of ${actor} are removed from the replay, and its further games are refused`,
      );
    }
    for (const actor of this.#removed) if (!removed.has(actor)) this.#intake.readmit(actor);
    this.#removed = removed;
  }

  #writeStatus(state: 'running' | 'ended'): Promise<void> {
    const { newest: version } = this.#expected;
    const about = { session: this.#session, state, step: this.#step, version, takenIn: this.#intake.waiting };
    return this.#status.write(about, this.#peers, this.#context.replay);
  }

  /** Does what needs the server, and tries again while it is away. */
  async #patiently(what: string, work: () => Promise<void>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (attempt === 0) this.#options.onMessage(`${what} now (${messageOf(error)}); trying again`);
        if (attempt >= 3) return;
        await sleep(500);
      }
    }
  }
}

/**
 * Waits until another learner counts as gone. One of this run itself is: this process holds the lock of its folder.
 * @throws AlphaTensorError UNAVAILABLE if it goes on
 */
async function waitForLease(cluster: Cluster, { runDir, onMessage }: ClusterOptions): Promise<void> {
  const first = await readState(cluster, STATUS, clusterStatus).catch(() => undefined);
  if (first === undefined || first.session === readStatusFile(runDir)?.session) return;
  const isGone = (status: ClusterStatus): boolean =>
    status.state === 'ended' || Date.now() - Date.parse(status.at) > LEASE_MS;
  if (isGone(first)) return;
  onMessage('another learner was here a moment ago; waiting whether it goes on');
  await sleep(LEASE_MS);
  const second = await readState(cluster, STATUS, clusterStatus);
  if (second === undefined || second.at === first.at || isGone(second)) return;
  throw new AlphaTensorError(
    'UNAVAILABLE',
    `Another learner runs in the cluster ${cluster.names.cluster} (${second.run}); stop it, or name another cluster: nats://${cluster.address.server}/NAME.`,
    { field: '--cluster' },
  );
}
