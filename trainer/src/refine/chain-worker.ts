import { parentPort, workerData } from 'node:worker_threads';
import { type Factorization, verify } from '@alphatensor-edge/shared';
import type { ChainResult } from './chain.js';
import { Refinement, type RefinementOptions } from './refine.js';

// The program of a worker thread. It runs chains of a refinement and takes up what all threads found.

/** Holds what a refinement is made of, as it comes from another thread. */
export interface ChainWorkerData {
  readonly start: Factorization;
  readonly options: RefinementOptions;
  readonly state?:
    | ({ readonly chains: number } & {
        readonly [list in 'points' | 'near' | 'island' | 'orbits']: readonly Factorization[];
      })
    | undefined;
}

/** Says which chain of the next round to run, or what the chains of a round found. */
export type ChainMessage = { readonly run: number } | { readonly absorb: readonly ChainResult[] };

/** Holds a ChainResult as it comes from another thread. */
export interface ChainReply {
  readonly points: readonly Factorization[];
  readonly orbit?: { readonly factorization: Factorization; readonly floor: number } | undefined;
}

if (parentPort !== null) {
  const port = parentPort;
  const { start, options, state } = workerData as ChainWorkerData;
  const refinement = new Refinement(
    verify(start),
    options,
    state && {
      chains: state.chains,
      points: state.points.map(verify),
      near: state.near.map(verify),
      island: state.island.map(verify),
      orbits: state.orbits.map(verify),
    },
  );
  port.on('message', (message: ChainMessage) => {
    if ('absorb' in message) refinement.absorb(message.absorb);
    else port.postMessage(refinement.run(message.run) satisfies ChainReply);
  });
}
