import { createHash } from 'node:crypto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { type ObjectStore, Objm } from '@nats-io/obj';
import { z } from 'zod';
import type { Cluster } from './connect.js';
import { objectStream, objectSubject, partsSubject } from './names.js';
import { isMissing, readLast } from './state-store.js';

/** The bytes of a part of an object. */
const PART_BYTES = 512 * 1024;
/** The part of an object's description that is read. */
const description = z.object({
  nuid: z.string().regex(/^[A-Za-z0-9]+$/),
  size: z.number().int().min(0),
  chunks: z.number().int().min(0).max(100_000),
  deleted: z.boolean().optional(),
});

/** Gives the key of an object: the SHA-256 of its bytes in hexadecimal. */
export function keyOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Reads an object by its key, part by part, each by a request of its own: that takes no right but to ask for messages of this store.
 * @param most the most bytes that are read
 * @throws AlphaTensorError NOT_FOUND if it is not there; NOT_BELIEVED if it is larger than `most` or not what its key says
 */
export async function readObject(cluster: Cluster, bucket: string, key: string, most: number): Promise<Uint8Array> {
  const missing = (): AlphaTensorError =>
    new AlphaTensorError('NOT_FOUND', `The object ${key.slice(0, 16)} is not in ${bucket} any more.`);
  const told = await readLast(cluster, objectStream(bucket), objectSubject(bucket, key));
  const head = description.safeParse(told === undefined ? undefined : JSON.parse(Buffer.from(told).toString()));
  if (!head.success || head.data.deleted) throw missing();
  const { size, nuid } = head.data;
  if (size > most) {
    throw new AlphaTensorError(
      'NOT_BELIEVED',
      `The object ${key.slice(0, 16)} has ${size} bytes; ${most} is the most.`,
    );
  }
  const bytes = new Uint8Array(size);
  for (let at = 0, after = 0; at < size; ) {
    const part = await nextPart(cluster, bucket, nuid, after + 1);
    if (part === undefined || part.data.length === 0 || at + part.data.length > size) throw missing();
    bytes.set(part.data, at);
    at += part.data.length;
    after = part.seq;
  }
  if (keyOf(bytes) === key) return bytes;
  throw new AlphaTensorError('NOT_BELIEVED', `The object ${key.slice(0, 16)} is not what its key says.`);
}

async function nextPart({ jsm }: Cluster, bucket: string, id: string, seq: number) {
  try {
    return (
      (await jsm.direct.getMessage(objectStream(bucket), { seq, next_by_subj: partsSubject(bucket, id) })) ?? undefined
    );
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes objects. */
export class ObjectWriter {
  readonly #store: ObjectStore;

  private constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Makes a store, or opens it. @param mostBytes of the whole store, if it is made */
  static async make({ js }: Cluster, bucket: string, mostBytes: number): Promise<ObjectWriter> {
    return new ObjectWriter(await new Objm(js).create(bucket, { max_bytes: mostBytes }));
  }

  /** Opens a store that there is. */
  static async open({ js }: Cluster, bucket: string): Promise<ObjectWriter> {
    return new ObjectWriter(await new Objm(js).open(bucket, false));
  }

  /** Writes an object and returns its key. One that is there already is not written again. */
  async put(bytes: Uint8Array): Promise<string> {
    const key = keyOf(bytes);
    const known = await this.#store.info(key);
    if (known === null || known.deleted || known.size !== bytes.length) {
      await this.#store.putBlob({ name: key, options: { max_chunk_size: PART_BYTES } }, bytes);
    }
    return key;
  }

  async remove(key: string): Promise<void> {
    await this.#store.delete(key).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
}
