// Additions of published schemes, beside what their authors report; the schemes' temporaries are not looked at.
// Run after `npm run build`: node test/bench/additions.mjs [FOLDER] [--effort N] [--json]
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { countAdditions, sumsOverEntries, sumsOverProducts } from '../../agent/dist/plan/additions.js';
import { evaluate, straightLine } from '../../agent/dist/plan/straight-line.js';
import { formatSize, loadFactorization, median, modeLengths } from '../../shared/dist/index.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, effort: { type: 'string', default: '100' } },
});
const folder = positionals[0] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const schemes = join(folder, 'fast-matrix-multiplication');
if (!existsSync(schemes)) {
  console.error(
    `There is no ${schemes}; give the folder of the published factorizations: npm run bench:additions -- FOLDER`,
  );
  process.exit(1);
}
const highEffort = Number(values.effort);
if (!(highEffort >= 1)) {
  console.error(`--effort must be a number of at least 1, but is ${values.effort}.`);
  process.exit(1);
}

/** The sums of u, v and w, each with the number of its sources. */
function sumsOf({ size, rank, u, v, w }) {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const rows = Array.from({ length: rank }, (_, r) => r);
  const entries = Array.from({ length: lengthW }, (_, x) => x);
  return [
    [sumsOverEntries(u, rows, lengthU), lengthU],
    [sumsOverEntries(v, rows, lengthV), lengthV],
    [sumsOverProducts(w, rows, lengthW, entries), rank],
  ];
}

/** Additions for u, v and w, and how long it took to find them; every program is multiplied out and compared. */
function measure(sums, effort) {
  const began = performance.now();
  const programs = sums.map(([sum, inputs]) => straightLine(sum, inputs, { effort }));
  const ms = performance.now() - began;
  programs.forEach((program, i) => {
    if (!isDeepStrictEqual(evaluate(program), sums[i][0])) throw new Error('A program does not compute its sums.');
  });
  return { additions: programs.map(({ steps }) => steps.length), ms };
}

/** The default effort, timed as an agent sees it: the median of a few runs. */
function measureDefault(sums) {
  const runs = Array.from({ length: 5 }, () => measure(sums, 1));
  return { ...runs[0], ms: median(runs.map(({ ms }) => ms)) };
}

/** Additions with the published temporaries; null if the file has none. */
async function recordOf(path) {
  return JSON.parse(await readFile(path, 'utf8')).complexity?.reduced ?? null;
}

const total = (parts) => parts.reduce((sum, part) => sum + part, 0);
const parts = (additions) => `${total(additions)} (${additions.join(' + ')})`;

if (!values.json) {
  console.log(`| scheme | file | published | as it stands | effort 1 | ms | effort ${highEffort} | s |`);
  console.log('|---|---|---|---|---|---|---|---|');
}
// Compiled code, not its compilation, is what is timed.
measure(sumsOf((await loadFactorization('laderman')).factorization), 20);
const rows = [];
for (const file of readdirSync(schemes).sort()) {
  if (!file.endsWith('.json')) continue;
  const { factorization } = await loadFactorization(join(schemes, file));
  const sums = sumsOf(factorization);
  const row = {
    scheme: `${formatSize(factorization.size)}; ${factorization.rank}`,
    file,
    published: await recordOf(join(schemes, file)),
    asItStands: total(sums.map(([sum]) => countAdditions(sum))),
    default: measureDefault(sums),
    high: { effort: highEffort, ...measure(sums, highEffort) },
  };
  rows.push(row);
  if (values.json) continue;
  const name = file.replace(/(_ZT?)?(_reduced)?\.json$/, '');
  console.log(
    `| ${row.scheme} | ${name} | ${row.published ?? '–'} | ${row.asItStands} | ${total(row.default.additions)} | ` +
      `${row.default.ms.toFixed(0)} | ${parts(row.high.additions)} | ${(row.high.ms / 1000).toFixed(1)} |`,
  );
}
if (values.json) console.log(JSON.stringify(rows, null, 2));
