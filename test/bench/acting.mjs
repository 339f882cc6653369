// How fast games are played by tree search with a network: simulations/s, network evaluations/s, where the time goes, memory.
//   npm run bench:acting -- [--json] [--tf-backend wasm]… [--size 3,3,3]… [--network light|tiny|small|paper] [--seconds 5]
//   npm run bench:acting -- --workers 2 [--rounds 5]     the same games on one worker thread and on two, in turns
//   npm run bench:acting -- --memory [--json]     the article's case: how much one game of <5,5,5> takes
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { formatSize, modeLengths, parseSize, Random } from '../../shared/dist/index.js';
import { gameRules } from '../../trainer/dist/config.js';
import { makeSignCanonical } from '../../trainer/dist/game/action.js';
import { randomBasis, targetTensor } from '../../trainer/dist/game/basis.js';
import { makeObservationBatch, observationLayout, observe } from '../../trainer/dist/game/observation.js';
import { start } from '../../trainer/dist/game/state.js';
import { startBackend } from '../../trainer/dist/network/backend.js';
import { networkEvaluator } from '../../trainer/dist/network/batcher.js';
import { Network } from '../../trainer/dist/network/model.js';
import { GameSearch } from '../../trainer/dist/search/game-search.js';
import { searchOptions } from '../../trainer/dist/search/options.js';
import { runLockstep } from '../../trainer/dist/search/search.js';
import { compareWorkers, workersLine } from './acting-workers.mjs';
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
    memory: { type: 'boolean', default: false },
    'tf-backend': { type: 'string', multiple: true, default: BACKENDS },
    size: { type: 'string', multiple: true },
    network: { type: 'string' },
    games: { type: 'string', default: '8' },
    workers: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    row: { type: 'string' },
  },
});

const MEBIBYTE = 2 ** 20;

if (options.row !== undefined) {
  const row = JSON.parse(options.row);
  await workRow(() => (row.memory ? playArticleGame() : row.workers ? compareWorkers(row) : playGames(row)));
} else {
  const print = options.json ? () => {} : printRow;
  if (!options.json) console.log(`${machine().cpu}, ${machine().cores} cores, load ${machine().load.toFixed(1)}`);
  const rows = inProcesses(import.meta.url, options.memory ? [{ memory: true }] : actingRows(), print);
  if (options.json) console.log(JSON.stringify({ machine: machine(), rows }, null, 2));
  // A backend that is not installed is no failure; that none runs is.
  process.exitCode = rows.every(({ failed }) => failed !== undefined) ? 1 : 0;
}

function actingRows() {
  const sizes = options.size?.map(parseSize) ?? SIZES;
  return options['tf-backend'].flatMap((tfBackend) =>
    sizes.map((size) => ({
      tfBackend,
      size,
      network: options.network ?? defaultNetwork(size),
      games: Number(options.games),
      seconds: Number(options.seconds),
      ...(options.workers && { workers: Number(options.workers), rounds: Number(options.rounds) }),
    })),
  );
}

