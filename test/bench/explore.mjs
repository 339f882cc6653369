// Flips a second of one walker on one core, for each size and arithmetic, from the standard algorithm as `at-trainer explore`
// walks; by the clock, and by the processor time that was really got, which other work on the machine changes less.
// Run after `npm run build`: node test/bench/explore.mjs [--json] [--seconds 3]; with --table the ranks it comes to (explore-table.mjs).
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { formatSize, parseSize, Random, standard } from '../../shared/dist/index.js';
import { Explorer } from '../../trainer/dist/explore/explorer.js';
import { pack } from '../../trainer/dist/explore/packed.js';
import { printTable } from './explore-table.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    table: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    budget: { type: 'string', default: '5m' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
  },
});
if (values.table) {
  await printTable(values);
  process.exit();
}
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new Error(`--seconds must be a positive number, not "${values.seconds}".`);

const WARM_UP_SECONDS = 0.5;
const sizes = ['3,3,3', '2,2,5', '2,3,4', '2,4,4', '3,3,4', '3,4,4', '4,4,4', '4,5,5'].map(parseSize);
const results = [];
for (const arithmetic of ['modulo-2', 'standard']) {
  for (const size of sizes) {
    const explorer = new Explorer({ size, arithmetic, starts: [pack(standard(size), arithmetic)] }, new Random(1));
    const walk = (forSeconds) => {
      const [began, processorBegan, before] = [performance.now(), process.cpuUsage(), explorer.flips];
      while (performance.now() - began < forSeconds * 1000) explorer.advance();
      const flips = explorer.flips - before;
      const { user, system } = process.cpuUsage(processorBegan);
      return {
        flipsPerSecond: Math.round(flips / ((performance.now() - began) / 1000)),
        flipsPerProcessorSecond: Math.round(flips / ((user + system) / 1e6)),
      };
    };
    walk(WARM_UP_SECONDS);
    const result = { size, arithmetic, ...walk(seconds), bestRank: explorer.bestRank };
    results.push(result);
    if (!values.json) {
      const [rate, processorRate] = [result.flipsPerSecond, result.flipsPerProcessorSecond].map((x) =>
        (x / 1e6).toFixed(2).padStart(6),
      );
      console.log(
        `${formatSize(size)} ${arithmetic.padEnd(8)} ${rate} million flips/s, ${processorRate} a second of processor time`,
      );
    }
  }
}
if (values.json) console.log(JSON.stringify({ seconds, results }, null, 2));
