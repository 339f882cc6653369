import { setTimeout as sleep } from 'node:timers/promises';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { JetStreamApiError } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { Cluster } from './connect.js';
import { gamesSubject, LARGE } from './names.js';
import { writeObject } from './objects.js';
import { MOST_MESSAGE_BYTES } from './streams.js';

/** Milliseconds before the second attempt; each further one waits FACTOR times as long, up to LONGEST_MS, give or take a quarter. */
const FIRST_MS = 250;
const FACTOR = 1.3;
const LONGEST_MS = 15_000;
/** Milliseconds that the server may take to say that it has a game. */
const TIMEOUT_MS = 5000;

/** Sends an actor's games. Each is sent again, under the same id, until the server says that it has it. */
export class Outbox {
  readonly #cluster: Cluster;
  readonly #actor: string;
  readonly #onMessage: (text: string) => void;
  readonly #signal: AbortSignal | undefined;
  #waiting: { readonly id: string; readonly bytes: Uint8Array }[] = [];
  #sending: Promise<void> | undefined;
  #sent = 0;
  #failure: unknown;

  constructor(
    cluster: Cluster,
    actor: string,
    { onMessage, signal }: { onMessage(text: string): void; readonly signal?: AbortSignal | undefined },
  ) {
    this.#cluster = cluster;
    this.#actor = actor;
    this.#onMessage = onMessage;
    this.#signal = signal;
  }

  /** Counts the games that the server has. */
  get sent(): number {
    return this.#sent;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a game to send. Games are sent one after the other, while the caller goes on. */
  add(id: string, bytes: Uint8Array): void {
    this.#waiting.push({ id, bytes });
    this.#sending ??= this.#sendAll()
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#sending = undefined;
      });
  }

  /** Waits until at most `most` games wait. @throws AlphaTensorError UNAUTHENTICATED if the server takes no games from here */
  async settle(most = 0): Promise<void> {
    while (this.#waiting.length > most && this.#sending !== undefined) await Promise.race([this.#sending, sleep(20)]);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || this.#signal?.aborted) return;
      await this.#send(next.id, next.bytes);
      this.#waiting.shift();
    }
  }

  async #send(id: string, bytes: Uint8Array): Promise<void> {
    let pause = FIRST_MS;
    for (let attempt = 0; !this.#signal?.aborted; attempt++) {
      try {
        await this.#publish(id, bytes);
        this.#sent++;
        return;
      } catch (error) {
        const message = messageOf(error);
        if (/permissions violation/i.test(message)) {
          throw new AlphaTensorError(
            'UNAUTHENTICATED',
            `The server does not take games of ${this.#actor} from these credentials (${message}); invite it again.`,
            { field: '--cluster', cause: error },
          );
        }
        if (attempt === 0)
          this.#onMessage(
            isFull(error)
              ? 'the learner has enough games; waiting'
              : `a game cannot be sent now (${message}); trying again`,
          );
        await sleep(pause * (0.75 + Math.random() / 2), undefined, { signal: this.#signal }).catch(() => undefined);
        pause = Math.min(LONGEST_MS, pause * FACTOR);
      }
    }
  }

  /** Sends a game. That the server has it already is success. */
  async #publish(id: string, bytes: Uint8Array): Promise<void> {
    const { js, names } = this.#cluster;
    const subject = gamesSubject(names, this.#actor);
    const options = { msgID: id, timeout: TIMEOUT_MS };
    if (bytes.length <= MOST_MESSAGE_BYTES) {
      await js.publish(subject, bytes, options);
      return;
    }
    const about = headers();
    about.set(LARGE, await writeObject(this.#cluster, names.large, bytes));
    await js.publish(subject, '', { ...options, headers: about });
  }
}

/** Tells whether the server refused a message because as many wait as may. */
function isFull(error: unknown): boolean {
  return error instanceof JetStreamApiError && /maximum (messages|bytes)/i.test(error.message);
}
