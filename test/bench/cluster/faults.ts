import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, type Random } from '@alphatensor-edge/shared';
import { readStatusFile } from '@alphatensor-edge/trainer/cluster/status.js';
import { freePort, listening } from '../../support/ports.js';
import { type Books, balance } from './books.js';
import { HOSTILE, sendLies } from './hostile.js';
import { benchActor, benchLearner, Line, natsServer, newFolder, type Party } from './parties.js';

/** Lists the faults, with how often each is injected unless it is said otherwise. */
export const FAULTS = {
  'actor killed': 20,
  'learner killed': 20,
  'server killed': 20,
  'hostile actor': 20,
  'line cut': 5,
  'disk full': 5,
} as const;
export type Fault = keyof typeof FAULTS;

/** What a kind of fault did. */
export interface FaultRow {
  readonly kind: Fault;
  readonly injected: number;
  /** After how many of them no games arrived within a minute. */
  readonly stalled: number;
  readonly books: Books;
  /** The refused games of the hostile actor, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Why it was not injected. */
  readonly skipped?: string;
}

/** The parties of one kind of fault. */
interface Scene {
  readonly folder: string;
  readonly runDir: string;
  readonly address: string;
  readonly server: Party;
  readonly learner: Party;
  readonly actors: readonly Party[];
  readonly line: Line;
  readonly linePort: number;
  readonly serverPort: number;
  readonly random: Random;
  readonly cutMs: number;
}

/** Injects a kind of fault, and balances the books at the end: everything is started again and runs until the queue is empty. */
export async function injectFault(
  kind: Fault,
  options: {
    readonly folder: string;
    readonly count: number;
    readonly cutSeconds: number;
    readonly sleepMs: number;
    readonly random: Random;
    readonly isVerbose: boolean;
  },
): Promise<FaultRow> {
  const began = Date.now();
  const { count, random, sleepMs, isVerbose } = options;
  const folder = newFolder(options.folder, kind.replace(' ', '-'));
  const runDir = newFolder(folder, 'run');
  const none: Books = { acknowledged: 0, learnt: 0, lost: 0, twice: 0, false: 0 };
  const small = kind === 'disk full' ? smallDisk(runDir) : undefined;
  if (small !== undefined && small.reason !== undefined) {
    return { kind, injected: 0, stalled: 0, books: none, refused: {}, seconds: 0, skipped: small.reason };
  }
  const log = isVerbose ? 'inherit' : 'ignore';
  const [serverPort, linePort] = [await freePort(), await freePort()];
  const address = `nats://127.0.0.1:${linePort}/bench`;
  const line = new Line(serverPort);
  await line.open(linePort);
  const server = natsServer(serverPort, folder);
  const learner = benchLearner(address, runDir, log);
  const acked = [0, 1].map((index) => join(folder, `acked-${index}`));
  const actors = acked.map((file, index) => benchActor(address, `actor-${index}`, sleepMs, file, log));
  const parties = [server, learner, ...actors];
  try {
    await server.start();
    await listening(serverPort);
    await learner.start();
    await Promise.all(actors.map((actor) => actor.start()));
    const scene = {
      ...{ folder, runDir, address, server, learner, actors, line, linePort, serverPort, random },
      cutMs: 1000 * options.cutSeconds,
    };
    let stalled = 0;
    for (let round = 0; round < count; round++) {
      await sleep(300 + random.int(1200));
      await INJECTIONS[kind](scene, round);
      if (!(await flows(acked))) stalled++;
    }
    await sleep(1500);
    await Promise.all(actors.map((actor) => actor.end('SIGTERM')));
    await settled(runDir);
    const refused = readStatusFile(runDir)?.actors.find(({ name }) => name === HOSTILE)?.refused ?? {};
    await learner.end('SIGTERM');
    const books = balance(join(runDir, 'learnt.json'), acked, HOSTILE);
    return { kind, injected: count, stalled, books, refused, seconds: Math.round((Date.now() - began) / 1000) };
  } finally {
    await Promise.all(parties.map((party) => party.end('SIGKILL')));
    await line.cut();
    small?.undo();
  }
}

const INJECTIONS: Readonly<Record<Fault, (scene: Scene, round: number) => Promise<void>>> = {
  'actor killed': async ({ actors, random }) => {
    const actor = actors[random.int(actors.length)];
    await actor.end('SIGKILL');
    await actor.start();
  },
  'learner killed': async ({ learner, random }) => {
    await learner.end('SIGKILL');
    await sleep(random.int(1000));
    await learner.start();
  },
  'server killed': async ({ server, serverPort, random }) => {
    await server.end('SIGKILL');
    await sleep(random.int(2000));
    await server.start();
    await listening(serverPort);
  },
  'hostile actor': async ({ address, folder }, round) => {
    appendFileSync(join(folder, 'acked-0'), `${await sendLies(address, round)}\n`);
  },
  'line cut': async ({ line, linePort, cutMs }) => {
    await line.cut();
    await sleep(cutMs);
    await line.open(linePort);
  },
  'disk full': async ({ runDir, random }) => {
    const filler = join(runDir, 'filler');
    const { bavail, bsize } = statfsSync(runDir);
    try {
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    } catch {
      // Full is what it is to be.
    }
    await sleep(2000 + random.int(2000));
    rmSync(filler, { force: true });
  },
};

/** Waits until games arrive again: until more were acknowledged. */
async function flows(acked: readonly string[]): Promise<boolean> {
  const total = (): number => acked.reduce((sum, file) => sum + statSync(file).size, 0);
  const before = total();
  for (let attempt = 0; attempt < 600; attempt++) {
    await sleep(100);
    if (total() > before) return true;
  }
  return false;
}

/** Waits until no game waits any more, as the learner says. @throws Error after a quarter of an hour */
async function settled(runDir: string): Promise<void> {
  for (let quiet = 0, attempt = 0; quiet < 3; attempt++) {
    if (attempt === 900)
      throw new Error('After 15 minutes games still wait on the server: the learner does not take them.');
    await sleep(1000);
    const status = readStatusFile(runDir);
    const isFresh = status !== undefined && Date.now() - Date.parse(status.at) < 8000;
    quiet = isFresh && status.queue.waiting + status.queue.inHand + status.takenIn === 0 ? quiet + 1 : 0;
  }
}

/** Makes a disk of a few megabytes in memory at a folder; it takes root. */
function smallDisk(path: string): { readonly reason: string | undefined; undo(): void } {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', path], { stdio: 'pipe' });
    return {
      reason: undefined,
      undo: () => {
        execFileSync('umount', ['-l', path]);
      },
    };
  } catch (error) {
    return { reason: `no small disk can be made here (${messageOf(error)})`, undo: () => undefined };
  }
}
