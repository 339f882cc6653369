import {
  contentHash,
  type FactorizationRecord,
  laderman,
  standard,
  strassen,
  winograd,
} from '@alphatensor-edge/shared';
import { FACTORIZATIONS } from '../run/factorizations.js';
import type { RunData } from '../run/reader.js';
import { DISPATCH_FILE } from '../run/tuning.js';
import { algorithmFile } from '../tune/dispatch.js';
import type { ReportRow } from './row.js';

/** Holds what is needed to name the algorithms of a report on a command line. */
export interface Sources {
  readonly runs: readonly RunData[];
  readonly algorithms: ReadonlyMap<string, FactorizationRecord>;
}

/** The folder beside a report for algorithms that have neither a name nor a file in a run. */
export const REPORT_ALGORITHMS = 'algorithms';

/**
 * Writes the command that exports a row's algorithm as a C library; null where a level is in no run and has no name.
 * @param tunedRun a tuning run that chose this row, whose dispatch table then is exported
 * @param out the report's folder, which gets the algorithms that have no file yet; null: there is none
 */
export function exportCommand(
  row: ReportRow,
  sources: Sources,
  tunedRun: RunData | undefined,
  out: string | null,
): string | null {
  if (tunedRun?.folder !== undefined) {
    return `npx at-trainer export --dispatch ${quote(`${tunedRun.folder}/${DISPATCH_FILE}`)} --out fastmm`;
  }
  const names = row.algorithm.levels.map((hash) => sourceOf(hash, sources, out));
  if (names.length === 0 || names.some((name) => name === undefined)) return null;
  const isRepeated = names.every((name) => name === names[0]);
  const levels = isRepeated && names.length > 1 ? ` --levels ${names.length}` : '';
  const named = (isRepeated ? names.slice(0, 1) : names).map((name) => quote(name as string)).join(' ');
  const measured = sources.runs.find(({ name, folder }) => folder !== undefined && row.runs.includes(name));
  const crossover =
    // A crossover is what was measured of A and B as they are (run/measured-speedups.ts).
    measured === undefined || row.variant !== 'packed' || row.problem.transposed !== undefined
      ? ''
      : ` --measurements ${quote(measured.folder as string)} --agent ${quote(row.agent)}`;
  return `npx at-trainer export ${named}${levels} --dtype ${row.problem.dtype}${crossover} --out fastmm`;
}

/** Lists the algorithms of a row that are in no run's file and have no name, so that a report must keep them itself. */
export function unnamedLevels(row: Pick<ReportRow, 'algorithm'>, sources: Sources): FactorizationRecord[] {
  const hashes = new Set(row.algorithm.levels.filter((hash) => namedSource(hash, sources) === undefined));
  return [...hashes].flatMap((hash) => sources.algorithms.get(hash) ?? []);
}

function sourceOf(hash: string, sources: Sources, out: string | null): string | undefined {
  const named = namedSource(hash, sources);
  if (named !== undefined || out === null || !sources.algorithms.has(hash)) return named;
  return `${out}/${reportFile(hash)}`;
}

/** Names the file of an algorithm in the report's folder. */
export function reportFile(hash: string): string {
  return `${REPORT_ALGORITHMS}/${hash.slice(0, 16)}.json`;
}

function namedSource(hash: string, { runs, algorithms }: Sources): string | undefined {
  const catalogue = algorithms.get(hash)?.provenance?.catalogue;
  const known = KNOWN.get(hash) ?? (typeof catalogue === 'string' ? catalogue : undefined);
  if (known !== undefined) return known;
  for (const { folder, factorizations, dispatch, algorithms: own } of runs) {
    if (folder === undefined) continue;
    const found = factorizations.find((one) => one.hash === hash);
    if (found !== undefined) return `${folder}/${FACTORIZATIONS}/${found.file}`;
    // A tuning run keeps all that it tries.
    if (dispatch !== undefined && own.has(hash)) return `${folder}/${algorithmFile(hash)}`;
  }
  return undefined;
}

/** The names of known algorithms by content hash. */
const KNOWN: ReadonlyMap<string, string> = new Map(
  (
    [
      ['strassen', strassen()],
      ['winograd', winograd()],
      ['laderman', laderman()],
      ['standard:1,1,1', standard({ n: 1, m: 1, p: 1 })],
    ] as const
  ).map(([name, factorization]) => [contentHash(factorization), name]),
);

/** Quotes a word for the shell if it needs that. */
export function quote(word: string): string {
  return /^[\w./:,@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
