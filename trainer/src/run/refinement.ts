import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { countAdditions } from '../fleet/local/additions.js';
import type { Refined, RefineProgress } from '../refine/refined.js';
import { type CountAdditions, refineOne } from '../refine/session.js';
import { loadRefineStarts, type RefineStart } from '../refine/starts.js';
import { beginning, reopenRun, type SavedRun, writeRunConfig } from './config.js';
import { createRunFolder, writing } from './folder.js';
import { type FrontMeasuring, measureFront } from './refined-measurements.js';
import { RefinementFolder } from './refinement-folder.js';
import { inRunFolder } from './state.js';

// A refinement as a run: begun or continued in a folder, which records it.

/** A refinement that is ready to run. */
interface RefinementRun {
  readonly runDir: string;
  /** What goes into its config.json. */
  readonly saved: SavedRun<'refine'>;
  readonly starts: readonly RefineStart[];
}

/** What a person settles of a new refinement. */
interface RefinementWishes {
  readonly seed: number;
  /** Nonzeros as a multiple of those given. */
  readonly maxNonzeros: number;
  /** Whether to leave the orbit, by flips and by products of smaller algorithms. */
  readonly flips: boolean;
}

/**
 * Loads what a new refinement begins with, then makes its folder.
 * @param from files, entries of archives, or names of known algorithms
 * @throws AlphaTensorError as loadRefineStarts and createRunFolder
 */
export async function newRefinement(
  runDir: string,
  from: readonly string[],
  { seed, maxNonzeros, flips }: RefinementWishes,
): Promise<RefinementRun> {
  const starts = await loadRefineStarts(from);
  createRunFolder(runDir);
  const saved: SavedRun<'refine'> = {
    ...{ command: 'refine', from, seed, maxNonzeros, flips, sessions: 1 },
    ...beginning(),
    demonstrations: from,
  };
  return { runDir, saved, starts };
}

/**
 * Reads a refinement, to continue it.
 * @throws AlphaTensorError as reopenRun and loadRefineStarts
 */
export async function reopenRefinement(runDir: string): Promise<RefinementRun> {
  const saved = reopenRun(runDir, 'refine');
  return { runDir, saved: { ...saved, sessions: saved.sessions + 1 }, starts: await loadRefineStarts(saved.from) };
}

interface RefinementRunOptions {
  /** For each algorithm. Undefined: one minute, or no limit if `chains` is given. */
  readonly budgetSeconds: number | undefined;
  /** For each algorithm, those of earlier sessions too. Undefined: no limit. */
  readonly chains: number | undefined;
  /** Threads that search. They do not change what the same chains find. */
  readonly workers: number;
  /** Where and how the fronts are measured. Undefined: nowhere. */
  readonly measuring?: FrontMeasuring | undefined;
  readonly signal: AbortSignal;
  readonly hooks: RefinementHooks;
}

/** What a refinement tells whoever shows it. */
interface RefinementHooks {
  /** Algorithm `index` of `count`, from 0, begins. */
  onStart(name: string, index: number, count: number): void;
  onProgress(progress: RefineProgress): void;
  /** Its front is written. */
  onRefined(refined: Refined): void;
  /** Gets one sentence for what people should know of. */
  onMessage(text: string): void;
}

/**
 * Refines one algorithm after the other, and records the run in its folder. A signal ends it with the algorithm that it is at.
 * @throws AlphaTensorError as refineOne and measureFront; RESOURCE_EXHAUSTED if another process writes to the run
 */
export async function runRefinement(
  { runDir, saved, starts }: RefinementRun,
  { budgetSeconds, chains, workers, measuring, signal, hooks }: RefinementRunOptions,
): Promise<Refined[]> {
  const { seed, maxNonzeros, flips } = saved;
  const results: Refined[] = [];
  return await inRunFolder(runDir, { signal, stage: 'refining' }, async () => {
    writeRunConfig(runDir, saved);
    const countIfPossible = additionsCounter(hooks);
    for (const [index, start] of starts.entries()) {
      if (signal.aborted) break;
      hooks.onStart(start.name, index, starts.length);
      const { refined, records } = await refineOne(start, {
        ...{ seed, maxNonzeros, flips, budgetSeconds, chains, workers, signal },
        store: new RefinementFolder(runDir, start.factorization),
        countAdditions: countIfPossible,
        onProgress: (now) => hooks.onProgress(now),
      });
      const measured =
        measuring === undefined || signal.aborted ? undefined : await measureFront(runDir, records, measuring, signal);
      const front = refined.front.map((point, at) =>
        measured === undefined ? point : { ...point, measured: measured[at] },
      );
      const result = { ...refined, front };
      results.push(result);
      hooks.onRefined(result);
    }
    writeResults(runDir, results);
    return results;
  });
}

/** Has the agent on this machine count additions. Where there is none, says so once, and counts nothing. */
function additionsCounter(hooks: RefinementHooks): CountAdditions {
  let isPossible = true;
  return async (factorizations) => {
    if (!isPossible) return undefined;
    try {
      return await countAdditions(factorizations);
    } catch (error) {
      if (!(error instanceof AlphaTensorError) || error.code !== 'UNAVAILABLE') throw error;
      isPossible = false;
      hooks.onMessage(`The front is drawn without additions. ${error.message}`);
      return undefined;
    }
  };
}

/** Writes what came of the algorithms of this session: `refined.json` of the run folder. */
function writeResults(runDir: string, results: readonly Refined[]): void {
  writing(runDir, () => writeFileAtomicSync(join(runDir, 'refined.json'), `${JSON.stringify(results, null, 2)}\n`));
}
