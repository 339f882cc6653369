import {
  DISPATCH_FORMAT,
  DISPATCH_VERSION,
  type DispatchProblem,
  type DispatchTable,
  type FactorizationRecord,
  type PackedAlgorithm,
  PLAIN_DISPATCH_VERSION,
  packedAlgorithm,
} from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import {
  type AlgorithmRef,
  isSameProblem,
  type MeasurementRow,
  type ProblemSpec,
  problemWords,
} from '../fleet/measurement.js';
import type { MeasurementStore } from '../fleet/measurement-store.js';
import { type Combination, combinationsOf, isLargeEnough, levelsKey, type Scheme, schemesOf } from './combinations.js';
import { dispatchEntry, type MeasuredProblem } from './dispatch.js';
import type { TuneSettings } from './settings.js';
import { nextShare } from './shares.js';
import { dispatchTimeModels, fitTimeModel, predictBaseline, type TimedRow, timedRows } from './time-model.js';
import { TrialCost } from './trial-cost.js';
import { tuneProblem } from './tune.js';

interface TuneSessionOptions {
  /** A pool of one agent. */
  readonly pool: AgentPool;
  readonly store: MeasurementStore;
  /** Wall-clock seconds for all problems together; undefined: as long as it takes. */
  readonly seconds: number | undefined;
  /** Ends the search. The table holds what was measured until then. */
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number, what: string) => void;
  /** Shows progress. */
  readonly onMessage: (text: string) => void;
  /** Seconds of a monotonic clock; default: the process's. */
  readonly clock?: (() => number) | undefined;
}

export interface TunedProblems {
  readonly table: DispatchTable;
  /** Number of problems that were not measured to the end. */
  readonly unfinished: number;
  /** Number of measurements without an outcome. */
  readonly failures: number;
}

/**
 * Searches one problem after the other, each within its share of the time, and makes a table of the results, in the order of the
 * settings. Short products come first: a minute of them times some twenty algorithms, which tells the model of the time which of them
 * suit the device before it has to choose the few that a product of a second leaves time for. If `signal` ends it early, the table
 * holds what was measured.
 */
export async function tuneProblems(
  records: readonly FactorizationRecord[],
  settings: TuneSettings,
  { pool, store, seconds, signal, onProgress, onMessage, clock = processClock }: TuneSessionOptions,
): Promise<TunedProblems> {
  const { problems, backend, variant, tunePlans, seed, maxError, prefer, candidates, workspaceTimes } = settings;
  const schemes = schemesOf(records);
  const all = combinationsOf(schemes, settings);
  const rows = rowsOfDevice(store, pool, settings);
  // By this run, on this agent: it keeps what it compiled.
  const compiled = new Set(rows.map(({ algorithm, problem }) => compiledKey(algorithm, problem)));
  const timed = (): TimedRow[] => timedRows(rows, workOf(schemes));
  const end = seconds === undefined ? undefined : clock() + seconds;
  const cost = new TrialCost();
  const tuned = new Map<DispatchProblem, MeasuredProblem>();
  let failures = 0;
  const shortestFirst = [...problems].sort((x, y) => arithmeticOf(x) - arithmeticOf(y));
  for (const [index, problem] of shortestFirst.entries()) {
    const combinations = all.filter((combination) => isLargeEnough(problem, combination));
    onMessage(`${problemWords(problem)}: ${combinationWords(combinations)}`);
    const left = shortestFirst.slice(index).map((other) => predictBaseline(fitTimeModel(timed(), other), other));
    tuned.set(
      problem,
      await tuneProblem(combinations, problem, {
        ...{ pool, store, backend, variant, signal, tunePlans, seed, timed, clock, cost, workspaceTimes },
        objective: { maxError, prefer },
        mostCandidates: candidates,
        seconds: end === undefined ? undefined : nextShare(end - clock(), left),
        isCompiled: ({ algorithm }) => compiled.has(compiledKey(algorithm, problem)),
        known: new Set(ofProblem(rows, problem).map(({ algorithm }) => levelsKey(algorithm.levels))),
        onRow: (row) => {
          rows.push(row);
          compiled.add(compiledKey(row.algorithm, row.problem));
        },
        onProgress: (fraction, what) =>
          onProgress((index + fraction) / problems.length, `${problemWords(problem)}: ${what}`),
        onFailure: (message) => {
          failures++;
          onMessage(`warning: ${message}`);
        },
      }),
    );
  }
  onProgress(1, 'done');
  const results = problems.flatMap((problem) => tuned.get(problem) ?? []);
  const unfinished = results.filter(({ isComplete }) => !isComplete).length;
  return { table: dispatchTable(settings, pool, results, timed()), unfinished, failures };
}

