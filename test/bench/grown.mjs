// What networks make of <n,m,p> that contains a smaller product: beam searches on a whole part and k random rank-one terms, held out
// from training and the same for every checkpoint, and on the target itself in the bases of training.
//   npm run bench:grown -- --checkpoint DIR… --grow-from FILE… [--games 24] [--width 32] [--json] [--tf-backend wasm]
import { parseArgs } from 'node:util';
import { formatSize, Random } from '../../shared/dist/index.js';
import { gameRules } from '../../trainer/dist/config.js';
import { startBackend } from '../../trainer/dist/network/backend.js';
import { networkEvaluator } from '../../trainer/dist/network/batcher.js';
import { Network } from '../../trainer/dist/network/model.js';
import { growing } from '../../trainer/dist/presets.js';
import { loadCheckpoint } from '../../trainer/dist/run/checkpoint.js';
import { beamSearch } from '../../trainer/dist/search/beam.js';
import { actGames } from '../../trainer/dist/training/actor.js';
import { heldOutGrownGames } from '../../trainer/dist/training/held-out.js';
import { loadParts } from '../../trainer/dist/training/parts.js';
import { machine } from './common.mjs';

const { values: options } = parseArgs({
  options: {
    checkpoint: { type: 'string', multiple: true, default: [] },
    'grow-from': { type: 'string', multiple: true, default: [] },
    games: { type: 'string', default: '24' },
    width: { type: 'string', default: '32' },
    json: { type: 'boolean', default: false },
    'tf-backend': { type: 'string', default: 'auto' },
  },
});
if (options.checkpoint.length === 0 || options['grow-from'].length === 0) {
  console.error('error: --checkpoint and --grow-from are needed.');
  process.exit(2);
}
const games = Number(options.games);
const { description } = await startBackend(options['tf-backend']);
if (!options.json) console.log(`${machine().cpu}, ${description}; hits of ${games}, beam of ${options.width}`);
const rows = [];
for (const directory of options.checkpoint) rows.push(await look(directory));
if (options.json) console.log(JSON.stringify({ machine: machine(), backend: description, games, rows }, null, 2));

async function look(directory) {
  const { config: trained, weights, step } = await loadCheckpoint(directory);
  // Every checkpoint sees the same games, whatever it was trained on.
  const config = growing(trained, options['grow-from']);
  const { parts } = await loadParts(options['grow-from'], gameRules(config));
  const network = new Network(config.network, gameRules(config), new Random('unused'));
  network.parameters.import(weights);
  const beam = { ...config.beam, width: Number(options.width) };
  const row = { directory, step, size: formatSize(config.size), hits: {} };
  const evaluator = networkEvaluator(
    network,
    { maxBatch: config.acting.maxBatch, valueLevel: 0 },
    new Random('evaluator'),
  );
  for (let extra = 0; extra <= config.demonstrations.grown.maxExtra; extra++) {
    const held = heldOutGrownGames(config, parts, extra, games);
    let hits = 0;
    for (const [index, { position, remaining }] of held.entries()) {
      // As many moves as the sum has terms: fewer are welcome, more are no solution.
      const opening = { ...position, history: [], movesLeft: remaining.length };
      if ((await beamSearch(opening, evaluator, beam, new Random(`beam/${extra}/${index}`))).solutions.length > 0)
        hits++;
    }
    row.hits[`part + ${extra}`] = hits;
  }
  const played = await actGames(
    network,
    { ...config, beam },
    { searcher: 'beam', games, name: 'target', random: new Random('target') },
  );
  row.hits.target = played.filter(({ solved }) => solved).length;
  network.dispose();
  if (!options.json) {
    const counts = Object.entries(row.hits).map(([what, hits]) => `${what}: ${hits}`);
    console.log(`${directory}, step ${step}, ${row.size}: ${counts.join(', ')}`);
  }
  return row;
}
