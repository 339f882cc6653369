import { formatSize, type Size, sameSize, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { arithmeticWords } from '../explore/arithmetic-words.js';
import { isLiftable } from '../explore/lift.js';
import {
  type BestSharing,
  type ExploreProgress,
  type ExploreResult,
  type FoundByFlips,
  runExplore,
} from '../explore/run.js';
import {
  type Beginning,
  isGiven,
  loadBeginning,
  type Searched,
  type StartName,
  startWords,
} from '../explore/starts.js';
import { beginning, reopenRun, type SavedRun, writeRunConfig } from './config.js';
import { ExploreMetrics } from './explore-metrics.js';
import { bestToWalkFrom, keepFactorization } from './factorizations.js';
import { createRunFolder } from './folder.js';
import { inRunFolder } from './state.js';

// A flip graph search as a run: begun or continued in a folder, which records it.

/** A search that is ready to walk. */
interface Exploration extends Beginning {
  readonly runDir: string;
  /** What goes into its config.json. */
  readonly saved: SavedRun<'explore'>;
}

/** What a person settles of a new search. */
interface ExplorationWishes extends Searched {
  readonly from: StartName;
  readonly seed: number;
}

/**
 * Checks and loads what a new search begins with, then makes its folder.
 * @throws AlphaTensorError as loadBeginning and createRunFolder
 */
export async function newExploration(
  runDir: string,
  { from, seed, ...searched }: ExplorationWishes,
): Promise<Exploration> {
  const beginsWith = await loadBeginning(from, searched);
  createRunFolder(runDir);
  const demonstrations = isGiven(from) ? [from] : [];
  const saved: SavedRun<'explore'> = {
    ...{ command: 'explore', ...searched, from, seed, sessions: 1 },
    ...beginning(),
    pool: beginsWith.pool,
    demonstrations,
  };
  return { runDir, saved, ...beginsWith };
}

/**
 * Reads a search and the best that it found, to continue from there.
 * @throws AlphaTensorError as reopenRun and loadBeginning
 */
export async function reopenExploration(runDir: string): Promise<Exploration> {
  const saved = reopenRun(runDir, 'explore');
  const best = await bestToWalkFrom(runDir, saved.arithmetic);
  const { from, size, arithmetic, symmetry, pool } = saved;
  // A pool keeps what it was given beside what it found: it may be of another size. Symmetric walks from other starts come to other ranks.
  const isMore = best.length === 0 || pool !== undefined || (symmetry ?? 'none') !== 'none';
  const first = isMore ? await loadBeginning(from, { size, arithmetic, symmetry }) : undefined;
  const starts = [...best, ...(first?.starts ?? [])];
  return { runDir, saved: { ...saved, sessions: saved.sessions + 1 }, pool, starts };
}

interface ExplorationOptions {
  readonly workers: number;
  /** Undefined: until it is stopped. */
  readonly budgetSeconds: number | undefined;
  /** Stop as soon as this rank or less is found … */
  readonly untilRank: number | undefined;
  /** … with integer coefficients. */
  readonly integersOnly: boolean;
  readonly signal: AbortSignal;
  /** Undefined: the best is shared with nobody. */
  readonly share?: BestSharing | undefined;
  readonly hooks: ExplorationHooks;
}

/** What a search tells whoever shows it. */
interface ExplorationHooks {
  /** It begins; `text` says what walks where. */
  onStart(text: string): void;
  onProgress(progress: ExploreProgress): void;
  onFound(found: FoundByFlips): void;
}

/**
 * Searches, and records the run in its folder.
 * @throws AlphaTensorError as runExplore; RESOURCE_EXHAUSTED if another process writes to the run
 */
export async function runExploration(
  { runDir, saved, starts, pool }: Exploration,
  { hooks, ...options }: ExplorationOptions,
): Promise<ExploreResult> {
  const { size, arithmetic, symmetry = 'none', seed, sessions } = saved;
  const from = startWords(saved.from, size);
  return await inRunFolder(
    runDir,
    { signal: options.signal, budgetSeconds: options.budgetSeconds, stage: 'walking' },
    async () => {
      const metrics = new ExploreMetrics(runDir, size);
      writeRunConfig(runDir, saved);
      const isContinued = sessions > 1 && starts.length > 0;
      hooks.onStart(
        `walking in the flip graph${graphWords(size, pool)}, ${arithmeticWords(arithmetic)}, ${threads(options.workers)}, from ${isContinued ? bestWords(starts, size) : from}${liftWords(saved)}`,
      );
      return await runExplore({
        ...{ size, pool, symmetry, arithmetic, starts, from, seed, session: sessions },
        ...options,
        keep: (record) => keepFactorization(runDir, record),
        hooks: {
          onProgress: (now) => {
            hooks.onProgress(now);
            metrics.onProgress(now);
          },
          onFound: (found) => {
            hooks.onFound(found);
            metrics.onFound(found);
          },
        },
      });
    },
  );
}

function graphWords(size: Size | undefined, pool: readonly Size[] | undefined): string {
  const of = size === undefined ? 's' : ` of ${formatSize(size)}`;
  if (pool === undefined) return of;
  const span = `all ${pool.length} sizes ${formatSize(pool[0])} to ${formatSize(pool[pool.length - 1])}`;
  return size === undefined ? `s of ${span}` : `${of}, in a pool of ${span}`;
}

/** Says if what is found modulo 2 will not be lifted to the integers. */
function liftWords({ size, arithmetic }: SavedRun<'explore'>): string {
  if (
    size === undefined ||
    arithmetic === 'standard' ||
    isLiftable({ size, arithmetic, rank: (size.n * size.m * size.p) / 2 })
  )
    return '';
  return `; too large to be lifted to the ${arithmetic === 'modulo-2' ? 'integers' : 'rationals'}`;
}

function bestWords(starts: readonly VerifiedFactorization[], size: Size | undefined): string {
  const best = size && starts.find((start) => sameSize(start.size, size));
  return best === undefined ? 'the best so far' : `the best so far, rank ${best.rank}`;
}

function threads(count: number): string {
  return `${count} thread${count === 1 ? '' : 's'}`;
}
