import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@alphatensor-edge/shared';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { ActedGame } from '../training/round.js';
import type { Cluster } from './connect.js';
import { CountedGames } from './counted.js';
import { fingerprintOf } from './game-id.js';
import { decodeGame, type GameMessage, MOST_GAME_BYTES } from './game-message.js';
import type { GameJournal } from './journal.js';
import { actorOf, deadSubject, LARGE, LEARNER } from './names.js';
import { readObject, removeObject } from './objects.js';
import type { Peers } from './peers.js';
import { type Refusal, RefusedGame } from './refusal.js';
import { checkOrigin, type Expected, replayGame } from './verify-game.js';
import { watch } from './watchdog.js';

/** The header of a refused game: the reason, and a sentence. */
const REASON = 'At-Reason';

/** The most games that are asked for at a time: what is given and not worked at is given again, and counts as given in vain. */
const AT_A_TIME = 64;
/** The most games that were taken in and wait for the learner. */
const MOST_WAITING = 2000;
/** Milliseconds to wait for games, and before another attempt after a fault. */
const EXPIRES_MS = 1000;
const PAUSE_MS = 1000;
/** Milliseconds between two words to the server that games are being worked at. */
const WORKING_MS = 5000;

/** Holds a game that was taken in. */
export interface TakenGame {
  readonly actor: string;
  readonly game: ActedGame;
  /** The version of the weights that it was played with. */
  readonly version: number;
}

/** Sets what an intake works with. */
export interface IntakeOptions {
  readonly runDir: string;
  readonly journal: GameJournal;
  readonly peers: Peers;
  /** Gives what is expected of a game now. */
  expected(): Expected;
  /** Gets sentences about faults that a person should know of. */
  onMessage(text: string): void;
}

/** Holds a game that passed every check, before it is on disk. */
interface Accepted extends TakenGame {
  readonly message: JsMsg;
  readonly bytes: Uint8Array;
  readonly fingerprint: string | undefined;
  /** The key of the object that it came in. */
  readonly large: string | undefined;
}

/**
 * Takes games from the server: checks each, writes it to disk, and only then says that it arrived. A game that is refused is counted, kept
 * in the stream of refused games, and taken off the queue.
 */
export class Intake {
  readonly #cluster: Cluster;
  readonly #options: IntakeOptions;
  readonly #counted: CountedGames;
  readonly #removed = new Set<string>();
  #waiting: TakenGame[] = [];
  #isClosed = false;
  #messages: ConsumerMessages | undefined;
  #running: Promise<void> = Promise.resolve();
  #acknowledged = 0;

  constructor(cluster: Cluster, options: IntakeOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#counted = new CountedGames(options.runDir);
    this.#recover();
  }

  /** Counts the games that were acknowledged since this process began. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Counts the games that were taken in and that the learner has not taken yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#messages?.stop();
    await this.#running;
  }

  /** Gives the games that have arrived, oldest first, and notes the step at which the run took them. */
  take(step: number): TakenGame[] {
    const games = this.#waiting;
    this.#options.journal.take(games.length, step);
    this.#waiting = [];
    return games;
  }

  /** Refuses the games of an actor from now on. */
  remove(actor: string): void {
    this.#removed.add(actor);
  }

  readmit(actor: string): void {
    this.#removed.delete(actor);
  }

