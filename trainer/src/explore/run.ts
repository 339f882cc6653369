import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import {
  type Arithmetic,
  contentHash,
  type FactorizationRecord,
  modeLengths,
  Random,
  type Size,
  sameSize,
  sortedSize,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { arithmeticWords, liftedWords } from './arithmetic-words.js';
import { inOrder, reordered } from './between-sizes.js';
import { hasSymmetry } from './cyclic-orbits.js';
import { LiftQueue } from './lift-queue.js';
import { checkPackable, pack, unpack } from './packed.js';
import { isInteger, RankRecords, type SizeRanks } from './rank-records.js';
import { type Symmetry, symmetryWords } from './symmetry.js';
import type { WalkerData, WalkerMessage, WalkerOrder } from './walker.js';

/** Longest timer, milliseconds (24 days). A longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

interface ExploreOptions {
  /** The wanted size; undefined: all sizes of the pool. */
  readonly size: Size | undefined;
  /** The sizes of one pool, dimensions rising; undefined: the search is at the wanted size, or grows to it. */
  readonly pool?: readonly Size[] | undefined;
  /** What the walks keep; none if it is left out. A pool has its own symmetric walks. */
  readonly symmetry?: Symmetry | undefined;
  readonly arithmetic: Arithmetic;
  /**
   * Factorizations to begin with, of the wanted size or, with a pool, of any of its sizes. If empty, the search begins with standard
   * algorithms: of the smallest size, from which it grows, or of all sizes of the pool.
   */
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
  /** Of the wanted size, in the search's arithmetic; undefined while the search has not reached it, or if all sizes are wanted. */
  readonly bestRank: number | undefined;
  /** The size that the first walker searches now. */
  readonly size: Size;
}

export interface FoundByFlips {
  readonly size: Size;
  readonly rank: number;
  readonly arithmetic: Arithmetic;
  /** Whether it was lifted from modulo 2 to the integers, or from modulo 3 to the rationals. */
  readonly lifted: boolean;
  /** Whether all its coefficients are whole numbers. */
  readonly isInteger: boolean;
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
  /** Of the wanted size; undefined if nothing was found, or if all sizes are wanted. */
  readonly bestRank: number | undefined;
  /** The lowest rank with integer coefficients, of what it began with and what was found. */
  readonly bestIntegerRank: number | undefined;
  /** The same with integers or fractions. */
  readonly bestRationalRank: number | undefined;
  /** The lowest ranks of all sizes that the search went through; only with a pool. */
  readonly sizes?: readonly SizeRanks[];
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
  for (const size of options.pool ?? [options.size as Size]) checkPackable(size);
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
  readonly #ranks: RankRecords;
  /** Ends when the last file is written. Files are written one after the other. */
  #saving: Promise<void> = Promise.resolve();
  #stop: (reason: ExploreResult['reason']) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  readonly #stopped: Promise<ExploreResult['reason']>;

