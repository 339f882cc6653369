import { performance } from 'node:perf_hooks';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Random, type RandomState, type Size } from '@alphatensor-edge/shared';
import { Explorer, type ExplorerOptions, type Find } from './explorer.js';
import type { PackedTerms } from './flip-walk.js';

// The program of a worker thread that walks until it is terminated.

export interface WalkerData extends ExplorerOptions {
  readonly random: RandomState;
}

/** Sends a walker a factorization that another walker found, or that was lifted to the integers. */
export interface WalkerOrder {
  readonly terms: PackedTerms;
  readonly isLifted: boolean;
}

/** Sends a factorization of the wanted size from a walker, or its progress. */
export type WalkerMessage =
  | ({ readonly kind: 'found'; readonly flips: number } & Find)
  | { readonly kind: 'progress'; readonly size: Size; readonly flips: number };

const PROGRESS_MILLISECONDS = 500;

if (parentPort !== null) {
  const { random, ...options } = workerData as WalkerData;
  const port = parentPort;
  const explorer = new Explorer(options, new Random(random));
  let lowest = Math.min(...options.starts.map(({ rank }) => rank));
  let toldAt = performance.now();
  for (;;) {
    const find = explorer.advance();
    // Modulo 2 a higher rank counts too, because it may be liftable. A product counts always: it does not show how far walks came.
    if (find !== undefined && (find.isComposed || find.terms.rank < lowest || options.arithmetic === 'modulo-2')) {
      if (!find.isComposed) lowest = Math.min(lowest, find.terms.rank);
      port.postMessage({ kind: 'found', ...find, flips: explorer.flips } satisfies WalkerMessage);
    }
    // This thread never returns to its event loop, so it asks for orders.
    const order = receiveMessageOnPort(port)?.message as WalkerOrder | undefined;
    if (order !== undefined) {
      explorer.adopt(order.terms, order.isLifted);
      lowest = Math.min(lowest, order.terms.rank);
    }
    if (performance.now() - toldAt >= PROGRESS_MILLISECONDS) {
      toldAt = performance.now();
      port.postMessage({ kind: 'progress', size: explorer.size, flips: explorer.flips } satisfies WalkerMessage);
    }
  }
}
