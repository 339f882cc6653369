import { performance } from 'node:perf_hooks';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { formatSize, Random, type RandomState, type Size } from '@alphatensor-edge/shared';
import { CyclicExplorer, type CyclicOptions } from './cyclic-explorer.js';
import { Explorer, type ExplorerOptions, type Find, type Search } from './explorer.js';
import type { PackedTerms } from './packed-terms.js';
import { PoolExplorer, type PoolOptions } from './pool-explorer.js';

// The program of a worker thread that walks until it is terminated.

export interface WalkerData {
  readonly search:
    | ({ readonly kind: 'size' } & ExplorerOptions)
    | ({ readonly kind: 'cyclic' } & CyclicOptions)
    | ({ readonly kind: 'pool' } & PoolOptions);
  readonly random: RandomState;
}

/** Sends a walker a factorization that another walker found, or that was lifted to the integers. */
export interface WalkerOrder {
  readonly size: Size;
  readonly terms: PackedTerms;
  readonly isLifted: boolean;
}

/** Sends a factorization from a walker, or its progress. */
export type WalkerMessage =
  | ({ readonly kind: 'found'; readonly flips: number } & Find)
  | { readonly kind: 'progress'; readonly size: Size; readonly flips: number };

const PROGRESS_MILLISECONDS = 500;

if (parentPort !== null) {
  const { random, search: options } = workerData as WalkerData;
  const port = parentPort;
  const search = searchOf(options, new Random(random));
  /** The lowest rank of each size that this walker knows. */
  const lowest = new Map<string, number>();
  const isLower = (size: Size, rank: number): boolean =>
    rank < (lowest.get(formatSize(size)) ?? Number.POSITIVE_INFINITY);
  const note = (size: Size, rank: number): void => {
    if (isLower(size, rank)) lowest.set(formatSize(size), rank);
  };
  if (options.kind === 'pool') for (const { size, terms } of options.starts) note(size, terms.rank);
  else for (const { rank } of options.starts) note(options.size, rank);
  let toldAt = performance.now();
  for (;;) {
    const find = search.advance();
    // Modulo 2 a higher rank counts too, because it may be liftable. A product counts always: it does not show how far walks came.
    const counts = find?.isComposed || options.arithmetic === 'modulo-2';
    if (find !== undefined && (counts || isLower(find.size, find.terms.rank))) {
      if (!find.isComposed) note(find.size, find.terms.rank);
      port.postMessage({ kind: 'found', ...find, flips: search.flips } satisfies WalkerMessage);
    }
    // This thread never returns to its event loop, so it asks for orders.
    const order = receiveMessageOnPort(port)?.message as WalkerOrder | undefined;
    if (order !== undefined) {
      search.adopt(order.size, order.terms, order.isLifted);
      note(order.size, order.terms.rank);
    }
    if (performance.now() - toldAt >= PROGRESS_MILLISECONDS) {
      toldAt = performance.now();
      port.postMessage({ kind: 'progress', size: search.size, flips: search.flips } satisfies WalkerMessage);
    }
  }
}

function searchOf(options: WalkerData['search'], random: Random): Search {
  if (options.kind === 'pool') return new PoolExplorer(options, random);
  return options.kind === 'cyclic' ? new CyclicExplorer(options, random) : new Explorer(options, random);
}