  constructor(options: ExploreOptions) {
    this.#options = options;
    const { arithmetic, starts, workers, seed, session } = options;
    this.#stopped = new Promise((resolve, reject) => {
      this.#stop = resolve;
      this.#fail = reject;
    });
    this.#ranks = new RankRecords(options.pool ? starts.map((start) => this.#asWanted(inOrder(start))) : starts);
    this.#flips = Array(workers).fill(0);
    this.#sizes = Array(workers).fill(options.size ?? options.pool?.[0]);
    const search = searchOf(options);
    const random = new Random(seed).split(`session/${session}`);
    this.#walkers = this.#flips.map((_, index) => {
      const workerData: WalkerData = { search, random: random.split(index).state };
      const walker = new Worker(new URL('./walker.js', import.meta.url), { workerData });
      walker.on('message', (message: WalkerMessage) => this.#take(message, index));
      walker.on('error', this.#fail);
      return walker;
    });
    this.#stopIfReached();
    options.share?.listen((factorization) => this.#adopt(factorization));
    if (arithmetic !== 'standard') {
      this.#lifts = new LiftQueue(
        {
          onLifted: (lifted, from) => {
            const composed = this.#composed.has(from);
            this.#keep(lifted, { lifted: true, composed });
            // The time when a lift arrives is chance. A single walker gets none, so that its seed repeats the search.
            if (composed || workers === 1) return;
            this.#tell({ size: from.size, terms: pack(from, arithmetic), isLifted: true });
          },
          onError: (error) => this.#fail(error),
        },
        (size) => this.#ranks.of(size)[arithmetic === 'modulo-2' ? 'integer' : 'rational'],
      );
      // They may be given, or an earlier session of this run found them and had no time to lift them.
      for (const start of starts) if (start.arithmetic === arithmetic) this.#lifts.offer(start);
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
      const { size, pool } = this.#options;
      const best = size && this.#ranks.summary(size);
      return {
        reason,
        bestRank: best?.bestRank,
        bestIntegerRank: best?.bestIntegerRank,
        bestRationalRank: best?.bestRationalRank,
        ...(pool === undefined ? {} : { sizes: this.#ranks.summaries() }),
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

  #stopIfReached(): void {
    const { size, untilRank = 0, integersOnly } = this.#options;
    if (size === undefined) return;
    const { bestRank, bestIntegerRank } = this.#ranks.summary(size);
    if (((integersOnly ? bestIntegerRank : bestRank) ?? Number.POSITIVE_INFINITY) <= untilRank) this.#stop('rank');
  }

  get #allFlips(): number {
    return this.#flips.reduce((sum, flips) => sum + flips, 0);
  }

  #take(message: WalkerMessage, walker: number): void {
    this.#flips[walker] = message.flips;
    if (message.kind === 'progress') {
      this.#sizes[walker] = message.size;
      if (walker > 0) return;
      const [wanted, size] = [this.#options.size, this.#sizes[0]];
      const bestRank = wanted && this.#ranks.summary(wanted).bestRank;
      this.#options.hooks.onProgress({ seconds: this.#seconds, flips: this.#allFlips, bestRank, size });
      return;
    }
    try {
      const { size, terms, isComposed: composed } = message;
      const factorization = this.#asWanted(unpack(terms, size, this.#options.arithmetic));
      if (composed) this.#composed.add(factorization);
      this.#lifts?.offer(factorization);
      const ranks = this.#ranks.of(factorization.size);
      if (factorization.rank >= (composed ? Math.min(ranks.walked, ranks.composed) : ranks.walked)) return;
      if (!composed) this.#tell({ size, terms, isLifted: false }, walker);
      this.#keep(factorization, { lifted: false, composed });
      if (!composed) this.#options.share?.publish(factorization);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Goes on from a factorization that another search found, if it is better than all here of a size that is searched. */
  #adopt(shared: VerifiedFactorization): void {
    const { size, pool, symmetry = 'none', arithmetic } = this.#options;
    if (shared.arithmetic !== arithmetic) return;
    const inPool = pool === undefined ? shared : inOrder(shared);
    if (!(pool ?? [size as Size]).some((searched) => sameSize(searched, inPool.size))) return;
    const terms = pack(inPool, arithmetic);
    // A walk that keeps a symmetry cannot go on from what lacks it.
    if (!hasSymmetry(terms, symmetry, modeLengths(inPool.size)[0])) return;
    const factorization = this.#asWanted(inPool);
    if (factorization.rank >= this.#ranks.of(factorization.size).walked) return;
    this.#tell({ size: inPool.size, terms, isLifted: false });
    this.#lifts?.offer(factorization);
    this.#keep(factorization, { lifted: false, composed: false, elsewhere: true });
  }

  /** Writes a file for a new lowest rank, of walks or of products, and reports it. */
  #keep(
    factorization: VerifiedFactorization,
    { elsewhere = false, ...how }: Pick<FoundByFlips, 'lifted' | 'composed'> & { readonly elsewhere?: boolean },
  ): void {
    const { size, rank, arithmetic } = factorization;
    const { lifted, composed } = how;
    const ranks = this.#ranks.of(size);
    if (!lifted && composed) ranks.composed = rank;
    if (!lifted && !composed) ranks.walked = rank;
    this.#ranks.noteExact(factorization);
    const hash = contentHash(factorization);
    const kind = { lifted, composed, isInteger: isInteger(factorization) };
    const found = { size, rank, arithmetic, ...kind, hash, seconds: this.#seconds, flips: this.#allFlips };
    const notes = elsewhere ? `${this.#note(found)} Another machine of the cluster found it.` : this.#note(found);
    const origin = composed ? 'composed' : 'flip-graph';
    this.#saving = this.#saving
      .then(() => this.#options.keep({ factorization, origin, notes }))
      .then((file) => {
        this.#found.push({ ...found, file });
        this.#options.hooks.onFound({ ...found, file });
        this.#stopIfReached();
      });
    this.#saving.catch(this.#fail);
  }

  /** Turns a factorization of a pool to the order of dimensions that is wanted. */
  #asWanted(factorization: VerifiedFactorization): VerifiedFactorization {
    const { size } = this.#options;
    const isOther = size === undefined || !sameSize(sortedSize(size), sortedSize(factorization.size));
    return isOther ? factorization : reordered(factorization, size);
  }

  #note({ lifted, composed, isInteger }: Omit<FoundByFlips, 'file'>): string {
    const { from, seed, symmetry = 'none', arithmetic } = this.#options;
    const what = composed ? 'The product of two algorithms of smaller sizes, both found' : 'Found';
    const symmetric = symmetry === 'none' ? '' : `, ${symmetryWords(symmetry)},`;
    return `${what} by a flip graph search ${arithmeticWords(arithmetic)}${symmetric} from ${from} (seed ${seed})${lifted ? `, ${liftedWords(isInteger)}` : ''}.`;
  }

  #tell(order: WalkerOrder, except?: number): void {
    this.#walkers.forEach((walker, index) => {
      if (index !== except) walker.postMessage(order);
    });
  }
}

/** Says what each walker does. */
function searchOf({
  size,
  pool,
  symmetry = 'none',
  arithmetic,
  starts,
  untilRank,
}: ExploreOptions): WalkerData['search'] {
  if (pool === undefined) {
    const packed = starts.map((start) => pack(start, arithmetic));
    if (symmetry !== 'none') {
      return { kind: 'cyclic', size: size as Size, symmetry, arithmetic, goal: untilRank, starts: packed };
    }
    return { kind: 'size', size: size as Size, arithmetic, starts: packed };
  }
  const inPool = starts.map((start) => {
    const sorted = inOrder(unpack(pack(start, arithmetic), start.size, arithmetic));
    return { size: sorted.size, terms: pack(sorted, arithmetic) };
  });
  return { kind: 'pool', sizes: pool, wanted: size && sortedSize(size), arithmetic, starts: inPool };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
