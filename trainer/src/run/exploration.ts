import { type Arithmetic, formatSize, type Size, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { checkPackable } from '../explore/packed.js';
import {
  type BestSharing,
  type ExploreProgress,
  type ExploreResult,
  type FoundByFlips,
  runExplore,
} from '../explore/run.js';
import { isGiven, loadStarts, type StartName, startWords } from '../explore/starts.js';
import { arithmeticWords } from '../explore/words.js';
import { beginning, reopenRun, type SavedRun, writeRunConfig } from './config.js';
import { ExploreMetrics } from './explore-metrics.js';
import { bestToWalkFrom, keepFactorization } from './factorizations.js';
import { createRunFolder } from './folder.js';
import { inRunFolder } from './state.js';

// A flip graph search as a run: begun or continued in a folder, which records it.

/** A search that is ready to walk. */
interface Exploration {
  readonly runDir: string;
  /** What goes into its config.json. */
  readonly saved: SavedRun<'explore'>;
  /** What to begin with; none: grow from the standard algorithm of the smallest size. */
  readonly starts: readonly VerifiedFactorization[];
}

/** What a person settles of a new search. */
interface ExplorationWishes {
  readonly size: Size;
  readonly arithmetic: Arithmetic;
  readonly from: StartName;
  readonly seed: number;
}

/**
 * Checks and loads what a new search begins with, then makes its folder.
 * @throws AlphaTensorError as checkPackable, loadStarts and createRunFolder
 */
export async function newExploration(
  runDir: string,
  { size, arithmetic, from, seed }: ExplorationWishes,
): Promise<Exploration> {
  checkPackable(size, arithmetic);
  const starts = await loadStarts(from, size, arithmetic);
  createRunFolder(runDir);
  const demonstrations = isGiven(from) ? [from] : [];
  const saved: SavedRun<'explore'> = {
    ...{ command: 'explore', size, arithmetic, from, seed, sessions: 1 },
    ...beginning(),
    demonstrations,
  };
  return { runDir, saved, starts };
}

/**
 * Reads a search and the best that it found, to continue from there.
 * @throws AlphaTensorError as reopenRun and loadStarts
 */
export async function reopenExploration(runDir: string): Promise<Exploration> {
  const saved = reopenRun(runDir, 'explore');
  const best = await bestToWalkFrom(runDir, saved.arithmetic);
  const starts = best.length > 0 ? best : await loadStarts(saved.from, saved.size, saved.arithmetic);
  return { runDir, saved: { ...saved, sessions: saved.sessions + 1 }, starts };
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
  { runDir, saved, starts }: Exploration,
  { hooks, ...options }: ExplorationOptions,
): Promise<ExploreResult> {
  const { size, arithmetic, seed, sessions } = saved;
  const from = startWords(saved.from, size);
  return await inRunFolder(
    runDir,
    { signal: options.signal, budgetSeconds: options.budgetSeconds, stage: 'walking' },
    async () => {
      const metrics = new ExploreMetrics(runDir);
      writeRunConfig(runDir, saved);
      const isContinued = sessions > 1 && starts.length > 0;
      hooks.onStart(
        `walking in the flip graph of ${formatSize(size)}, ${arithmeticWords(arithmetic)}, ${threads(options.workers)}, from ${isContinued ? `the best so far, rank ${starts[0].rank}` : from}`,
      );
      return await runExplore({
        ...{ size, arithmetic, starts, from, seed, session: sessions },
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

function threads(count: number): string {
  return `${count} thread${count === 1 ? '' : 's'}`;
}
