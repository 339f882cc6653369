import { connectCluster } from '@alphatensor-edge/trainer/cluster/connect.js';
import { encodeGame, MOST_GAME_BYTES } from '@alphatensor-edge/trainer/cluster/game-message.js';
import { gamesSubject, LARGE } from '@alphatensor-edge/trainer/cluster/names.js';
import { writeObject } from '@alphatensor-edge/trainer/cluster/objects.js';
import { headers } from '@nats-io/transport-node';
import { GameMaker } from '../../support/cluster-games.js';
import { NEWEST } from './books.js';

/** The name of the hostile actor. */
export const HOSTILE = 'hostile';

/** The name of an actor whose games the hostile one copies. */
const COPIED = 'copied';

/**
 * Sends one game of each kind of lie, and a copy of another actor's game under an id of its own. Resolves when the server has them.
 * @returns the id of the other actor's game, which is to be learnt from once, though it is sent twice
 */
export async function sendLies(address: string, round: number): Promise<string> {
  const cluster = await connectCluster(address);
  try {
    const maker = await GameMaker.open(`hostile/${round}`);
    const game = (number: number, version = NEWEST) => maker.make(`${HOSTILE}.r${round}.${number}`, version, 8);
    const moves = Uint8Array.from(game(0).moves);
    // The term of the last move is subtracted a second time.
    moves.set(moves.slice(-16), 0);
    const wrong = { ...game(1), moves };
    const claim = { rank: 2, u: [1, 0, 0, 0, 0, 1, 0, 0], v: Array(12).fill(1), w: Array(12).fill(1) };
    const falsePolicy = game(7);
    const copied = maker.make(`${COPIED}.r${round}.1`, NEWEST, 8);
    for (const message of ['first', 'second']) {
      const options = { msgID: `${COPIED}.r${round}.${message}`, timeout: 5000 };
      await cluster.js.publish(gamesSubject(cluster.names, COPIED), encodeGame(copied), options);
    }
    const lies = [
      encodeGame(wrong),
      encodeGame({ ...game(2), found: [claim] }),
      encodeGame(game(3, 100)),
      encodeGame({ ...copied, id: `${HOSTILE}.r${round}.4` }),
      // Under another actor's id.
      encodeGame({ ...game(6), id: `${COPIED}.r${round}.2` }),
      encodeGame({ ...game(5), configuration: 'f'.repeat(64) }),
      encodeGame({
        ...falsePolicy,
        searched: falsePolicy.searched.map((one) => ({ ...one, policy: one.policy.map(() => 1) })),
      }),
      Buffer.from('not a game'),
    ];
    const subject = gamesSubject(cluster.names, HOSTILE);
    for (const [index, lie] of lies.entries()) {
      await cluster.js.publish(subject, lie, { msgID: `${HOSTILE}.r${round}.m${index}`, timeout: 5000 });
    }
    // A game that is said to lie in the object store, and does not; one that is too large there; and one that the server itself refuses.
    const about = headers();
    about.set(LARGE, 'f'.repeat(64));
    await cluster.js.publish(subject, '', { msgID: `${HOSTILE}.r${round}.missing`, headers: about, timeout: 5000 });
    about.set(LARGE, await writeObject(cluster, cluster.names.large, Buffer.alloc(MOST_GAME_BYTES + 1, round)));
    await cluster.js.publish(subject, '', { msgID: `${HOSTILE}.r${round}.large`, headers: about, timeout: 5000 });
    await cluster.js.publish(subject, Buffer.alloc(1_000_000), { timeout: 5000 }).then(
      () => {
        throw new Error('The server took a message that is too large.');
      },
      () => undefined,
    );
    return copied.id;
  } finally {
    await cluster.close();
  }
}
