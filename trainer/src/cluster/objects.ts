import { createHash, randomBytes } from 'node:crypto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { JsHeaders } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { headers } from '@nats-io/transport-node';
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

/**
 * Writes an object under its key, in the form of NATS object stores, by publishing alone: whoever may only publish can write. One that is
 * there already is not written again.
 * @returns the key
 */
export async function writeObject(cluster: Cluster, bucket: string, bytes: Uint8Array): Promise<string> {
  const { js } = cluster;
  const key = keyOf(bytes);
  const subject = objectSubject(bucket, key);
  const told = await readLast(cluster, objectStream(bucket), subject);
  const known = description.safeParse(told === undefined ? undefined : JSON.parse(Buffer.from(told).toString()));
  if (known.success && !known.data.deleted && known.data.size === bytes.length) return key;
  const nuid = randomBytes(11).toString('hex');
  let chunks = 0;
  for (let at = 0; at < bytes.length; at += PART_BYTES, chunks++) {
    await js.publish(partsSubject(bucket, nuid), bytes.subarray(at, at + PART_BYTES));
  }
  const digest = createHash('sha256').update(bytes).digest('base64').replaceAll('+', '-').replaceAll('/', '_');
  const about = {
    ...{ name: key, bucket, nuid, size: bytes.length, chunks, digest: `SHA-256=${digest}`, deleted: false },
    options: { max_chunk_size: PART_BYTES },
    mtime: new Date().toISOString(),
  };
  const rollup = headers();
  rollup.set(JsHeaders.RollupHdr, JsHeaders.RollupValueSubject);
  await js.publish(subject, JSON.stringify(about), { headers: rollup });
  return key;
}

/** Makes an object store, or opens it. @param mostBytes of the whole store, if it is made */
export async function makeObjects({ js }: Cluster, bucket: string, mostBytes: number): Promise<void> {
  await new Objm(js).create(bucket, { max_bytes: mostBytes });
}

/** Removes an object; one that is not there is no fault. It takes the learner's rights. */
export async function removeObject({ js }: Cluster, bucket: string, key: string): Promise<void> {
  const store = await new Objm(js).open(bucket, false);
  await store.delete(key).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}
