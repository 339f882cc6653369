import { basename, resolve } from 'node:path';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import type { ReplayBuffer } from '../training/replay-buffer.js';
import type { Cluster } from './connect.js';
import { LEARNER } from './names.js';
import type { Peers } from './peers.js';
import { replayShares } from './replay-shares.js';
import { STATUS, type StateWriter } from './state-store.js';
import { type ClusterStatus, statusFile } from './status.js';

/** Writes how a cluster stands, on the server and into the run's folder. */
export class LearnerStatus {
  readonly #cluster: Cluster;
  readonly #state: StateWriter;
  readonly #runDir: string;

  constructor(cluster: Cluster, state: StateWriter, runDir: string) {
    this.#cluster = cluster;
    this.#state = state;
    this.#runDir = runDir;
  }

  async write(
    about: Pick<ClusterStatus, 'session' | 'state' | 'step' | 'version' | 'takenIn'>,
    peers: Peers,
    replay: ReplayBuffer,
  ): Promise<void> {
    const { names, jsm } = this.#cluster;
    const [games, consumer, dead] = await Promise.all([
      jsm.streams.info(names.games),
      jsm.consumers.info(names.games, LEARNER),
      jsm.streams.info(names.dead),
    ]);
    const status: ClusterStatus = {
      format: 1,
      at: new Date().toISOString(),
      cluster: names.cluster,
      run: basename(resolve(this.#runDir)),
      ...about,
      queue: { waiting: consumer.num_pending, inHand: consumer.num_ack_pending, bytes: games.state.bytes },
      dead: dead.state.messages,
      actors: peers.figures(replayShares(replay)),
    };
    const text = JSON.stringify(status);
    writeFileAtomicSync(statusFile(this.#runDir), `${text}\n`);
    await this.#state.write(STATUS, JSON.parse(text));
  }
}
