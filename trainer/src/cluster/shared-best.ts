import { setTimeout as sleep } from 'node:timers/promises';
import {
  AlphaTensorError,
  ARITHMETICS,
  contentHash,
  type Factorization,
  MODES,
  messageOf,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import { z } from 'zod';
import { defaultActorName } from './actor-name.js';
import { type Cluster, connectCluster } from './connect.js';
import { bestSubject } from './names.js';
import { isMissing } from './state-store.js';
import { makeSharedBest } from './streams.js';

/** Milliseconds between two looks. */
const POLL_MS = 2000;
/** The most bytes of a message that is read: above those of any algorithm that a search finds. */
const MOST_BYTES = 700_000;

const whole = z.number().int();
const matrix = z.object({ coefficients: z.array(whole).max(200_000), denominator: whole });
/** Describes an algorithm as it travels. It is verified when it arrives. */
const shared = z.object({
  format: z.literal(1),
  size: z.object({ n: whole, m: whole, p: whole }),
  arithmetic: z.enum(ARITHMETICS),
  rank: whole,
  u: matrix,
  v: matrix,
  w: matrix,
});

/** Shares the best algorithms of flip graph searches through a cluster. What others share is verified before it is used. */
export class SharedBest {
  readonly #cluster: Cluster;
  readonly #name: string;
  readonly #onMessage: (text: string) => void;
  readonly #stop = new AbortController();
  /** The content of what this search knows, so that nothing is given back to those who gave it. */
  readonly #known = new Set<string>();
  #sending: Promise<void> = Promise.resolve();
  #listening: Promise<void> = Promise.resolve();

  /**
   * Joins a cluster.
   * @throws AlphaTensorError as connectCluster and makeStreams
   */
  static async join(address: string, onMessage: (text: string) => void): Promise<SharedBest> {
    const cluster = await connectCluster(address);
    try {
      // Actors may not make streams; the learner or another search has.
      if ((cluster.address.credentials?.level ?? 'learner') === 'learner') await makeSharedBest(cluster);
      return new SharedBest(cluster, onMessage);
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  private constructor(cluster: Cluster, onMessage: (text: string) => void) {
    this.#cluster = cluster;
    this.#name = cluster.name ?? defaultActorName();
    this.#onMessage = onMessage;
  }

  publish(factorization: VerifiedFactorization): void {
    const hash = contentHash(factorization);
    if (this.#known.has(hash)) return;
    this.#known.add(hash);
    const { size, arithmetic, rank } = factorization;
    const [u, v, w] = MODES.map((mode) => {
      const { coefficients, denominator } = factorization[mode];
      return { coefficients: [...coefficients], denominator };
    });
    const text = JSON.stringify({ format: 1, size, arithmetic, rank, u, v, w });
    const subject = bestSubject(this.#cluster.names, this.#name);
    this.#sending = this.#sending
      .then(() => this.#cluster.js.publish(subject, text, { msgID: `${this.#name}.${hash}` }))
      .then(
        () => undefined,
        (error: unknown) => this.#onMessage(`an algorithm of rank ${rank} was not shared (${messageOf(error)})`),
      );
  }

  listen(take: (factorization: VerifiedFactorization) => void): void {
    this.#listening = this.#poll(take);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#sending, this.#listening]);
    await this.#cluster.close();
  }

  async #poll(take: (factorization: VerifiedFactorization) => void): Promise<void> {
    const { signal } = this.#stop;
    for (let seq = 1; !signal.aborted; ) {
      const message = await this.#next(seq);
      if (message === undefined) {
        await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
        continue;
      }
      seq = message.seq + 1;
      const factorization = read(message.data);
      if (factorization === undefined) {
        this.#onMessage(`${message.subject.split('.').at(-1)} shared what is no algorithm; it is left out`);
        continue;
      }
      const hash = contentHash(factorization);
      if (this.#known.has(hash)) continue;
      this.#known.add(hash);
      take(factorization);
    }
  }

  async #next(seq: number) {
    const { jsm, names } = this.#cluster;
    try {
      return (await jsm.direct.getMessage(names.best, { seq, next_by_subj: bestSubject(names, '*') })) ?? undefined;
    } catch (error) {
      if (!isMissing(error) && process.env.ALPHATENSOR_DEBUG) this.#onMessage(messageOf(error));
      return undefined;
    }
  }
}

function read(bytes: Uint8Array): VerifiedFactorization | undefined {
  if (bytes.length > MOST_BYTES) return undefined;
  try {
    const { size, arithmetic, rank, u, v, w } = shared.parse(JSON.parse(Buffer.from(bytes).toString()));
    const of = ({ coefficients, denominator }: z.infer<typeof matrix>): Factorization['u'] => ({
      coefficients: Int32Array.from(coefficients),
      denominator,
    });
    return verify({ size, arithmetic, rank, u: of(u), v: of(v), w: of(w) });
  } catch (error) {
    if (error instanceof AlphaTensorError || error instanceof z.ZodError || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}
