import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { verify } from '@alphatensor-edge/shared';
import type { ChainResult } from './chain.js';
import type { ChainMessage, ChainReply, ChainWorkerData } from './chain-worker.js';
import { CHAINS_IN_ROUND, type Refinement } from './refine.js';

/** Runs rounds of chains. The results depend on the seed alone, not on how many threads there are. */
export interface Team {
  /** Runs the next round and has the refinement take up what it found. */
  round(): Promise<void>;
  close(): Promise<void>;
}

/** Makes a team that works in this thread. */
export function lonelyTeam(refinement: Refinement): Team {
  return {
    round: async () => {
      const results: ChainResult[] = [];
      for (let place = 0; place < CHAINS_IN_ROUND; place++) {
        results.push(refinement.run(place));
        await setImmediate();
      }
      refinement.absorb(results);
    },
    close: async () => {},
  };
}

/**
 * Makes a team of threads. Each has a copy of the refinement, which takes up what all of them found, so that all copies stay the same.
 * @param data what `refinement` was made of
 */
export function teamOf(workers: number, refinement: Refinement, data: ChainWorkerData): Team {
  const threads = Array.from({ length: Math.min(workers, CHAINS_IN_ROUND) }, () => {
    return new Worker(new URL('./chain-worker.js', import.meta.url), { workerData: data });
  });
  const tell = (thread: Worker, message: ChainMessage): void => thread.postMessage(message);
  return {
    round: async () => {
      const results: ChainResult[] = [];
      let next = 0;
      await Promise.all(
        threads.map(async (thread) => {
          while (next < CHAINS_IN_ROUND) {
            const place = next++;
            const answer = reply(thread);
            tell(thread, { run: place });
            results[place] = verified(await answer);
          }
        }),
      );
      for (const thread of threads) tell(thread, { absorb: results });
      refinement.absorb(results);
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

function reply(thread: Worker): Promise<ChainReply> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: ChainReply): void => {
      thread.off('error', reject);
      resolve(message);
    };
    thread.once('message', onMessage).once('error', reject);
  });
}

/** What comes from another thread is reconstructed exactly before it is used. */
function verified({ points, orbit }: ChainReply): ChainResult {
  return {
    points: points.map(verify),
    orbit: orbit && { factorization: verify(orbit.factorization), floor: orbit.floor },
  };
}
