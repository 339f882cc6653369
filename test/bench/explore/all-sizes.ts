import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDuration } from '@alphatensor-edge/shared';
import type { ExploreResult } from '@alphatensor-edge/trainer/explore/run.js';
import { refusal } from '../bench.js';
import { millions } from './flip-rate.js';
import { GOAL_MISSED, trainer } from './trainer.js';

/** What a row's search printed, once it has ended. */
const ENDED = 'explored.json';
/** Less than this is not worth the start of a search. */
const LEAST_SECONDS = 5;

/** One search: until a size has its best known rank. */
interface Row {
  readonly size: string;
  /** The best known rank (arXiv 2511.20317 and the sources in the note): with integer coefficients, or modulo 2. */
  readonly known: number;
  readonly isModulo2?: true;
  /** Options of the search; none: a pool of sizes. */
  readonly how?: readonly string[];
  /** A size whose row comes before. The search begins with the lowest rank that this bench found there, if it did. */
  readonly after?: string;
}

/** Keeps the symmetry under rotations all the time, where a pool does so for part of it. */
const CYCLIC = ['--symmetry', 'cyclic'];

/** The largest come first, because what they find leads to smaller ones. */
const ROWS: readonly Row[] = [
  { size: '5,5,5', known: 93, how: CYCLIC },
  { size: '4,5,5', known: 76, after: '5,5,5' },
  { size: '4,4,5', known: 61, after: '4,5,5' },
  { size: '4,4,5', known: 60, isModulo2: true, after: '4,5,5' },
  { size: '3,5,5', known: 58, after: '5,5,5' },
  { size: '4,4,4', known: 49 },
  { size: '4,4,4', known: 47, isModulo2: true, how: ['--from', 'grow'] },
  { size: '3,4,5', known: 47 },
  { size: '3,4,4', known: 38 },
  { size: '2,5,5', known: 40 },
  { size: '3,3,5', known: 36 },
  { size: '2,4,5', known: 33 },
  { size: '3,3,4', known: 29 },
  { size: '2,4,4', known: 26 },
  { size: '2,3,5', known: 25 },
  { size: '3,3,3', known: 23 },
  { size: '2,3,4', known: 20 },
  { size: '2,2,5', known: 18 },
  { size: '2,3,3', known: 15 },
  { size: '2,2,4', known: 14 },
  { size: '2,2,3', known: 11 },
  { size: '2,2,2', known: 7 },
];

export interface AllSizesOptions {
  readonly only: readonly string[];
  readonly budget: string;
  readonly workers: string;
  readonly seed: string;
  /** Where the runs lie; rows that are there are not run again. */
  readonly runDir: string;
  readonly json: boolean;
}

/** What `at-trainer explore --json` says of a run, as far as a row shows it. */
type Explored = Pick<
  ExploreResult,
  'bestRank' | 'bestIntegerRank' | 'seconds' | 'flips' | 'flipsPerSecondPerWorker' | 'found'
>;

/**
 * Searches every size until its best known rank, and prints a Markdown table. A row that ended is read from its folder. One that was
 * stopped goes on, and so does one that ended short of its rank if the budget is longer now, for the rest of it. So the bench can be run again
 * until it is through.
 */
export async function printAllSizes({ only, runDir, json, ...how }: AllSizesOptions): Promise<void> {
  const rows = ROWS.filter(({ size }) => only.length === 0 || only.includes(size));
  if (rows.length === 0)
    throw refusal(`--only must be one of ${[...new Set(ROWS.map(({ size }) => size))].join(' ')}.`);
  mkdirSync(runDir, { recursive: true });
  const results: object[] = [];
  if (!json) {
    console.log(
      '| size | best known | reached, integers | reached, modulo 2 | after | seconds in all | flips/s a thread |',
    );
    console.log('|---|---|---|---|---|---|---|');
  }
  for (const row of rows) {
    const explored = await explore(row, runDir, how);
    const field = row.isModulo2 ? 'modulo 2' : 'integers';
    results.push({ ...row, field, isReached: isReached(row, explored), ...explored });
    if (!json) console.log(line(row, explored));
  }
  if (json) console.log(JSON.stringify({ ...how, results }, null, 2));
}

