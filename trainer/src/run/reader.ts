import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  AlphaTensorError,
  type Arithmetic,
  contentHash,
  countNonzeros,
  DISPATCH_FORMAT,
  type DispatchTable,
  type FactorizationRecord,
  messageOf,
  type Origin,
  parseFactorizationJson,
  type Size,
} from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { MeasurementRow } from '../fleet/measurement.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';
import { type RunConfig, readRunConfig } from './config.js';
import { FACTORIZATIONS, factorizationFiles } from './factorizations.js';
import { CONFIG } from './folder.js';
import { METRICS, type RecordedLine, readMetrics } from './metrics.js';
import { readTunedModel, type TunedModel } from './tuned-model.js';
import { readTunedProgram, type TunedProgram } from './tuned-program.js';
import { DISPATCH_FILE } from './tuning.js';

/** Describes a file of the run's `factorizations/`. Its factorization was verified exactly when it was read. */
export interface StoredFactorization {
  readonly file: string;
  readonly hash: string;
  readonly size: Size;
  readonly rank: number;
  readonly nonzeros: number;
  readonly arithmetic: Arithmetic;
  readonly origin: Origin;
}

/** Holds everything that a report takes from one run folder. */
export interface RunData {
  /** The folder's own name. */
  readonly name: string;
  /** The folder as it was given, for commands that a person types; absent where there is none, as in a report that was read again. */
  readonly folder?: string | undefined;
  /** Undefined if there is none or it cannot be read; `notes` says which. */
  readonly config: RunConfig | undefined;
  readonly metrics: readonly RecordedLine[];
  readonly factorizations: readonly StoredFactorization[];
  readonly measurements: readonly MeasurementRow[];
  /** The algorithms that were found or measured and that the run kept, by content hash. */
  readonly algorithms: ReadonlyMap<string, FactorizationRecord>;
  /** What a tuning run chose. */
  readonly dispatch?: DispatchTable | undefined;
  /** Of a tuning run of a model: its products, and what was chosen. */
  readonly tuned?: { readonly model: TunedModel; readonly table: DispatchTable } | undefined;
  /** The same of a tuning run of a program. */
  readonly tunedProgram?: { readonly program: TunedProgram; readonly table: DispatchTable } | undefined;
  /** Sentences for the reader about what is missing, cut off or unreadable. */
  readonly notes: readonly string[];
}

/** Names the commands whose runs record nothing over time. */
const WITHOUT_METRICS = new Set(['tune', 'refine']);

/**
 * Reads a run folder. The run may be killed, still running or without measurements: it is read as far as possible, with a note for
 * everything that is missing.
 * @param asStored leaves the measurements unchecked, to list many runs at once (see MeasurementStore.allAsStored)
 * @throws AlphaTensorError NOT_FOUND if the folder does not exist or holds nothing of a run
 */
export function readRun(directory: string, { asStored = false } = {}): RunData {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new AlphaTensorError('NOT_FOUND', `There is no folder "${directory}"; give the folder of a run.`);
  }
  if (![CONFIG, METRICS, FACTORIZATIONS, MEASUREMENTS_FILE].some((part) => existsSync(join(directory, part)))) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `"${directory}" is not the folder of a run: it holds none of ${CONFIG}, ${METRICS}, ${MEASUREMENTS_FILE} and ` +
        `${FACTORIZATIONS}/; give the folder that was named by --run-dir.`,
    );
  }
  const notes: string[] = [];
  const config = readConfig(directory, notes);
  const found = readFactorizations(directory, notes);
  const { measurements, algorithms } = readMeasurements(join(directory, MEASUREMENTS_FILE), notes, asStored);
  return {
    name: basename(resolve(directory)),
    folder: directory.replace(/(?<=.)\/+$/, ''),
    config,
    metrics: WITHOUT_METRICS.has(config?.command ?? '') ? [] : readMetrics(directory, notes),
    factorizations: found.map(({ file, record }) => describeFactorization(file, record)),
    measurements,
    algorithms: new Map([
      ...algorithms,
      ...found.map(({ record }) => [contentHash(record.factorization), record] as const),
    ]),
    dispatch: readDispatch(directory, notes),
    tuned: readTuned(directory, notes),
    tunedProgram: readProgram(directory, notes),
    notes,
  };
}