/** Counts the multiply-adds of a plain product on one of its threads. */
function arithmeticOf({ m, k, n, threads }: DispatchProblem): number {
  return (m * k * n) / threads;
}

function processClock(): number {
  return performance.now() / 1000;
}

function combinationWords(combinations: readonly Combination[]): string {
  return `${combinations.length} combination${combinations.length === 1 ? '' : 's'} and the own GEMM`;
}

/** Reads the rows that tell how fast the device is with this backend and variant. */
function rowsOfDevice(store: MeasurementStore, pool: AgentPool, { backend, variant }: TuneSettings): MeasurementRow[] {
  const { deviceId } = pool.agents[0].description;
  return store.all().filter((row) => row.deviceId === deviceId && row.backend === backend && row.variant === variant);
}

function ofProblem(rows: readonly MeasurementRow[], problem: DispatchProblem): MeasurementRow[] {
  return rows.filter((row) => isSameProblem(row.problem, problem));
}

function compiledKey({ levels }: Pick<AlgorithmRef, 'levels'>, { dtype }: Pick<ProblemSpec, 'dtype'>): string {
  return `${dtype} ${levelsKey(levels)}`;
}

/** Makes the function that tells what a row's algorithm does. The engine itself, own <1,1,1>, has rank 1. */
function workOf(schemes: readonly Scheme[]): (row: MeasurementRow) => PackedAlgorithm | undefined {
  const byHash = new Map(schemes.map(({ hash, work }) => [hash, work]));
  return ({ algorithm: { levels, rank } }) => {
    if (levels.length === 0) return undefined;
    if (rank === 1) return packedAlgorithm([]);
    const works = levels.flatMap((hash) => byHash.get(hash) ?? []);
    return works.length === levels.length ? packedAlgorithm(works) : undefined;
  };
}

function dispatchTable(
  { agent, backend, variant, maxError, prefer }: TuneSettings,
  pool: AgentPool,
  tuned: readonly MeasuredProblem[],
  timed: readonly TimedRow[],
): DispatchTable {
  const { description } = pool.agents[0];
  const last = tuned.flatMap(({ rows }) => rows).findLast(({ outcome }) => outcome.environment);
  const withoutMarks = <T extends object>(message: T): Record<string, unknown> =>
    // proto-loader adds a second field `_name` for each optional field.
    Object.fromEntries(Object.entries(message).filter(([name]) => !name.startsWith('_')));
  const objective = { maxError, prefer };
  return {
    format: DISPATCH_FORMAT,
    version: tuned.some(({ problem }) => problem.transposed !== undefined) ? DISPATCH_VERSION : PLAIN_DISPATCH_VERSION,
    createdAt: new Date().toISOString(),
    device: { agent, deviceId: description.deviceId, ...withoutMarks(description.device ?? {}) },
    backend,
    variant,
    environment: last?.outcome.environment ? withoutMarks(last.outcome.environment) : null,
    objective,
    timeModels: variant === 'packed' ? dispatchTimeModels(timed) : [],
    entries: tuned.map((one) => dispatchEntry(one, objective)),
  };
}