async function explore(
  row: Row,
  runDir: string,
  { budget, workers, seed }: Pick<AllSizesOptions, 'budget' | 'workers' | 'seed'>,
): Promise<Explored> {
  const { size, known, isModulo2, after, how } = row;
  const folder = folderOf(row, runDir);
  const ended = join(folder, ENDED);
  const before = existsSync(ended) ? (JSON.parse(readFileSync(ended, 'utf8')) as Explored) : undefined;
  const spent = secondsOf(folder);
  const left = parseDuration(budget) - spent;
  if (before !== undefined && (isReached(row, before) || left < LEAST_SECONDS)) return before;
  const isStopped = existsSync(join(folder, 'config.json'));
  const from = ['--from', (after && bestOf(after, runDir)) ?? 'pool'];
  const begin = ['--size', size, '--arithmetic', 'modulo-2', ...(how ?? from), '--seed', seed];
  const goal = ['--until-rank', String(known), ...(isModulo2 ? [] : ['--integers'])];
  const limits = ['--budget', `${Math.max(LEAST_SECONDS, Math.round(left))}s`, '--workers', workers];
  const options = [...(isStopped ? ['--resume'] : begin), ...goal, ...limits];
  const now = JSON.parse(
    await trainer(['explore', ...options, '--run-dir', folder, '--json'], [0, GOAL_MISSED]),
  ) as Explored;
  const files = now.found.map(({ file }) => file);
  if (files.length > 0) await trainer(['verify', ...files, '--json'], [0]);
  const explored = joined(before, now, spent);
  writeFileSync(ended, `${JSON.stringify(explored)}\n`);
  return explored;
}

function isReached({ known, isModulo2 }: Row, { bestRank, bestIntegerRank }: Explored): boolean {
  return ((isModulo2 ? bestRank : bestIntegerRank) ?? Number.POSITIVE_INFINITY) <= known;
}

/** Joins the sessions of a row: seconds and findings count from the start of the first. */
function joined(before: Explored | undefined, now: Explored, spent: number): Explored {
  const later = now.found.map((each) => ({ ...each, seconds: spent + each.seconds }));
  return { ...now, found: [...(before?.found ?? []), ...later], seconds: spent + now.seconds };
}

/** Reads how long a run has walked, in all its sessions. */
function secondsOf(folder: string): number {
  const path = join(folder, 'metrics.jsonl');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  // The last whole line: a killed run may leave half of one.
  const last = lines.filter((line) => line.endsWith('}')).at(-1);
  return last === undefined ? 0 : (JSON.parse(last) as { time: number }).time;
}

function folderOf({ size, known }: Pick<Row, 'size' | 'known'>, runDir: string): string {
  return join(runDir, `${size.replaceAll(',', 'x')}-${known}`);
}

/** Gives the file of the lowest rank that the first row of a size found; undefined if it has not ended or found nothing. */
function bestOf(size: string, runDir: string): string | undefined {
  const row = ROWS.find((each) => each.size === size);
  const ended = row && join(folderOf(row, runDir), ENDED);
  if (ended === undefined || !existsSync(ended)) return undefined;
  const { found } = JSON.parse(readFileSync(ended, 'utf8')) as Explored;
  return found.filter((each) => isOfSize(each, size)).sort((a, b) => a.rank - b.rank)[0]?.file;
}

function isOfSize({ size: { n, m, p } }: Explored['found'][number], size: string): boolean {
  return size === `${n},${m},${p}`;
}

function line({ size, known, isModulo2 }: Row, explored: Explored): string {
  const { bestRank, bestIntegerRank, seconds, flipsPerSecondPerWorker, found } = explored;
  const last = found
    .filter((each) => isOfSize(each, size) && (isModulo2 ? !each.lifted : each.arithmetic === 'standard'))
    .at(-1);
  const cells = [
    size.replaceAll(',', 'x'),
    `${known}${isModulo2 ? ' modulo 2' : ''}`,
    bestIntegerRank ?? 'none',
    bestRank ?? 'none',
    last === undefined ? '' : `${last.seconds.toFixed(1)} s`,
    `${seconds.toFixed(0)} s`,
    `${millions(flipsPerSecondPerWorker, 1)} M`,
  ];
  return `| ${cells.join(' | ')} |`;
}