/**
 * Reads what `report --measure-missing` measured and kept in the report's folder, as if it were a run. Undefined if there is nothing.
 * It found no algorithm itself, so it has no demonstrations.
 */
export function readCrossMeasurements(outDir: string): RunData | undefined {
  const path = join(outDir, MEASUREMENTS_FILE);
  if (!existsSync(path)) return undefined;
  const notes: string[] = [];
  return {
    name: 'measured for this report',
    config: { command: 'report --measure-missing', demonstrations: [] },
    metrics: [],
    factorizations: [],
    ...readMeasurements(path, notes),
    notes,
  };
}

function readConfig(runDir: string, notes: string[]): RunConfig | undefined {
  const unknown = 'so the command, the seed and whether known algorithms went in are unknown.';
  if (!existsSync(join(runDir, CONFIG))) {
    notes.push(`${CONFIG} is missing, ${unknown}`);
    return undefined;
  }
  try {
    return readRunConfig(runDir);
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replace(/\s+/g, ' ') : messageOf(error);
    notes.push(`${CONFIG} cannot be read (${reason}), ${unknown}`);
    return undefined;
  }
}

function readDispatch(runDir: string, notes: string[]): DispatchTable | undefined {
  const path = join(runDir, DISPATCH_FILE);
  if (!existsSync(path)) return undefined;
  try {
    const table = JSON.parse(readFileSync(path, 'utf8')) as DispatchTable;
    if (table?.format === DISPATCH_FORMAT && Array.isArray(table.entries)) return table;
    notes.push(`${DISPATCH_FILE} is left out: it is not a dispatch table.`);
  } catch (error) {
    notes.push(`${DISPATCH_FILE} is left out: ${messageOf(error)}`);
  }
  return undefined;
}

function readTuned(runDir: string, notes: string[]): RunData['tuned'] {
  const path = join(runDir, DISPATCH_FILE);
  try {
    const model = readTunedModel(runDir);
    if (model === undefined || !existsSync(path)) return undefined;
    return { model, table: JSON.parse(readFileSync(path, 'utf8')) as DispatchTable };
  } catch (error) {
    notes.push(`What the model gains is left out: ${messageOf(error)}`);
    return undefined;
  }
}

function readProgram(runDir: string, notes: string[]): RunData['tunedProgram'] {
  const path = join(runDir, DISPATCH_FILE);
  try {
    const program = readTunedProgram(runDir);
    if (program === undefined || !existsSync(path)) return undefined;
    return { program, table: JSON.parse(readFileSync(path, 'utf8')) as DispatchTable };
  } catch (error) {
    notes.push(`What the program gains is left out: ${messageOf(error)}`);
    return undefined;
  }
}

interface FoundFile {
  readonly file: string;
  readonly record: FactorizationRecord;
}

/** Describes a factorization of a run. */
export function describeFactorization(
  file: string,
  { factorization, origin }: FactorizationRecord,
): StoredFactorization {
  const { size, rank, arithmetic } = factorization;
  const [hash, nonzeros] = [contentHash(factorization), countNonzeros(factorization)];
  return { file, hash, size, rank, nonzeros, arithmetic, origin };
}

function readFactorizations(runDir: string, notes: string[]): FoundFile[] {
  return factorizationFiles(runDir).flatMap((path) => {
    const file = basename(path);
    try {
      return [{ file, record: parseFactorizationJson(readFileSync(path, 'utf8')) }];
    } catch (error) {
      notes.push(`${FACTORIZATIONS}/${file} is left out: ${messageOf(error)}`);
      return [];
    }
  });
}

function readMeasurements(
  path: string,
  notes: string[],
  asStored = false,
): Pick<RunData, 'measurements' | 'algorithms'> {
  const nothing = { measurements: [], algorithms: new Map() };
  if (!existsSync(path)) return nothing;
  try {
    const store = MeasurementStore.openReadOnly(path);
    try {
      return { measurements: asStored ? store.allAsStored() : store.all(), algorithms: store.factorizations() };
    } finally {
      store.close();
    }
  } catch (error) {
    notes.push(`${MEASUREMENTS_FILE} cannot be read: ${messageOf(error)}`);
    return nothing;
  }
}
