import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import {
  countAdditions,
  type Sums,
  sumsOverEntries,
  sumsOverProducts,
} from '@alphatensor-edge/agent/plan/additions.js';
import { evaluate, straightLine } from '@alphatensor-edge/agent/plan/straight-line.js';
import {
  formatSize,
  loadFactorization,
  median,
  modeLengths,
  realNumber,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { type Bench, refusal } from './bench.js';
import { sum } from './common/figures.js';
import { DATA } from './common/paths.js';

export const bench: Bench = {
  summary: 'additions of published schemes beside what their authors report',
  help: `Additions of published schemes, beside what their authors report; the schemes' temporaries are not looked at.

  FOLDER      of the published factorizations (../shared/data)
  --effort N  of the longer search, beside the default one (100)
  --json      one object instead of the table
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, effort: { type: 'string', default: '100' } },
    });
    const effort = realNumber('--effort', 1, 1_000_000)(values.effort);
    const schemes = join(positionals[0] ?? DATA, 'fast-matrix-multiplication');
    if (!existsSync(schemes)) {
      throw refusal(
        `There is no ${schemes}; give the folder of the published factorizations: npm run bench additions -- FOLDER`,
      );
    }
    if (!values.json) {
      console.log(`| scheme | file | published | as it stands | effort 1 | ms | effort ${effort} | s |`);
      console.log('|---|---|---|---|---|---|---|---|');
    }
    // Compiled code, not its compilation, is what is timed.
    measure(sumsOf((await loadFactorization('laderman')).factorization), 20);
    const rows: Row[] = [];
    for (const file of readdirSync(schemes).sort()) {
      if (!file.endsWith('.json')) continue;
      const row = await rowOf(schemes, file, effort);
      rows.push(row);
      if (!values.json) console.log(lineOf(row));
    }
    if (values.json) console.log(JSON.stringify(rows, null, 2));
  },
};

/** Additions for u, v and w, and the milliseconds that it took to find them. */
interface Counted {
  readonly additions: readonly number[];
  readonly ms: number;
}

interface Row {
  readonly scheme: string;
  readonly file: string;
  /** With the published temporaries; null if the file has none. */
  readonly published: number | null;
  readonly asItStands: number;
  readonly default: Counted;
  readonly high: Counted & { readonly effort: number };
}

async function rowOf(folder: string, file: string, effort: number): Promise<Row> {
  const path = join(folder, file);
  const { factorization } = await loadFactorization(path);
  const { complexity } = JSON.parse(await readFile(path, 'utf8')) as { complexity?: { reduced?: number } };
  const sums = sumsOf(factorization);
  return {
    scheme: `${formatSize(factorization.size)}; ${factorization.rank}`,
    file,
    published: complexity?.reduced ?? null,
    asItStands: sum(sums.map(([each]) => countAdditions(each))),
    default: measureDefault(sums),
    high: { effort, ...measure(sums, effort) },
  };
}

type CountedSums = readonly (readonly [sums: Sums, inputs: number])[];

/** The sums of u, v and w, each with the number of its sources. */
function sumsOf({ size, rank, u, v, w }: VerifiedFactorization): CountedSums {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const rows = Array.from({ length: rank }, (_, r) => r);
  const entries = Array.from({ length: lengthW }, (_, x) => x);
  return [
    [sumsOverEntries(u, rows, lengthU), lengthU],
    [sumsOverEntries(v, rows, lengthV), lengthV],
    [sumsOverProducts(w, rows, lengthW, entries), rank],
  ];
}

/** Every program is multiplied out and compared. */
function measure(sums: CountedSums, effort: number): Counted {
  const began = performance.now();
  const programs = sums.map(([each, inputs]) => straightLine(each, inputs, { effort }));
  const ms = performance.now() - began;
  programs.forEach((program, i) => {
    if (!isDeepStrictEqual(evaluate(program), sums[i][0])) throw new Error('A program does not compute its sums.');
  });
  return { additions: programs.map(({ steps }) => steps.length), ms };
}

/** The default effort, timed as an agent sees it: the median of a few runs. */
function measureDefault(sums: CountedSums): Counted {
  const runs = Array.from({ length: 5 }, () => measure(sums, 1));
  return { ...runs[0], ms: median(runs.map(({ ms }) => ms)) };
}

function lineOf({ scheme, file, published, asItStands, default: usual, high }: Row): string {
  const name = file.replace(/(_ZT?)?(_reduced)?\.json$/, '');
  const cells = [
    scheme,
    name,
    published ?? '–',
    asItStands,
    sum(usual.additions),
    usual.ms.toFixed(0),
    `${sum(high.additions)} (${high.additions.join(' + ')})`,
    (high.ms / 1000).toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}
