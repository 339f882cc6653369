import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatSize, parseSize } from '@alphatensor-edge/shared';
import { type Bench, refusal } from '../bench.js';
import { count, positive } from '../common/options.js';
import { printAllSizes } from './all-sizes.js';
import { printDescents } from './descents.js';
import { flipRate, millions } from './flip-rate.js';
import { printProjections } from './projections.js';
import { printTable } from './table.js';

const SIZES = ['3,3,3', '2,2,5', '2,3,4', '2,4,4', '3,3,4', '3,4,4', '4,4,4', '4,5,5'].map(parseSize);

export const bench: Bench = {
  summary: 'flips per second of a walker in the flip graph; with --table, the ranks that it reaches',
  help: `Flips a second of one walker on one core, for each size and arithmetic.

  --seconds S       a walk (3)
  --table           instead, the ranks that at-trainer explore comes to, as Markdown, each checked by at-trainer verify; with
    --only N,M,P    this row, or N,M,P/standard, N,M,P/modulo-2; repeatable (all)
    --budget TIME   of a row (5m; 10m with --table all)
    --workers N     threads (2)
    --seed N        (1)
  --table all       all sizes up to 5, each until its best known rank; run again, it goes on where it was stopped, or where
                    it fell short of the rank if --budget is longer than before; with
    --run-dir DIR   where the runs lie (runs/explore-all)
  --descents N      instead, the ranks that N symmetric descents of <5,5,5> come to, with files under --run-dir/descents; with
    --plus-after N  flips before a step up; repeatable (4000)
  --projections N   instead, what is left of the algorithm of --file in a size that is smaller by one, and how low N descents from there
                    come, for each way to choose the projection, with files under --run-dir/projections; with
    --file FILE     modulo 2 or integers
  --json            one object instead of lines
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        seconds: { type: 'string', default: '3' },
        table: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        budget: { type: 'string' },
        descents: { type: 'string' },
        projections: { type: 'string' },
        file: { type: 'string' },
        'plus-after': { type: 'string', multiple: true, default: ['4000'] },
        'run-dir': { type: 'string', default: 'runs/explore-all' },
        workers: { type: 'string', default: '2' },
        seed: { type: 'string', default: '1' },
      },
    });
    const seconds = positive('--seconds', values.seconds);
    if (seconds === 0) throw refusal('--seconds must be above 0.');
    count('--workers', values.workers);
    const isAll = values.table && positionals[0] === 'all';
    if (positionals.length > (isAll ? 1 : 0))
      throw refusal(`"${positionals.at(-1)}" is not known here; write --table, or --table all.`);
    const {
      budget = isAll ? '10m' : '5m',
      'run-dir': runDir,
      descents,
      projections,
      file,
      'plus-after': after,
      ...rest
    } = values;
    if (projections !== undefined) {
      if (file === undefined) throw refusal('--projections needs --file FILE, the algorithm to project.');
      await printProjections({
        file,
        count: count('--projections', projections),
        runDir: join(runDir, 'projections'),
      });
    } else if (descents !== undefined) {
      const plusAfter = after.map((text) => count('--plus-after', text));
      printDescents({ count: count('--descents', descents), plusAfter, runDir: join(runDir, 'descents') });
    } else if (isAll) await printAllSizes({ ...rest, budget, runDir });
    else if (values.table) await printTable({ ...rest, budget, seconds });
    else printRates(seconds, values.json);
  },
};

function printRates(seconds: number, json: boolean): void {
  const results: object[] = [];
  for (const arithmetic of ['modulo-2', 'standard'] as const) {
    for (const size of SIZES) {
      const result = { size, arithmetic, ...flipRate(size, arithmetic, seconds) };
      results.push(result);
      const [rate, processorRate] = [result.flipsPerSecond, result.flipsPerProcessorSecond].map((x) =>
        millions(x, 2).padStart(6),
      );
      if (json) continue;
      console.log(
        `${formatSize(size)} ${arithmetic.padEnd(8)} ${rate} million flips/s, ${processorRate} a second of processor time`,
      );
    }
  }
  if (json) console.log(JSON.stringify({ seconds, results }, null, 2));
}
