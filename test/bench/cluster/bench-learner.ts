// A learner of a cluster without a network: it takes games as `train --cluster` does, notes their ids, and saves them now and then, as a
// checkpoint saves the replay: bench-learner.js ADDRESS RUN_DIR
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectCluster } from '@alphatensor-edge/trainer/cluster/connect.js';
import { ClusterGames } from '@alphatensor-edge/trainer/cluster/learner.js';
import { DEFAULT_LIMITS } from '@alphatensor-edge/trainer/cluster/limits.js';
import { configurationHash } from '@alphatensor-edge/trainer/cluster/run-record.js';
import { LATEST, StateWriter } from '@alphatensor-edge/trainer/cluster/state-store.js';
import { makeStreams } from '@alphatensor-edge/trainer/cluster/streams.js';
import type { LatestWeights } from '@alphatensor-edge/trainer/cluster/weights.js';
import { gameRules } from '@alphatensor-edge/trainer/config.js';
import type { Network } from '@alphatensor-edge/trainer/network/model.js';
import { ReplayBuffer } from '@alphatensor-edge/trainer/training/replay-buffer.js';
import { PLAIN_REWARD } from '@alphatensor-edge/trainer/training/reward.js';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { clusterConfig } from '../../support/cluster-games.js';
import { type Learnt, NEWEST } from './books.js';

const STEP_MS = 20;
const SAVE_EVERY = 25;

const [address, runDir] = process.argv.slice(2);
mkdirSync(runDir, { recursive: true });
const file = join(runDir, 'learnt.json');
const before: Learnt = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as Learnt)
  : { step: NEWEST, ids: [] };
const ids = [...before.ids];
let { step } = before;
let isStopped = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => (isStopped = true));

const config = clusterConfig();
const replay = new ReplayBuffer(gameRules(config), config);
const limits = { ...DEFAULT_LIMITS, ackWaitMs: 2000, deliveries: 50 };
await announce();
const source = await ClusterGames.join(
  {
    ...{ address, runDir, step, keepVersions: 10, actorShare: 0.5, limits },
    onMessage: (text) => console.error(text),
  },
  {
    // Nothing is published, so no network is needed.
    network: undefined as unknown as Network,
    ...{ config, reward: PLAIN_REWARD, replay },
    acting: { name: 'tfjs', description: 'none', tfBackend: 'cpu' },
  },
);
console.log(JSON.stringify({ step }));
for (let since = 0; !isStopped; since++) {
  await sleep(STEP_MS);
  step++;
  for (const game of await source.take({ step })) {
    ids.push(game.id);
    if (game.stored !== undefined) replay.addGame(game.stored);
  }
  if (since % SAVE_EVERY === 0) await save();
}
await save();
await source.close();

/** Says that there are weights of version NEWEST, as a run would that goes on. */
async function announce(): Promise<void> {
  const cluster = await connectCluster(address);
  await makeStreams(cluster, limits);
  const configuration = configurationHash(config);
  await (await StateWriter.open(cluster)).write(LATEST, {
    ...{ format: 1, session: 'bench', configuration, version: NEWEST, step: NEWEST, key: '0'.repeat(64), bytes: 1 },
    ...{ plan: { searcher: 'mcts', moveLimit: config.moveLimit }, begun: [], check: 0 },
  } satisfies LatestWeights);
  await cluster.close();
}

/** Saves as a run does: the games first, then the word that they are saved. A full disk only delays it. */
async function save(): Promise<void> {
  try {
    writeFileAtomicSync(file, JSON.stringify({ step, ids } satisfies Learnt));
  } catch (error) {
    console.error(String(error));
    return;
  }
  await source.saved();
}
