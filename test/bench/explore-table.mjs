// The ranks that at-trainer explore comes to in five minutes, as one Markdown table; every factorization is checked by at-trainer
// verify. Part of explore.mjs: npm run bench:explore -- --table [--only 3,3,3 --only 4,4,4] [--budget 5m] [--workers 2] [--json]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseSize } from '../../shared/dist/index.js';
import { flipRate } from './explore-rate.mjs';

const TRAINER = fileURLToPath(new URL('../../trainer/bin/at-trainer.js', import.meta.url));
/** The exit status of a run that did not find its rank. */
const GOAL_MISSED = 10;

/** `isInteger`: with integer coefficients, lifted or not. `goOn`: until the budget ends, because a product alone says little. */
const ROWS = [
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

export async function printTable({ only, budget, workers, seed, seconds, json }) {
  const rows =
    only.length === 0
      ? ROWS
      : ROWS.filter(({ size, arithmetic }) => only.includes(size) || only.includes(`${size}/${arithmetic}`));
  if (rows.length === 0)
    throw new Error(
      `--only must be one of ${[...new Set(ROWS.map(({ size }) => size))].join(' ')}, or one of them with /standard or /modulo-2.`,
    );
  if (!json) {
    console.log(
      '| size | arithmetic | from | target | reached | after | flips in all | flips/s a thread, start and end included | flips/s a core |',
    );
    console.log('|---|---|---|---|---|---|---|---|---|');
  }
  const results = [];
  for (const row of rows) {
    const { flipsPerSecond } = flipRate(parseSize(row.size), row.arithmetic, seconds);
    const result = { flipsPerSecond, ...(await explore(row, { budget, workers, seed })) };
    results.push({ ...row, ...result });
    if (!json) console.log(line(row, result));
  }
  if (json) console.log(JSON.stringify({ budget, workers, seed, results }, null, 2));
}

async function explore({ size, arithmetic, from, target, isInteger, goOn }, { budget, workers, seed }) {
  const folder = await mkdtemp(join(tmpdir(), 'alphatensor-edge-explore-'));
  try {
    const goal = goOn ? [] : ['--until-rank', String(target), ...(isInteger ? ['--integers'] : [])];
    const search = ['--size', size, '--arithmetic', arithmetic, '--from', from, '--budget', budget, ...goal];
    const how = ['--workers', workers, '--seed', seed, '--run-dir', join(folder, 'run'), '--json'];
    const result = JSON.parse(await trainer(['explore', ...search, ...how], [0, GOAL_MISSED]));
    await trainer(['verify', ...result.found.map(({ file }) => file), '--json'], [0]);
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the command prints. @throws if it ends with another status than those expected */
async function trainer(options, statuses) {
  const child = spawn(process.execPath, [TRAINER, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (!statuses.includes(status)) throw new Error(`at-trainer ${options.join(' ')} ended with status ${status}.`);
  return stdout;
}

function line({ size, arithmetic, from, target }, { found, flips, flipsPerSecondPerWorker, flipsPerSecond, seconds }) {
  const isInteger = arithmetic === 'standard';
  const best = [
    ['', found.filter(({ lifted, composed }) => !lifted && !composed)],
    [' lifted', found.filter(({ lifted, composed }) => lifted && !composed)],
    [' composed', found.filter(({ composed, arithmetic }) => composed && arithmetic === 'standard')],
  ].flatMap(([word, finds]) => (finds.length === 0 ? [] : [{ word, ...finds.at(-1) }]));
  const cells = [
    size.replaceAll(',', 'x'),
    isInteger ? '-1, 0, 1' : 'modulo 2',
    from,
    target,
    best.map(({ rank, word }) => `${rank}${word}`).join(', '),
    `${best.map((each) => each.seconds.toFixed(1)).join(', ')} of ${seconds.toFixed(0)} s`,
    `${(flips / 1e6).toFixed(1)} M`,
    `${(flipsPerSecondPerWorker / 1e6).toFixed(1)} M`,
    `${(flipsPerSecond / 1e6).toFixed(1)} M`,
  ];
  return `| ${cells.join(' | ')} |`;
}
