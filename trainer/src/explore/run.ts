import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import {
  type Arithmetic,
  contentHash,
  type FactorizationRecord,
  MODES,
  Random,
  type Size,
  sameSize,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { LiftQueue } from './lift-queue.js';
import { checkPackable, pack, unpack } from './packed.js';
import type { WalkerData, WalkerMessage, WalkerOrder } from './walker.js';

/** Longest timer, milliseconds (24 days). A longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

interface ExploreOptions {
  readonly size: Size;
  readonly arithmetic: Arithmetic;
  /** Factorizations to begin with. If empty, the search grows from the standard algorithm of the smallest size. */
  readonly starts: readonly VerifiedFactorization[];
  /** The starts in words, for the notes of the findings: `the standard algorithm`. */
  readonly from: string;
  readonly seed: number;
  /** Number of the session of a resumed run, so that sessions do not repeat the same walk. */
  readonly session: number;
  readonly workers: number;
  /** Writes a factorization and resolves to its file. */
  readonly keep: (record: FactorizationRecord) => Promise<string>;
  readonly budgetSeconds?: number | undefined;
  /** Stops as soon as this rank or less is found, in the arithmetic of the search … */
  readonly untilRank?: number | undefined;
  /** … or, if this is true, with integer coefficients. */
  readonly integersOnly: boolean;
  readonly signal: AbortSignal;
  readonly hooks: ExploreHooks;
  /** Shares the best with searches elsewhere; by default it is shared with nobody. */
  readonly share?: BestSharing | undefined;
}

/** Shares the best factorizations between searches on several machines. */
export interface BestSharing {
  /** Gives a factorization of a new lowest rank to the others. */
  publish(factorization: VerifiedFactorization): void;
  /** Calls `take` for each that another search gave, verified. */
  listen(take: (factorization: VerifiedFactorization) => void): void;
}

interface ExploreHooks {
  /** Called about twice a second. */
  onProgress(progress: ExploreProgress): void;
  /** Called for each lower rank after its file is written. Walks and products are counted apart. */
  onFound(found: FoundByFlips): void;
}

export interface ExploreProgress {
  readonly seconds: number;
  readonly flips: number;
  /** In the search's arithmetic; undefined while a growing search has not reached the wanted size. */
  readonly bestRank: number | undefined;
  /** The size that the first walker searches now. */
  readonly size: Size;
}

export interface FoundByFlips {
  readonly rank: number;
  readonly arithmetic: Arithmetic;
  /** Whether it was lifted from modulo 2 to the integers. */
  readonly lifted: boolean;
  /** Whether it is the product of two that were found at smaller sizes, or was lifted from such a product. */
  readonly composed: boolean;
  readonly hash: string;
  readonly file: string;
  readonly seconds: number;
  /** Flips of all walkers together, as last reported. */
  readonly flips: number;
}

export interface ExploreResult {
  readonly reason: 'budget' | 'rank' | 'aborted';
  readonly bestRank: number | undefined;
  /** The lowest rank with integer coefficients, of what it began with and what was found. */
  readonly bestIntegerRank: number | undefined;
  readonly seconds: number;
  readonly flips: number;
  readonly flipsPerSecondPerWorker: number;
  readonly found: readonly FoundByFlips[];
}

/**
 * Searches factorizations of low rank in the flip graph, with a walker on each worker thread. Every finding is verified exactly
 * and written to a file before it is reported, so that a killed run keeps it.
 * @throws AlphaTensorError INVALID_ARGUMENT if the size or a start does not fit the arithmetic
 */
export async function runExplore(options: ExploreOptions): Promise<ExploreResult> {
  checkPackable(options.size, options.arithmetic);
  const run = new ExploreRun(options);
  try {
    return await run.result();
  } finally {
    await run.close();
  }
}

