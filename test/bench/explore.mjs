// Flips a second of one walker on one core, for each size and arithmetic; with --table the ranks that at-trainer explore comes to
// (explore-table.mjs). Run after `npm run build`: node test/bench/explore.mjs [--json] [--seconds 3]
import { parseArgs } from 'node:util';
import { formatSize, parseSize } from '../../shared/dist/index.js';
import { flipRate } from './explore-rate.mjs';
import { printTable } from './explore-table.mjs';

const HELP = `Flips a second of one walker on one core, for each size and arithmetic.

  --seconds S   a walk (3)
  --table       instead, the ranks that at-trainer explore comes to, as Markdown; with
    --only N,M,P    this row, or N,M,P/standard, N,M,P/modulo-2; repeatable (all)
    --budget TIME   of a row (5m)
    --workers N     threads (2)
    --seed N        (1)
  --json        one object instead of lines
`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    table: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    budget: { type: 'string', default: '5m' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new Error(`--seconds must be a positive number, not "${values.seconds}".`);

if (values.help) process.stdout.write(HELP);
else if (values.table) await printTable({ ...values, seconds });
else printRates();

function printRates() {
  const sizes = ['3,3,3', '2,2,5', '2,3,4', '2,4,4', '3,3,4', '3,4,4', '4,4,4', '4,5,5'].map(parseSize);
  const results = [];
  for (const arithmetic of ['modulo-2', 'standard']) {
    for (const size of sizes) {
      const result = { size, arithmetic, ...flipRate(size, arithmetic, seconds) };
      results.push(result);
      if (values.json) continue;
      const [rate, processorRate] = [result.flipsPerSecond, result.flipsPerProcessorSecond].map((x) =>
        (x / 1e6).toFixed(2).padStart(6),
      );
      console.log(
        `${formatSize(size)} ${arithmetic.padEnd(8)} ${rate} million flips/s, ${processorRate} a second of processor time`,
      );
    }
  }
  if (values.json) console.log(JSON.stringify({ seconds, results }, null, 2));
}
