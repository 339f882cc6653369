// Flips a second of one walker on one core, for each size and arithmetic, from the standard algorithm as `at-trainer explore`
// walks. Run after `npm run build`: node test/bench/explore.mjs [--json] [--seconds 3]
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { formatSize, parseSize, Random, standard } from '../../shared/dist/index.js';
import { Explorer } from '../../trainer/dist/explore/explorer.js';
import { pack } from '../../trainer/dist/explore/packed.js';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, seconds: { type: 'string', default: '3' } },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new Error(`--seconds must be a positive number, not "${values.seconds}".`);

const WARM_UP_SECONDS = 0.5;
const sizes = ['3,3,3', '2,2,5', '2,3,4', '2,4,4', '3,3,4', '3,4,4', '4,4,4', '4,5,5'].map(parseSize);
const results = [];
for (const arithmetic of ['modulo-2', 'standard']) {
  for (const size of sizes) {
    const explorer = new Explorer({ size, arithmetic, starts: [pack(standard(size), arithmetic)] }, new Random(1));
    const walk = (forSeconds) => {
      const began = performance.now();
      const before = explorer.flips;
      while (performance.now() - began < forSeconds * 1000) explorer.advance();
      return (explorer.flips - before) / ((performance.now() - began) / 1000);
    };
    walk(WARM_UP_SECONDS);
    const flipsPerSecond = Math.round(walk(seconds));
    results.push({ size, arithmetic, flipsPerSecond, bestRank: explorer.bestRank });
    if (!values.json) {
      const rate = (flipsPerSecond / 1e6).toFixed(2).padStart(6);
      console.log(`${formatSize(size)} ${arithmetic.padEnd(8)} ${rate} million flips/s, rank ${explorer.bestRank}`);
    }
  }
}
if (values.json) console.log(JSON.stringify({ seconds, results }, null, 2));
