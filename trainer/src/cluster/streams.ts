import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { JetStreamApiError, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Cluster } from './connect.js';
import type { QueueLimits } from './limits.js';
import { bestSubject, deadSubject, gamesSubject, givenUpSubject, LEARNER } from './names.js';
import { makeObjects } from './objects.js';
import { StateWriter } from './state-store.js';

/** Milliseconds for which the server itself knows the ids of games. The learner knows them longer. */
const DUPLICATE_MS = 10 * 60_000;
/** The most bytes of a message of a game; larger ones go through the object store. NATS takes 1 MB unless it is told otherwise. */
export const MOST_MESSAGE_BYTES = 768 * 1024;
const HEADERS_BYTES = 64 * 1024;
const MEGABYTE = 1024 * 1024;

/**
 * Makes the streams and buckets of a cluster, or brings those that there are to these limits.
 * @throws AlphaTensorError RESOURCE_EXHAUSTED if the server has no room for them; INVALID_ARGUMENT for credentials without the right
 */
export async function makeStreams(cluster: Cluster, limits: QueueLimits): Promise<void> {
  const { names, jsm } = cluster;
  await explained(cluster, async () => {
    await makeStream(cluster, {
      name: names.games,
      subjects: [gamesSubject(names, '*')],
      retention: 'workqueue',
      discard: 'new',
      discard_new_per_subject: true,
      max_msgs: limits.games,
      max_msgs_per_subject: limits.gamesOfOne,
      max_bytes: limits.bytes,
      max_msg_size: MOST_MESSAGE_BYTES + HEADERS_BYTES,
      duplicate_window: nanos(DUPLICATE_MS),
    });
    await makeStream(cluster, keepNewest(names.dead, deadSubject(names, '*'), 1000, 64 * MEGABYTE));
    await makeStream(cluster, {
      ...keepNewest(names.givenUp, givenUpSubject(names), 100_000, 32 * MEGABYTE),
      retention: 'workqueue',
    });
    const settings = {
      ack_wait: nanos(limits.ackWaitMs),
      max_deliver: limits.deliveries,
      max_ack_pending: 1000,
    };
    await makeConsumer(cluster, names.games, settings);
    await makeConsumer(cluster, names.givenUp, { ack_wait: nanos(30_000), max_deliver: -1, max_ack_pending: 1000 });
    await makeSharedBest(cluster);
    await StateWriter.open(cluster);
    await makeObjects(cluster, names.weights, 1024 * MEGABYTE);
    await makeObjects(cluster, names.large, 256 * MEGABYTE);
    await jsm.getAccountInfo();
  });
}

/** Makes the stream of shared algorithms: of each search the newest few. */
export async function makeSharedBest(cluster: Cluster): Promise<void> {
  const { names } = cluster;
  await explained(cluster, () =>
    makeStream(cluster, {
      ...keepNewest(names.best, bestSubject(names, '*'), 10_000, 64 * MEGABYTE),
      max_msgs_per_subject: 16,
      allow_direct: true,
    }),
  );
}

/** Removes everything of a cluster from the server. */
export async function removeStreams({ names, jsm }: Cluster): Promise<void> {
  const streams = [names.games, names.dead, names.givenUp, names.best, `KV_${names.state}`];
  for (const name of [...streams, `OBJ_${names.weights}`, `OBJ_${names.large}`]) {
    await jsm.streams.delete(name).catch((error: unknown) => {
      if (!(error instanceof JetStreamApiError)) throw error;
    });
  }
}

type Wanted = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

function keepNewest(name: string, subject: string, messages: number, bytes: number): Wanted {
  return { name, subjects: [subject], discard: 'old', max_msgs: messages, max_bytes: bytes };
}

async function makeStream({ jsm }: Cluster, wanted: Wanted): Promise<void> {
  try {
    await jsm.streams.add({ storage: 'file', ...wanted });
  } catch (error) {
    // There is one already, with other limits.
    if (!(error instanceof JetStreamApiError && /already in use/.test(error.message))) throw error;
    await jsm.streams.update(wanted.name, wanted);
  }
}

async function makeConsumer(
  { jsm }: Cluster,
  stream: string,
  settings: { ack_wait: number; max_deliver: number; max_ack_pending: number },
): Promise<void> {
  try {
    await jsm.consumers.add(stream, { durable_name: LEARNER, ack_policy: 'explicit', ...settings });
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    await jsm.consumers.update(stream, LEARNER, settings);
  }
}

async function explained<T>({ address, names }: Cluster, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AlphaTensorError) throw cause;
    const message = messageOf(cause);
    if (/permissions violation/i.test(message)) {
      throw new AlphaTensorError(
        'UNAUTHENTICATED',
        `These credentials may not make the streams of ${names.cluster} (${message}); give the learner's credentials, which at-trainer cluster init wrote.`,
        { field: '--cluster', cause },
      );
    }
    if (/resource|storage|space|exceed/i.test(message)) {
      throw new AlphaTensorError(
        'RESOURCE_EXHAUSTED',
        `The NATS server at ${address.server} has no room for the streams of ${names.cluster} (${message}); give JetStream more storage: about 2 GB.`,
        { field: '--cluster', cause },
      );
    }
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `The NATS server at ${address.server} did not make the streams of ${names.cluster} (${message}).`,
      { field: '--cluster', cause },
    );
  }
}
