import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { type KV, Kvm } from '@nats-io/kv';
import type { z } from 'zod';
import type { Cluster } from './connect.js';
import { keyStream, keySubject } from './names.js';

// The state of a cluster is a few small documents under their keys: `run`, `weights.latest`, `status`, and `removed.NAME` for an actor
// whose games were removed. The learner writes them. Everybody reads them by single requests, for which few rights are needed.

/** Keys of the documents. */
export const RUN = 'run';
export const LATEST = 'weights.latest';
export const STATUS = 'status';
export const removedKey = (actor: string): string => `removed.${actor}`;

/**
 * Reads a document. Undefined if there is none.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT for a document of another form; TIMEOUT if nobody answers, as the cluster was never on the
 *   server, or the server is away
 */
export async function readState<T>(cluster: Cluster, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const { state } = cluster.names;
  const message = await readLast(cluster, keyStream(state), keySubject(state, key)).catch((cause: unknown) => {
    if (!/timeout/i.test(messageOf(cause))) throw cause;
    throw new AlphaTensorError(
      'TIMEOUT',
      `Nothing is known of the cluster ${cluster.names.cluster} at ${cluster.address.server}; start its learner with at-trainer train --cluster, or correct the name.`,
      { field: '--cluster', cause },
    );
  });
  if (message === undefined || message.length === 0) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(message).toString()));
  } catch (cause) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `The cluster's "${key}" is not of this version; use the same version of at-trainer on all machines.`,
      { cause },
    );
  }
}

/** Reads the last message of a subject in a stream. Undefined if there is none, or no such stream. */
export async function readLast(cluster: Cluster, stream: string, subject: string): Promise<Uint8Array | undefined> {
  try {
    return (await cluster.jsm.direct.getMessage(stream, { last_by_subj: subject }))?.data;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Tells whether the server says that there is no such message, stream or bucket: nobody answers for a stream that there is not. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && /not found|no responders|stream not found|no message/i.test(error.message);
}

/** Writes the documents of a cluster. */
export class StateWriter {
  readonly #bucket: KV;

  private constructor(bucket: KV) {
    this.#bucket = bucket;
  }

  /** Opens the bucket. The first call makes it. */
  static async open({ js, names }: Cluster): Promise<StateWriter> {
    return new StateWriter(await new Kvm(js).create(names.state, { history: 1, max_bytes: 16 * 1024 * 1024 }));
  }

  async write(key: string, document: unknown): Promise<void> {
    await this.#bucket.put(key, JSON.stringify(document));
  }

  /** Lists the keys that begin with `removed.`, as names of actors. */
  async removedActors(): Promise<string[]> {
    const names: string[] = [];
    for await (const key of await this.#bucket.keys(removedKey('*'))) names.push(key.slice(removedKey('').length));
    return names;
  }

  async remove(key: string): Promise<void> {
    await this.#bucket.purge(key);
  }
}
