import { parseArgs } from 'node:util';
import { formatSize, Random } from '@alphatensor-edge/shared';
import { gameRules } from '@alphatensor-edge/trainer/config.js';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { networkEvaluator } from '@alphatensor-edge/trainer/network/batcher.js';
import { growing } from '@alphatensor-edge/trainer/presets.js';
import { loadCheckpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { beamSearch } from '@alphatensor-edge/trainer/search/beam.js';
import { actGames } from '@alphatensor-edge/trainer/training/actor.js';
import { heldOutGrownGames } from '@alphatensor-edge/trainer/training/held-out.js';
import { loadParts } from '@alphatensor-edge/trainer/training/parts.js';
import { type Bench, refusal } from './bench.js';
import { machine } from './common/machine.js';
import { trainedNetwork } from './common/networks.js';
import { count, tfBackend } from './common/options.js';

export const bench: Bench = {
  summary: 'what networks make of a size that contains a smaller product',
  help: `What networks make of <n,m,p> that contains a smaller product: beam searches on a whole part and k random rank-one terms, held
out from training and the same for every checkpoint, and on the target itself in the bases of training.

  --checkpoint DIR   needed; repeatable
  --grow-from FILE   factorization of a smaller size; needed; repeatable
  --games N          of each kind (24)
  --width N          of the beam (32)
  --tf-backend NAME  (auto)
  --json             one object instead of lines
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        checkpoint: { type: 'string', multiple: true, default: [] },
        'grow-from': { type: 'string', multiple: true, default: [] },
        games: { type: 'string', default: '24' },
        width: { type: 'string', default: '32' },
        json: { type: 'boolean', default: false },
        'tf-backend': { type: 'string', default: 'auto' },
      },
    });
    if (values.checkpoint.length === 0 || values['grow-from'].length === 0) {
      throw refusal('--checkpoint and --grow-from are needed.');
    }
    const tries: Tries = {
      parts: values['grow-from'],
      games: count('--games', values.games),
      width: count('--width', values.width),
    };
    const { description } = await startBackend(tfBackend(values['tf-backend']));
    if (!values.json) {
      console.log(`${machine().cpu}, ${description}; hits of ${tries.games}, beam of ${tries.width}`);
    }
    const rows: Row[] = [];
    for (const directory of values.checkpoint) {
      const row = await look(directory, tries);
      rows.push(row);
      if (!values.json) console.log(lineOf(row));
    }
    const { games } = tries;
    if (values.json) console.log(JSON.stringify({ machine: machine(), backend: description, games, rows }, null, 2));
  },
};

interface Tries {
  readonly parts: readonly string[];
  readonly games: number;
  readonly width: number;
}

interface Row {
  readonly directory: string;
  readonly step: number;
  readonly size: string;
  /** Of so many games, by what they are about. */
  readonly hits: Readonly<Record<string, number>>;
}

async function look(directory: string, { parts: files, games, width }: Tries): Promise<Row> {
  const loaded = await loadCheckpoint(directory);
  // Every checkpoint sees the same games, whatever it was trained on.
  const config = growing(loaded.config, [...files]);
  const { parts } = await loadParts(files, gameRules(config));
  const network = trainedNetwork({ ...loaded, config });
  const beam = { ...config.beam, width };
  const { maxBatch } = config.acting;
  const evaluator = networkEvaluator(network, { maxBatch, valueLevel: 0 }, new Random('evaluator'));
  const hits: Record<string, number> = {};
  for (let extra = 0; extra <= config.demonstrations.grown.maxExtra; extra++) {
    const what = `part + ${extra}`;
    hits[what] = 0;
    for (const [index, { position, remaining }] of heldOutGrownGames(config, parts, extra, games).entries()) {
      // As many moves as the sum has terms: fewer are welcome, more are no solution.
      const opening = { ...position, history: [], movesLeft: remaining.length };
      const { solutions } = await beamSearch(opening, evaluator, beam, new Random(`beam/${extra}/${index}`));
      if (solutions.length > 0) hits[what]++;
    }
  }
  const options = { searcher: 'beam', games, name: 'target', random: new Random('target') } as const;
  const played = await actGames(network, { ...config, beam }, options);
  hits.target = played.filter(({ solved }) => solved).length;
  network.dispose();
  return { directory, step: loaded.step, size: formatSize(config.size), hits };
}

function lineOf({ directory, step, size, hits }: Row): string {
  const counts = Object.entries(hits).map(([what, count]) => `${what}: ${count}`);
  return `${directory}, step ${step}, ${size}: ${counts.join(', ')}`;
}
