import { z } from 'zod';
import type { StoredWeight } from '../network/parameters.js';
import { decodeSafetensors, encodeSafetensors } from '../run/safetensors.js';
import { begunDocument } from './begun-document.js';
import type { Cluster } from './connect.js';
import { readObject, removeObject, writeObject } from './objects.js';
import { LATEST, readState, type StateWriter } from './state-store.js';

/** The most bytes of weights that an actor reads. */
const MOST_BYTES = 2 ** 30;

/** Says how the next games are played. */
const plan = z.object({
  searcher: z.enum(['mcts', 'beam']),
  /** The move limit of a game of the run's own size. */
  moveLimit: z.number().int().min(1).max(5000),
});
export type Plan = z.infer<typeof plan>;

/** Describes the newest weights. */
export const latestWeights = z.object({
  format: z.literal(1),
  session: z.string(),
  /** Of the run, as in its record. */
  configuration: z.string(),
  version: z.number().int().min(0),
  step: z.number().int().min(0),
  /** SHA-256 of the weights as safetensors: their key in the object store. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().min(1),
  plan,
  /** Games that have begun inside an algorithm; empty where there are none. */
  begun: z.array(begunDocument).max(256),
  /** What the network makes of the fixed position (self-check.ts): the mean of its quantiles. */
  check: z.number(),
});
export type LatestWeights = z.infer<typeof latestWeights>;

/** Publishes weights for actors, and removes those that are too old. */
export class WeightsPublisher {
  readonly #cluster: Cluster;
  readonly #state: StateWriter;
  /** The keys of the versions that actors may still read, oldest first. */
  readonly #kept: string[] = [];

  constructor(cluster: Cluster, state: StateWriter) {
    this.#cluster = cluster;
    this.#state = state;
  }

  /**
   * Publishes weights: first they themselves, then the word that they are the newest.
   * @param keep how many versions stay readable
   */
  async publish(
    weights: readonly StoredWeight[],
    about: Omit<LatestWeights, 'format' | 'key' | 'bytes'>,
    keep: number,
  ): Promise<void> {
    const bytes = encodeSafetensors(weights, 'F32');
    const { weights: bucket } = this.#cluster.names;
    const key = await writeObject(this.#cluster, bucket, bytes);
    await this.#state.write(LATEST, { format: 1, key, bytes: bytes.length, ...about } satisfies LatestWeights);
    if (this.#kept.at(-1) !== key) this.#kept.push(key);
    while (this.#kept.length > keep) await removeObject(this.#cluster, bucket, this.#kept.shift() as string);
  }
}

/** Reads what the newest weights are. Undefined while there are none. @throws AlphaTensorError as readState */
export function readLatest(cluster: Cluster): Promise<LatestWeights | undefined> {
  return readState(cluster, LATEST, latestWeights);
}

/** Reads weights. @throws AlphaTensorError NOT_FOUND if newer ones have replaced them; NOT_BELIEVED, UNSUPPORTED_FORMAT */
export async function readWeights(cluster: Cluster, { key, bytes }: LatestWeights): Promise<StoredWeight[]> {
  return decodeSafetensors(await readObject(cluster, cluster.names.weights, key, Math.min(bytes, MOST_BYTES)));
}
