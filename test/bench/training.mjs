// How fast the network learns: training steps/s and samples/s on synthetic games, and where the time goes.
//   npm run bench:training -- [--json] [--tf-backend wasm]… [--size 3,3,3]… [--network light|tiny|small|paper]
//     [--batch 32] [--seconds 5]
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { formatSize, parseSize, Random } from '../../shared/dist/index.js';
import { gameRules } from '../../trainer/dist/config.js';
import { startBackend } from '../../trainer/dist/network/backend.js';
import { Network } from '../../trainer/dist/network/model.js';
import { learn } from '../../trainer/dist/training/learner.js';
import { AdamW } from '../../trainer/dist/training/optimizer.js';
import { ReplayBuffer } from '../../trainer/dist/training/replay-buffer.js';
import {
  BACKENDS,
  configFor,
  defaultNetwork,
  describeNetwork,
  figure,
  inProcesses,
  machine,
  percent,
  profiled,
  SIZES,
  workRow,
} from './common.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    'tf-backend': { type: 'string', multiple: true, default: BACKENDS },
    size: { type: 'string', multiple: true },
    network: { type: 'string' },
    batch: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    row: { type: 'string' },
  },
});

if (options.row !== undefined) {
  await workRow(() => train(JSON.parse(options.row)));
} else {
  const sizes = options.size?.map(parseSize) ?? SIZES;
  const wanted = options['tf-backend'].flatMap((tfBackend) =>
    sizes.map((size) => ({
      tfBackend,
      size,
      network: options.network ?? defaultNetwork(size),
      // More of <5,5,5> does not fit in the 2 GiB that WebAssembly has here.
      batch: Number(options.batch ?? { 2: 32, 3: 32, 4: 16 }[size.n] ?? 8),
      seconds: Number(options.seconds),
    })),
  );
  if (!options.json) console.log(`${machine().cpu}, ${machine().cores} cores, load ${machine().load.toFixed(1)}`);
  const rows = inProcesses(import.meta.url, wanted, options.json ? () => {} : printRow);
  if (options.json) console.log(JSON.stringify({ machine: machine(), rows }, null, 2));
  // A backend that is not installed is no failure; that none runs is.
  process.exitCode = rows.every(({ failed }) => failed !== undefined) ? 1 : 0;
}

/** Steps for so many seconds, at least one; the first, in which weights and memory are made, is not timed. */
async function train({ tfBackend, size, network: name, batch, seconds }) {
  const config = configFor(size, name);
  const random = new Random(1);
  const { description } = await startBackend(tfBackend);
  const network = new Network(config.network, gameRules(config), random.split('weights'));
  const optimizer = new AdamW(config.learner, network.parameters.variables);
  const replay = new ReplayBuffer(gameRules(config), config);
  const step = () => {
    const examples = Array.from({ length: batch }, () => replay.sample(random));
    learn(network, optimizer, examples, config.learner, random);
  };
  step();
  const began = performance.now();
  const { result: steps, shares } = await profiled(async () => {
    let done = 0;
    while (done === 0 || performance.now() - began < seconds * 1000) {
      step();
      done++;
    }
    return done;
  });
  const elapsed = (performance.now() - began) / 1000;
  return {
    backend: description,
    networkSize: describeNetwork(config.network),
    weights: network.parameters.count,
    actionsPerPosition: config.learner.actionsPerPosition,
    stepsPerSecond: steps / elapsed,
    samplesPerSecond: (steps * batch) / elapsed,
    shares,
    peakProcessBytes: process.resourceUsage().maxRSS * 1024,
  };
}

function printRow(row) {
  if (row.failed !== undefined) {
    console.log(`${row.tfBackend}: ${row.failed}`);
    return;
  }
  const { network, game, garbage } = row.shares;
  console.log(
    `${row.tfBackend} ${formatSize(row.size)}, batch ${row.batch}, ${row.weights} weights (${row.networkSize})`,
  );
  console.log(
    `  ${figure(row.stepsPerSecond)} steps/s, ${figure(row.samplesPerSecond)} samples/s; network ${percent(network)}, ` +
      `game ${percent(game)}, garbage ${percent(garbage)}, other ${percent(1 - network - game - garbage)}; ` +
      `peak of the process ${Math.round(row.peakProcessBytes / 2 ** 20)} MiB`,
  );
}
