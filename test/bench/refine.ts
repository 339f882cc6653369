import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countNonzeros, loadFactorization, parseDuration, wholeNumber } from '@alphatensor-edge/shared';
import type { Refined } from '@alphatensor-edge/trainer/refine/refined.js';
import { newRefinement, runRefinement } from '@alphatensor-edge/trainer/run/refinement.js';
import type { Bench } from './bench.js';
import { DATA } from './common/paths.js';

/** Floors that were published, or found first, for each size of `factorizations_r.npz`. A lower one of the same rank replaces it. */
const FLOORS: Readonly<Record<string, number>> = {
  '2,2,2': 1.667,
  '2,3,3': 2.024,
  '2,4,4': 2.32,
  '2,4,5': 2.512,
  '2,5,5': 2.453,
  '3,3,3': 2.602,
  '3,3,4': 2.397,
  '3,3,5': 2.442,
  '3,4,4': 2.563,
  '3,4,5': 2.819,
  '3,5,5': 2.728,
  '4,4,4': 3.421,
  '4,5,5': 3.117,
};

export const bench: Bench = {
  summary: 'error growth that refine reaches of published schemes, beside their floors',
  help: `Refines published schemes one after the other, and prints floor, growth reached, nonzeros and time of each; files are verified exactly.

  SIZE…            of factorizations_r.npz, such as 3,4,5, or winograd, or rational48 (all 15)
  --budget TIME    of each scheme (60s)
  --seed N         of the search (1)
  --workers N      threads (2)
  --run-dir DIR    folder for the runs (a temporary one)
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        budget: { type: 'string', default: '60s' },
        seed: { type: 'string', default: '1' },
        workers: { type: 'string', default: '2' },
        'run-dir': { type: 'string' },
      },
    });
    const sizes = positionals.length > 0 ? positionals : [...Object.keys(FLOORS), 'winograd', 'rational48'];
    const folder = values['run-dir'] ?? mkdtempSync(join(tmpdir(), 'refine-'));
    const options = {
      budgetSeconds: parseDuration(values.budget),
      workers: wholeNumber('--workers', 1, 64)(values.workers),
    };
    const seed = wholeNumber('--seed', 0, 2 ** 31 - 1)(values.seed);
    console.log(
      '| scheme | growth, published → reached | floor | over | of the orbit reached | nonzeros | additions | chains | s |',
    );
    console.log('|---|---|---|---|---|---|---|---|---|');
    let within = 0;
    for (const size of sizes) {
      const runDir = join(folder, size);
      const run = await newRefinement(runDir, [nameOf(size)], { seed, maxNonzeros: 1.5, flips: true });
      const [refined] = await runRefinement(run, {
        ...options,
        ...{ chains: undefined, signal: new AbortController().signal },
        hooks: {
          onStart: () => {},
          onProgress: () => {},
          onRefined: () => {},
          onMessage: (text) => console.error(text),
        },
      });
      await checkFront(refined);
      const floor = FLOORS[size] ?? refined.floor;
      if (refined.best.growth <= 1.08 * floor) within++;
      console.log(rowOf(refined, floor));
    }
    console.log(`\nWithin 8 % of the floor: ${within} of ${sizes.length}. Files: ${folder}`);
  },
};

function nameOf(size: string): string {
  if (size === 'winograd') return size;
  if (size === 'rational48') return join(DATA, 'accurate', '4x4x4_m48_rational.json');
  return `${join(DATA, 'deepmind-alphatensor', 'factorizations_r.npz')}#${size}`;
}

function rowOf({ size: { n, m, p }, rank, before, best, floor, chains, seconds }: Refined, listed: number): string {
  const cells = [
    `⟨${n},${m},${p};${rank}⟩`,
    `${before.growth.toFixed(3)} → ${best.growth.toFixed(3)}`,
    floor.toFixed(3),
    `${(100 * (best.growth / listed - 1)).toFixed(1)} %`,
    best.floor.toFixed(3),
    `${(best.nonzeros / before.nonzeros).toFixed(2)}x`,
    best.additions === undefined ? '?' : `${before.additions} → ${best.additions}`,
    chains,
    seconds.toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Reads every file back, which reconstructs it exactly, and compares its figures. @throws AlphaTensorError if one is not exact */
async function checkFront({ front, rank }: Refined): Promise<void> {
  for (const { file, nonzeros } of front) {
    const { factorization } = await loadFactorization(file);
    if (factorization.rank === rank && countNonzeros(factorization) === nonzeros) continue;
    throw new Error(`${file} is not what was reported: ${readFileSync(file, 'utf8').slice(0, 80)}`);
  }
}
