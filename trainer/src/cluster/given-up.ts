import { headers } from '@nats-io/transport-node';
import { z } from 'zod';
import type { Cluster } from './connect.js';
import { actorOf, deadSubject, LEARNER } from './names.js';
import type { Peers } from './peers.js';
import { watch } from './watchdog.js';

/** The most that are handled at a time. */
const AT_A_TIME = 64;
/** The part of the server's word that is read. */
const advisory = z.object({ stream_seq: z.number().int().min(1) });

/**
 * Takes games off the queue that were given to a learner as often as it is allowed, in vain: the server itself would keep them for ever
 * (nats-server issue 5564). They go to the stream of refused games.
 * @returns how many there were
 */
export async function clearGivenUp(cluster: Cluster, peers: Peers): Promise<number> {
  const { js, jsm, names, connection } = cluster;
  const consumer = await js.consumers.get(names.givenUp, LEARNER);
  // A fetch would wait for a second.
  if ((await consumer.info()).num_pending === 0) return 0;
  const told = await consumer.fetch({ max_messages: AT_A_TIME, expires: 1000 });
  const watchdog = watch(told);
  let cleared = 0;
  try {
    for await (const word of told) {
      const { stream_seq: seq } = advisory.parse(word.json());
      const game = await jsm.streams.getMessage(names.games, { seq }).catch(() => null);
      // It may have been acknowledged at last.
      if (game !== null) {
        const actor = actorOf(game.subject);
        const about = headers();
        about.set('At-Reason', 'given-up: delivered too often in vain');
        connection.publish(deadSubject(names, actor), game.data, { headers: about });
        await jsm.streams.deleteMessage(names.games, seq);
        peers.refuse(actor, 'given-up', 'It was delivered too often in vain.');
        cleared++;
      }
      word.ack();
      if (word.info.pending === 0) break;
    }
  } finally {
    watchdog.end();
  }
  return cleared;
}