/** Plays games in lockstep for so many seconds, at least for two calls of the network, whose weights are random. */
async function playGames({ tfBackend, size, network: name, games, seconds }) {
  const config = configFor(size, name);
  const random = new Random(1);
  const { description } = await startBackend(tfBackend);
  const network = new Network(config.network, gameRules(config), random.split('weights'));
  const search = searchOptions(config.search);
  const openings = Array.from({ length: games }, () =>
    start(gameRules(config), targetTensor(randomBasis(size, config.arithmetic, random, config.acting.basis))),
  );
  const valueLevel = config.network.value.actingLevel;
  const inner = networkEvaluator(network, { maxBatch: config.acting.maxBatch, valueLevel }, random.split('evaluator'));

  const play = async (time) => {
    const searches = openings.map((opening, index) => new GameSearch(opening, search, random.split(index)));
    const began = performance.now();
    const stop = new AbortController();
    const largest = { nodes: 0 };
    let steps = 0;
    const evaluator = async (positions, samples) => {
      const evaluations = await inner(positions, samples);
      steps++;
      if ((steps > 1 || time === 0) && performance.now() - began >= time * 1000) stop.abort();
      for (const { tree } of searches) {
        if (tree.nodeTotal > largest.nodes) Object.assign(largest, sizeOf(tree));
      }
      return evaluations;
    };
    await runLockstep(searches, evaluator, search, stop.signal).catch((error) => {
      if (error.code !== 'CANCELLED') throw error;
    });
    const elapsed = (performance.now() - began) / 1000;
    const total = (of) => searches.reduce((sum, game) => sum + of(game.result()), 0);
    return {
      seconds: elapsed,
      simulations: total(({ simulations }) => simulations),
      evaluations: total(({ evaluations }) => evaluations),
      largest,
    };
  };
  await play(0);
  const { result, shares } = await profiled(() => play(seconds));
  return {
    backend: description,
    networkSize: describeNetwork(config.network),
    weights: network.parameters.count,
    samples: config.search.samples,
    simulationsPerSecond: result.simulations / result.seconds,
    evaluationsPerSecond: result.evaluations / result.seconds,
    shares,
    largestTree: result.largest,
    peakProcessBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/**
 * The case of the article that takes most memory: <5,5,5>, K = 32, the last 7 moves shown, 200 simulations a move, 150 moves.
 * The evaluator writes what a network would be shown and answers with moves drawn ahead.
 */
async function playArticleGame() {
  const size = { n: 5, m: 5, p: 5 };
  const rules = { size, arithmetic: 'standard', values: [-2, -1, 0, 1, 2], moveLimit: 150 };
  const random = new Random(1);
  const search = searchOptions({ simulations: 200, samples: 32, rootSamples: 32, leavesPerStep: 1 });
  const layout = observationLayout(size, rules.arithmetic, 7, 0);
  const batch = makeObservationBatch(layout, 1);
  const pool = Array.from({ length: 4096 }, () => randomMove(size, random));
  const peak = { bytes: 0 };
  const game = new GameSearch(start(rules), search, random.split('game'));
  const evaluator = async (positions, samples) => {
    const { tree } = game;
    if (tree.memory.allocated > peak.bytes) Object.assign(peak, sizeOf(tree));
    return positions.map((position) => {
      observe([position], layout, batch);
      return {
        actions: Array.from({ length: samples }, () => pool[random.int(pool.length)]),
        value: -100 - random.float(),
      };
    });
  };
  const before = process.memoryUsage().rss;
  const began = performance.now();
  await runLockstep([game], evaluator, search);
  const { moves, simulations } = game.result();
  return {
    size,
    moves: moves.length,
    simulations,
    seconds: (performance.now() - began) / 1000,
    largestTree: peak,
    observationBytes: batch.tensors.byteLength,
    processBytesBefore: before,
    peakProcessBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** A node's memory is its own and that of its edges. */
function sizeOf({ nodeTotal: nodes, edgeTotal: edges, memory: { perNode, perEdge, allocated } }) {
  return { nodes, edges, bytes: allocated, bytesPerNode: perNode + (edges / nodes) * perEdge };
}

/** Mostly zeros, no factor zero. */
function randomMove(size, random) {
  const length = modeLengths(size).reduce((sum, entries) => sum + entries);
  const move = Int8Array.from({ length }, () => (random.bernoulli(0.8) ? 0 : random.int(5) - 2));
  let base = 0;
  for (const entries of modeLengths(size)) {
    move[base + random.int(entries)] = 1;
    base += entries;
  }
  return makeSignCanonical(move, size);
}

function printRow(row) {
  if (row.failed !== undefined) {
    console.log(`${row.tfBackend ?? 'memory'}: ${row.failed}`);
    return;
  }
  if (row.workers) {
    console.log(workersLine(row));
    return;
  }
  const { nodes, edges, bytes, bytesPerNode } = row.largestTree;
  const memory =
    `${Math.round(bytesPerNode)} bytes a node with its edges, largest tree ${(bytes / MEBIBYTE).toFixed(2)} MiB ` +
    `(${nodes} nodes, ${edges} edges), peak of the process ${Math.round(row.peakProcessBytes / MEBIBYTE)} MiB`;
  if (row.memory) {
    console.log(
      `${formatSize(row.size)}, ${row.moves} moves, ${row.simulations} simulations in ${row.seconds.toFixed(1)} s`,
    );
    console.log(`  ${memory} (${Math.round(row.processBytesBefore / MEBIBYTE)} MiB before the game)`);
    return;
  }
  const shares = Object.entries(row.shares).map(([part, share]) => `${part} ${percent(share)}`);
  const games = `${row.games} games, K = ${row.samples}`;
  console.log(`${row.tfBackend} ${formatSize(row.size)}, ${games}, ${row.weights} weights (${row.networkSize})`);
  const evaluations = `${figure(row.evaluationsPerSecond)} network evaluations/s`;
  console.log(`  ${figure(row.simulationsPerSecond)} simulations/s, ${evaluations}; ${shares.join(', ')}`);
  console.log(`  ${memory}`);
}