  /** Reads the games again that the journal has and no checkpoint. They were checked when they came, and are checked again. */
  #recover(): void {
    const { journal, expected } = this.#options;
    const { config } = expected();
    for (const bytes of journal.waiting) {
      const message = decodeGame(bytes);
      const actor = message.id.slice(0, message.id.indexOf('.'));
      this.#waiting.push({ actor, game: replayGame(message, config), version: message.version });
      if (!this.#counted.has(message.id, undefined)) {
        this.#counted.add([{ id: message.id, fingerprint: fingerprintOf(message) }]);
      }
    }
  }

  async #run(): Promise<void> {
    let consumer: Consumer | undefined;
    while (!this.#isClosed) {
      if (this.#waiting.length >= MOST_WAITING) {
        await sleep(EXPIRES_MS / 10);
        continue;
      }
      try {
        consumer ??= await this.#cluster.js.consumers.get(this.#cluster.names.games, LEARNER);
        const messages = await consumer.fetch({ max_messages: AT_A_TIME, expires: EXPIRES_MS });
        this.#messages = messages;
        const watchdog = watch(messages);
        try {
          let batch: JsMsg[] = [];
          for await (const message of messages) {
            batch.push(message);
            if (messages.getPending() > 0) continue;
            // Nothing more has arrived, so these need not wait for others.
            await this.#takeIn(batch);
            batch = [];
            watchdog.refresh();
          }
          await this.#takeIn(batch);
        } finally {
          watchdog.end();
        }
      } catch (error) {
        // The server is away, or was started again. What it has not heard of is given again.
        consumer = undefined;
        // While the learner computes a step, it misses the server's signs of life.
        const isMissed = /heartbeats missed/.test(messageOf(error));
        if (!this.#isClosed && !isMissed)
          this.#options.onMessage(`games cannot be fetched now (${messageOf(error)}); trying again`);
        await sleep(PAUSE_MS);
      }
    }
  }

  async #takeIn(batch: readonly JsMsg[]): Promise<void> {
    if (batch.length === 0) return;
    const working = setInterval(() => {
      for (const message of batch) message.working();
    }, WORKING_MS);
    try {
      const accepted: Accepted[] = [];
      const ids = new Set<string>();
      for (const message of batch) {
        const one = await this.#check(message, ids);
        if (one !== undefined) accepted.push(one);
      }
      await this.#write(accepted);
      this.#counted.add(accepted.map(({ game: { id }, fingerprint }) => ({ id, fingerprint })));
      for (const { message, actor, game, version, large } of accepted) {
        message.ack();
        this.#acknowledged++;
        this.#options.peers.accept(actor, { solved: game.solved, version });
        this.#waiting.push({ actor, game, version });
        if (large !== undefined) await this.#forgetLarge(large);
      }
    } finally {
      clearInterval(working);
    }
  }

  /** Checks a game. Undefined if it is refused, or known and only given again. @param ids of the same batch */
  async #check(message: JsMsg, ids: Set<string>): Promise<Accepted | undefined> {
    const actor = actorOf(message.subject);
    const large = message.headers?.get(LARGE) || undefined;
    try {
      if (this.#removed.has(actor)) throw new RefusedGame('removed', 'The games of this actor were removed.');
      const bytes = large === undefined ? message.data : await this.#readLarge(large);
      const game = decoded(bytes);
      const expected = this.#options.expected();
      const fingerprint = fingerprintOf(game);
      if (this.#counted.has(game.id, undefined) || ids.has(game.id)) {
        // It was counted, and the server or the actor did not hear of it: a server that was killed gives games again as if for the first time.
        message.ack();
        return undefined;
      }
      if (fingerprint !== undefined && (this.#counted.has(game.id, fingerprint) || ids.has(fingerprint))) {
        throw new RefusedGame('repeated', 'This game was counted before, under another id.');
      }
      checkOrigin(game, actor, expected);
      const acted = replayGame(game, expected.config);
      ids.add(game.id);
      if (fingerprint !== undefined) ids.add(fingerprint);
      return { actor, game: acted, message, bytes, version: game.version, fingerprint, large };
    } catch (error) {
      if (!(error instanceof RefusedGame)) throw error;
      await this.#refuse(message, actor, error.reason, error.message);
      if (large !== undefined) await this.#forgetLarge(large);
      return undefined;
    }
  }

  async #refuse(message: JsMsg, actor: string, reason: Refusal, words: string): Promise<void> {
    this.#options.peers.refuse(actor, reason, words);
    const about = headers();
    about.set(REASON, `${reason}: ${words}`);
    this.#cluster.connection.publish(deadSubject(this.#cluster.names, actor), message.data, { headers: about });
    // Without a reason: servers before 2.10 take no notice of one that has it.
    message.term();
  }

  async #readLarge(key: string): Promise<Uint8Array> {
    if (!/^[0-9a-f]{64}$/.test(key)) throw new RefusedGame('malformed', 'The key of a large game is none.');
    try {
      return await readObject(this.#cluster, this.#cluster.names.large, key, MOST_GAME_BYTES);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'NOT_FOUND') throw new RefusedGame('malformed', messageOf(error));
      if (code === 'NOT_BELIEVED') throw new RefusedGame('oversized', messageOf(error));
      throw error;
    }
  }

  async #forgetLarge(key: string): Promise<void> {
    try {
      await removeObject(this.#cluster, this.#cluster.names.large, key);
    } catch {
      // The store has a bound of its own; what is left over in it is no fault of a game.
    }
  }

  /** Writes games to disk. If the disk is full, it waits for room, and the server is told that the games are being worked at. */
  async #write(accepted: readonly Accepted[]): Promise<void> {
    for (let attempt = 0; accepted.length > 0; attempt++) {
      try {
        this.#options.journal.append(accepted.map(({ bytes }) => bytes));
        return;
      } catch (error) {
        if (attempt === 0) {
          this.#options.onMessage(
            `games cannot be written (${messageOf(error)}); free space, and they are: none is lost`,
          );
        }
        if (this.#isClosed) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }
}

function decoded(bytes: Uint8Array): GameMessage {
  if (bytes.length > MOST_GAME_BYTES)
    throw new RefusedGame('oversized', `A game has ${MOST_GAME_BYTES} bytes at most.`);
  try {
    return decodeGame(bytes);
  } catch (error) {
    throw new RefusedGame('malformed', messageOf(error));
  }
}
