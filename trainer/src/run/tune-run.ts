import { join } from 'node:path';
import {
  catalogueRecords,
  type DispatchEntry,
  type FactorizationRecord,
  loadFactorizations,
  standard,
} from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';
import { type TunedProblems, tuneProblems } from '../tune/session.js';
import type { TuneSettings } from '../tune/settings.js';
import { settleTuning, type TuneWishes } from '../tune/settle.js';
import { beginning, reopenRun, writeRunConfig } from './config.js';
import { createRunFolder } from './folder.js';
import { inRunFolder } from './state.js';
import { type TunedModel, writeTunedModel } from './tuned-model.js';
import { type TunedProgram, writeTunedProgram } from './tuned-program.js';
import { algorithmSources, readAlgorithms, saveAlgorithms, writeDispatchTable } from './tuning.js';

// A tuning run: begun or continued in a folder, which holds its algorithms, measurements and table.

/** Share of the budget for the search. The rest is for what ends later than was estimated. */
const SEARCHED = 0.97;

/** The word for what is tried where nothing is named: all of the catalogue, in every order of the dimensions. */
export const CATALOGUE = 'catalogue';

/** A run that is to be begun, or one to continue. */
type TuneRun = NewTuneRun | ReopenedTuneRun;

/** What the problems of a run are from, if they were not named one by one. */
interface TuneOrigin {
  readonly model?: TunedModel | undefined;
  readonly program?: TunedProgram | undefined;
}

interface NewTuneRun extends TuneOrigin {
  readonly runDir: string;
  readonly wishes: TuneWishes;
  /** As they were named: known names, files, folders of runs. */
  readonly sources: readonly string[];
  /** What they hold. */
  readonly records: readonly FactorizationRecord[];
}

interface ReopenedTuneRun {
  readonly runDir: string;
  readonly settings: TuneSettings;
}

/**
 * Reads what a new run is to try.
 * @param sources none: the catalogue
 * @throws AlphaTensorError NOT_FOUND for a folder without factorizations, and as loadFactorizations
 */
export async function newTuneRun(
  runDir: string,
  sources: readonly string[],
  wishes: TuneWishes,
  origin: TuneOrigin = {},
): Promise<NewTuneRun> {
  if (sources.length === 0) return { runDir, wishes, sources: [CATALOGUE], records: catalogueRecords(), ...origin };
  const specs = sources.flatMap(algorithmSources);
  const records = (await Promise.all(specs.map((spec) => loadFactorizations(spec)))).flat();
  return { runDir, wishes, sources, records, ...origin };
}

/** Reads what settled the run in `runDir`, to continue it. @throws AlphaTensorError as reopenRun */
export function reopenTuneRun(runDir: string): ReopenedTuneRun {
  return { runDir, settings: reopenRun(runDir, 'tune').tune };
}

interface TuneRunOptions {
  /** Of one agent. */
  readonly pool: AgentPool;
  /** Undefined: until all problems are measured. */
  readonly budgetSeconds: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number, what: string) => void;
  /** What is going on, for people. */
  readonly onMessage: (text: string) => void;
}

interface TuneRunResult extends Omit<TunedProblems, 'table'> {
  /** The file of the dispatch table. */
  readonly dispatch: string;
  /** One for each problem. */
  readonly entries: readonly DispatchEntry[];
}

/**
 * Tunes, and writes the table of what there is when the time is up or `signal` ends it.
 * @throws AlphaTensorError as settleTuning, createRunFolder and tuneProblems; RESOURCE_EXHAUSTED if another process writes to the run
 */
export async function runTuning(
  run: TuneRun,
  { pool, budgetSeconds, signal, onProgress, onMessage }: TuneRunOptions,
): Promise<TuneRunResult> {
  const { runDir } = run;
  const isNew = 'wishes' in run;
  const settings = isNew ? settleTuning(pool, run.wishes) : run.settings;
  if (isNew) createRunFolder(runDir);
  return await inRunFolder(runDir, { signal, budgetSeconds, stage: 'tuning' }, async () => {
    if (isNew) await begin(run, settings);
    const began = performance.now();
    const timeIsUp = budgetSeconds === undefined ? [] : [AbortSignal.timeout(budgetSeconds * 1000)];
    const records = await readAlgorithms(runDir);
    const store = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
    const ending = AbortSignal.any([signal, ...timeIsUp]);
    // Reading the algorithms took some of it.
    const read = (performance.now() - began) / 1000;
    const seconds = budgetSeconds === undefined ? undefined : budgetSeconds * SEARCHED - read;
    const tuning = tuneProblems(records, settings, { pool, store, seconds, signal: ending, onProgress, onMessage });
    const { table, unfinished, failures } = await tuning.finally(() => store.close());
    const dispatch = await writeDispatchTable(runDir, table);
    return { dispatch, entries: table.entries, unfinished, failures };
  });
}

/** The configuration comes last: with it there is a run to continue. */
async function begin({ runDir, records, sources, model, program }: NewTuneRun, settings: TuneSettings): Promise<void> {
  const own: FactorizationRecord = { factorization: standard({ n: 1, m: 1, p: 1 }), origin: 'imported' };
  await saveAlgorithms(runDir, [...records, own]);
  if (model !== undefined) await writeTunedModel(runDir, model);
  if (program !== undefined) await writeTunedProgram(runDir, program);
  writeRunConfig(runDir, {
    command: 'tune',
    seed: settings.seed,
    ...beginning(),
    // Nothing is found here: all of it was known before.
    demonstrations: sources,
    tune: settings,
  });
}
