import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectCluster } from '@alphatensor-edge/trainer/cluster/connect.js';
import { readState, STATUS } from '@alphatensor-edge/trainer/cluster/state-store.js';
import { clusterStatus } from '@alphatensor-edge/trainer/cluster/status.js';
import { freePort, listening } from '../../support/ports.js';
import { type Books, balance } from './books.js';
import { HOSTILE } from './hostile.js';
import { benchActor, benchLearner, natsServer, newFolder } from './parties.js';

/** What a number of actors reached. */
export interface ScaleRow {
  readonly actors: number;
  readonly bytesEach: number;
  readonly gamesPerSecond: number;
  /** The rate over the number of actors times the rate of one. */
  readonly shareOfLinear: number;
  readonly books: Books;
}

/** Measures games a second that the learner takes in and has on disk, with more and more actors that only sleep. */
export async function measureClusterScale(options: {
  readonly folder: string;
  readonly actors: readonly number[];
  readonly sleepMs: number;
  readonly seconds: number;
  readonly isVerbose: boolean;
}): Promise<ScaleRow[]> {
  const rows: ScaleRow[] = [];
  for (const actors of options.actors) {
    const { gamesPerSecond, bytesEach, books } = await measure(options, actors);
    const one = rows[0] === undefined ? gamesPerSecond / actors : rows[0].gamesPerSecond / rows[0].actors;
    rows.push({ actors, bytesEach, gamesPerSecond, shareOfLinear: gamesPerSecond / (actors * one), books });
  }
  return rows;
}

async function measure(options: Parameters<typeof measureClusterScale>[0], actors: number) {
  const { sleepMs, seconds, isVerbose } = options;
  const folder = newFolder(options.folder, `scale-${actors}`);
  const log = isVerbose ? 'inherit' : 'ignore';
  const port = await freePort();
  const address = `nats://127.0.0.1:${port}/bench`;
  const server = natsServer(port, folder);
  await server.start();
  await listening(port);
  const learner = benchLearner(address, join(folder, 'run'), log);
  await learner.start();
  const acked = Array.from({ length: actors }, (_, index) => join(folder, `acked-${index}`));
  const parties = acked.map((file, index) => benchActor(address, `actor-${index}`, sleepMs, file, log));
  try {
    await Promise.all(parties.map((party) => party.start()));
    // The beginning, in which programs are compiled, is left out.
    await sleep(2000);
    const [before, beganAt] = [await takenIn(address), Date.now()];
    await sleep(1000 * seconds);
    const [after, endedAt] = [await takenIn(address), Date.now()];
    await Promise.all(parties.map((party) => party.end('SIGTERM')));
    await sleep(2500);
    await learner.end('SIGTERM');
    const books = balance(join(folder, 'run', 'learnt.json'), acked, HOSTILE);
    const gamesPerSecond = (1000 * (after.games - before.games)) / (after.at - before.at || endedAt - beganAt);
    return { gamesPerSecond, bytesEach: Number(parties[0].first.bytes), books };
  } finally {
    await Promise.all([...parties, learner, server].map((party) => party.end('SIGKILL')));
  }
}

/** Reads how many games the learner has taken in, and when it said so. */
async function takenIn(address: string): Promise<{ readonly games: number; readonly at: number }> {
  const cluster = await connectCluster(address);
  try {
    const status = await readState(cluster, STATUS, clusterStatus);
    const games = (status?.actors ?? []).reduce((sum, actor) => sum + actor.games, 0);
    return { games, at: Date.parse(status?.at ?? '') };
  } finally {
    await cluster.close();
  }
}

export function scaleLine({ actors, bytesEach, gamesPerSecond, shareOfLinear, books }: ScaleRow): string {
  return `${actors} actors: ${gamesPerSecond.toFixed(1)} games/s of ${(bytesEach / 1024).toFixed(1)} KB, ${(100 * shareOfLinear).toFixed(1)} % of linear; ${booksLine(books)}`;
}

export function booksLine({ acknowledged, learnt, lost, twice, false: wrong }: Books): string {
  return `${acknowledged} acknowledged, ${learnt} learnt from, ${lost} lost, ${twice} twice, ${wrong} false`;
}