class ExploreRun {
  readonly #options: ExploreOptions;
  readonly #startedAt = performance.now();
  readonly #walkers: readonly Worker[];
  readonly #flips: number[];
  readonly #sizes: Size[];
  readonly #lifts: LiftQueue | undefined;
  readonly #found: FoundByFlips[] = [];
  readonly #composed = new WeakSet<VerifiedFactorization>();
  /** Lowest rank that walks reached, without products. */
  #walkedRank: number;
  #composedRank = Number.POSITIVE_INFINITY;
  #bestIntegerRank: number;
  /** Ends when the last file is written. Files are written one after the other. */
  #saving: Promise<void> = Promise.resolve();
  #stop: (reason: ExploreResult['reason']) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  readonly #stopped: Promise<ExploreResult['reason']>;

  constructor(options: ExploreOptions) {
    this.#options = options;
    const { size, arithmetic, starts, workers, seed, session } = options;
    this.#stopped = new Promise((resolve, reject) => {
      this.#stop = resolve;
      this.#fail = reject;
    });
    this.#walkedRank = Math.min(...starts.map(({ rank }) => rank));
    const integers = starts.filter(isInteger);
    this.#bestIntegerRank = Math.min(...integers.map(({ rank }) => rank));
    this.#flips = Array(workers).fill(0);
    this.#sizes = Array(workers).fill(size);
    const packed = starts.map((start) => pack(start, arithmetic));
    const random = new Random(seed).split(`session/${session}`);
    this.#walkers = this.#flips.map((_, index) => {
      const workerData: WalkerData = { size, arithmetic, starts: packed, random: random.split(index).state };
      const walker = new Worker(new URL('./walker.js', import.meta.url), { workerData });
      walker.on('message', (message: WalkerMessage) => this.#take(message, index));
      walker.on('error', this.#fail);
      return walker;
    });
    const known = options.integersOnly ? integers : starts;
    if (Math.min(...known.map(({ rank }) => rank)) <= (options.untilRank ?? 0)) this.#stop('rank');
    options.share?.listen((factorization) => this.#adopt(factorization));
    if (arithmetic === 'modulo-2') {
      this.#lifts = new LiftQueue(
        {
          onLifted: (lifted, from) => {
            const composed = this.#composed.has(from);
            this.#keep(lifted, { lifted: true, composed });
            // The time when a lift arrives is chance. A single walker gets none, so that its seed repeats the search.
            if (!composed && workers > 1) this.#tell({ terms: pack(from, arithmetic), isLifted: true });
          },
          onError: (error) => this.#fail(error),
        },
        this.#bestIntegerRank,
      );
      // An earlier session of this run may have found these and had no time to lift them.
      if (session > 1) for (const start of starts) if (start.arithmetic === 'modulo-2') this.#lifts.offer(start);
    }
  }

  async result(): Promise<ExploreResult> {
    const { budgetSeconds, signal, workers } = this.#options;
    const timer =
      budgetSeconds === undefined
        ? undefined
        : setTimeout(() => this.#stop('budget'), Math.min(budgetSeconds * 1000, LONGEST_TIMER));
    const onAbort = (): void => this.#stop('aborted');
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    try {
      const reason = await this.#stopped;
      const seconds = this.#seconds;
      await Promise.all(this.#walkers.map((walker) => walker.terminate()));
      // A user who stops the run need not wait for the last lift. A resumed run tries it again.
      if (reason !== 'aborted') await Promise.race([this.#lifts?.finish(), aborted(signal)]);
      await this.#saving;
      return {
        reason,
        bestRank: finite(this.#bestRank),
        bestIntegerRank: finite(this.#bestIntegerRank),
        seconds,
        flips: this.#allFlips,
        flipsPerSecondPerWorker: this.#allFlips / seconds / workers,
        found: this.#found,
      };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#walkers.map((walker) => walker.terminate()), this.#lifts?.close()]);
  }

  get #seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  get #bestRank(): number {
    return Math.min(this.#walkedRank, this.#composedRank);
  }

  get #allFlips(): number {
    return this.#flips.reduce((sum, flips) => sum + flips, 0);
  }

  #take(message: WalkerMessage, walker: number): void {
    this.#flips[walker] = message.flips;
    if (message.kind === 'progress') {
      this.#sizes[walker] = message.size;
      if (walker > 0) return;
      const [bestRank, size] = [finite(this.#bestRank), this.#sizes[0]];
      this.#options.hooks.onProgress({ seconds: this.#seconds, flips: this.#allFlips, bestRank, size });
      return;
    }
    try {
      const { size, arithmetic } = this.#options;
      const factorization = unpack(message.terms, size, arithmetic);
      const composed = message.isComposed;
      if (composed) this.#composed.add(factorization);
      this.#lifts?.offer(factorization);
      if (factorization.rank >= (composed ? this.#bestRank : this.#walkedRank)) return;
      if (!composed) this.#tell({ terms: message.terms, isLifted: false }, walker);
      this.#keep(factorization, { lifted: false, composed });
      if (!composed) this.#options.share?.publish(factorization);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Goes on from a factorization that another search found, if it is better than all here. */
  #adopt(factorization: VerifiedFactorization): void {
    const { size, arithmetic } = this.#options;
    if (!sameSize(factorization.size, size) || factorization.arithmetic !== arithmetic) return;
    if (factorization.rank >= this.#walkedRank) return;
    this.#tell({ terms: pack(factorization, arithmetic), isLifted: false });
    this.#lifts?.offer(factorization);
    this.#keep(factorization, { lifted: false, composed: false, elsewhere: true });
  }

  /** Writes a file for a new lowest rank, of walks or of products, and reports it. */
  #keep(
    factorization: VerifiedFactorization,
    { elsewhere = false, ...how }: Pick<FoundByFlips, 'lifted' | 'composed'> & { readonly elsewhere?: boolean },
  ): void {
    const { rank, arithmetic } = factorization;
    const { lifted, composed } = how;
    const { untilRank, integersOnly } = this.#options;
    if (!lifted && composed) this.#composedRank = rank;
    if (!lifted && !composed) this.#walkedRank = rank;
    if (arithmetic === 'standard') this.#bestIntegerRank = Math.min(rank, this.#bestIntegerRank);
    const hash = contentHash(factorization);
    const found = { rank, arithmetic, ...how, hash, seconds: this.#seconds, flips: this.#allFlips };
    const notes = elsewhere ? `${this.#note(found)} Another machine of the cluster found it.` : this.#note(found);
    const origin = composed ? 'composed' : 'flip-graph';
    this.#saving = this.#saving
      .then(() => this.#options.keep({ factorization, origin, notes }))
      .then((file) => {
        this.#found.push({ ...found, file });
        this.#options.hooks.onFound({ ...found, file });
        const counts = integersOnly ? arithmetic === 'standard' : !lifted;
        if (counts && rank <= (untilRank ?? 0)) this.#stop('rank');
      });
    this.#saving.catch(this.#fail);
  }

  #note({ arithmetic, lifted, composed }: Omit<FoundByFlips, 'file'>): string {
    const { from, seed } = this.#options;
    const what = composed ? 'The product of two algorithms of smaller sizes, both found' : 'Found';
    const where = arithmetic === 'modulo-2' || lifted ? 'modulo 2' : 'with coefficients -1, 0 and 1';
    return `${what} by a flip graph search ${where} from ${from} (seed ${seed})${lifted ? ', lifted to the integers' : ''}.`;
  }

  #tell(order: WalkerOrder, except?: number): void {
    this.#walkers.forEach((walker, index) => {
      if (index !== except) walker.postMessage(order);
    });
  }
}

function isInteger(factorization: VerifiedFactorization): boolean {
  return factorization.arithmetic === 'standard' && MODES.every((mode) => factorization[mode].denominator === 1);
}

function finite(rank: number): number | undefined {
  return Number.isFinite(rank) ? rank : undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
