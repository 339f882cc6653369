import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Arithmetic, parseSize } from '@alphatensor-edge/shared';
import type { ExploreResult, FoundByFlips } from '@alphatensor-edge/trainer/explore/run.js';
import { refusal } from '../bench.js';
import { flipRate, millions } from './flip-rate.js';
import { GOAL_MISSED, trainer } from './trainer.js';

/** One search of the table. */
interface Row {
  readonly size: string;
  readonly arithmetic: Arithmetic;
  readonly from: 'standard' | 'grow';
  readonly target: number;
  /** With integer coefficients, lifted or not. */
  readonly isInteger?: true;
  /** Until the budget ends, because a product alone says little. */
  readonly goOn?: true;
}

const ROWS: readonly Row[] = [
  { size: '3,3,3', arithmetic: 'standard', from: 'standard', target: 23, isInteger: true },
  { size: '2,2,5', arithmetic: 'standard', from: 'standard', target: 18, isInteger: true },
  { size: '2,3,4', arithmetic: 'standard', from: 'standard', target: 20, isInteger: true },
  { size: '2,4,4', arithmetic: 'modulo-2', from: 'standard', target: 26, isInteger: true },
  { size: '3,3,4', arithmetic: 'modulo-2', from: 'standard', target: 29, isInteger: true },
  { size: '3,4,4', arithmetic: 'modulo-2', from: 'standard', target: 38, isInteger: true },
  { size: '4,4,4', arithmetic: 'modulo-2', from: 'grow', target: 47 },
  { size: '4,4,4', arithmetic: 'standard', from: 'grow', target: 49, goOn: true },
  { size: '4,5,5', arithmetic: 'modulo-2', from: 'grow', target: 76, isInteger: true },
];

export interface TableOptions {
  readonly only: readonly string[];
  readonly budget: string;
  readonly workers: string;
  readonly seed: string;
  /** Of the walk that tells the rate of one core. */
  readonly seconds: number;
  readonly json: boolean;
}

/** What `at-trainer explore --json` says of a run. */
type Explored = Pick<ExploreResult, 'flips' | 'seconds' | 'flipsPerSecondPerWorker'> & {
  readonly found: readonly (FoundByFlips & { readonly file: string })[];
};

/** Prints the ranks that at-trainer explore comes to as one Markdown table; every factorization is checked by at-trainer verify. */
export async function printTable({ only, budget, workers, seed, seconds, json }: TableOptions): Promise<void> {
  const rows = rowsOf(only);
  const results: object[] = [];
  if (!json) {
    console.log(
      '| size | arithmetic | from | target | reached | after | flips in all | flips/s a thread, start and end included | flips/s a core |',
    );
    console.log('|---|---|---|---|---|---|---|---|---|');
  }
  for (const row of rows) {
    const { flipsPerSecond } = flipRate(parseSize(row.size), row.arithmetic, seconds);
    const explored = await explore(row, ['--budget', budget, '--workers', workers, '--seed', seed]);
    results.push({ ...row, flipsPerSecond, ...explored });
    if (!json) console.log(line(row, explored, flipsPerSecond));
  }
  if (json) console.log(JSON.stringify({ budget, workers, seed, results }, null, 2));
}

function rowsOf(only: readonly string[]): readonly Row[] {
  if (only.length === 0) return ROWS;
  const rows = ROWS.filter(({ size, arithmetic }) => only.includes(size) || only.includes(`${size}/${arithmetic}`));
  if (rows.length > 0) return rows;
  const sizes = [...new Set(ROWS.map(({ size }) => size))].join(' ');
  throw refusal(`--only must be one of ${sizes}, or one of them with /standard or /modulo-2.`);
}

async function explore(
  { size, arithmetic, from, target, isInteger, goOn }: Row,
  how: readonly string[],
): Promise<Explored> {
  const folder = await mkdtemp(join(tmpdir(), 'alphatensor-edge-explore-'));
  try {
    const goal = goOn ? [] : ['--until-rank', String(target), ...(isInteger ? ['--integers'] : [])];
    const search = ['--size', size, '--arithmetic', arithmetic, '--from', from, ...goal];
    const options = [...search, ...how, '--run-dir', join(folder, 'run'), '--json'];
    const result = JSON.parse(await trainer(['explore', ...options], [0, GOAL_MISSED])) as Explored;
    const files = result.found.map(({ file }) => file);
    if (files.length > 0) await trainer(['verify', ...files, '--json'], [0]);
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function line(
  { size, arithmetic, from, target }: Row,
  { found, flips, flipsPerSecondPerWorker, seconds }: Explored,
  flipsPerSecond: number,
): string {
  const isOver = (each: FoundByFlips): boolean => each.composed && each.arithmetic === 'standard';
  const best = [
    { word: '', last: found.filter(({ lifted, composed }) => !lifted && !composed).at(-1) },
    { word: ' lifted', last: found.filter(({ lifted, composed }) => lifted && !composed).at(-1) },
    { word: ' composed', last: found.filter(isOver).at(-1) },
  ].flatMap(({ word, last }) => (last === undefined ? [] : [{ word, ...last }]));
  const cells = [
    size.replaceAll(',', 'x'),
    arithmetic === 'standard' ? '-1, 0, 1' : 'modulo 2',
    from,
    target,
    best.map(({ rank, word }) => `${rank}${word}`).join(', '),
    `${best.map((each) => each.seconds.toFixed(1)).join(', ')} of ${seconds.toFixed(0)} s`,
    `${millions(flips, 1)} M`,
    `${millions(flipsPerSecondPerWorker, 1)} M`,
    `${millions(flipsPerSecond, 1)} M`,
  ];
  return `| ${cells.join(' | ')} |`;
}
