import { parseArgs } from 'node:util';
import { formatSize, parseSize } from '@alphatensor-edge/shared';
import type { Bench } from '../bench.js';
import { figure, percent } from '../common/figures.js';
import { machine, machineLine } from '../common/machine.js';
import { defaultNetwork, SIZES } from '../common/networks.js';
import { count, NAMED_BACKENDS, networkName, positive, tfBackend } from '../common/options.js';
import { type Failed, hasFailed, inProcesses } from '../common/rows.js';
import * as article from './article-game.js';
import * as compare from './compare.js';
import * as games from './games.js';
import * as openAlphaTensor from './open-alphatensor.js';
import type { TreeSize } from './tree-size.js';
import * as workers from './workers.js';

export const bench: Bench = {
  summary: 'simulations and network evaluations a second of games by tree search, and their memory',
  help: `How fast games are played by tree search with a network of random weights: simulations and network evaluations a second,
where the time goes, memory. Each row is a process of its own.

  --tf-backend NAME  ${NAMED_BACKENDS.join(', ')}; repeatable (all that run here)
  --size N,M,P       repeatable (2,2,2 to 5,5,5)
  --network NAME     light, or a preset (tiny for 2,2,2, light for others)
  --games N          side by side (8)
  --seconds S        a row (5)
  --workers N        instead, the same games on one worker thread and on N, in turns
  --compare          instead, ONNX Runtime against TensorFlow.js in WebAssembly with the policy at once, in turns in one process, with the
                     preset's K and leaves; value first on and off; by default <2,2,2> tiny and <3,3,3> light
  --open-alphatensor FOLDER
                     instead, ours beside OpenAlphaTensor's own functions, in turns: FOLDER is optimization/open_alpha_tensor of a clone of
                     github.com/nebuly-ai/nebuly, which is no part of this repository; by default <3,3,3> light, where theirs runs
  --torch PYTHON     with it: a Python that has torch and numpy
  --rounds N         of these three (5)
  --memory           instead, the article's case: how much one game of <5,5,5> takes
  --json             one object instead of lines
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        memory: { type: 'boolean', default: false },
        compare: { type: 'boolean', default: false },
        'open-alphatensor': { type: 'string' },
        torch: { type: 'string' },
        'tf-backend': { type: 'string', multiple: true, default: NAMED_BACKENDS },
        size: { type: 'string', multiple: true },
        network: { type: 'string' },
        games: { type: 'string', default: '8' },
        workers: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '5' },
      },
    });
    const sizes = values.size?.map(parseSize) ?? SIZES;
    const network = values.network === undefined ? defaultNetwork : networkName(values.network);
    const rows = values['tf-backend'].map(tfBackend).flatMap((backend) =>
      sizes.map((size) => ({
        tfBackend: backend,
        size,
        network: typeof network === 'string' ? network : network(size),
        games: count('--games', values.games),
      })),
    );
    const seconds = positive('--seconds', values.seconds);
    const rounds = count('--rounds', values.rounds);
    const say = values.json ? () => {} : (...lines: string[]) => console.log(lines.join('\n'));
    const { 'open-alphatensor': folder, torch: python } = values;
    const theirs = folder === undefined ? undefined : openAlphaTensor.theirProgram(folder, python);
    say(machineLine());
    if (values.compare) {
      const compared = (values.size === undefined ? sizes.slice(0, 2) : sizes).map((size) => ({
        tfBackend: 'wasm' as const,
        size,
        network: typeof network === 'string' ? network : network(size),
        games: count('--games', values.games),
        ...{ seconds, rounds },
      }));
      const done = await inProcesses(compare, compared, (row) => say(...compareLines(row)));
      if (values.json) console.log(JSON.stringify({ machine: machine(), rows: done }, null, 2));
      return;
    }
    if (theirs !== undefined) {
      const compared = (values.size === undefined ? [{ n: 3, m: 3, p: 3 }] : sizes).map((size) => ({
        tfBackend: 'wasm' as const,
        ...{ ...theirs, size, seconds, rounds },
        network: typeof network === 'string' ? network : network(size),
        games: count('--games', values.games),
      }));
      const done = await inProcesses(openAlphaTensor, compared, (row) => say(openAlphaTensorLine(row)));
      if (values.json) console.log(JSON.stringify({ machine: machine(), rows: done }, null, 2));
      return;
    }
    const done = values.memory
      ? await inProcesses(article, [{ memory: true }], (row) => say(...articleLines(row)))
      : values.workers === undefined
        ? await inProcesses(
            games,
            rows.map((row) => ({ ...row, seconds })),
            (row) => say(...gamesLines(row)),
          )
        : await inProcesses(
            workers,
            rows.map((row) => ({
              ...row,
              workers: count('--workers', values.workers!),
              rounds,
            })),
            (row) => say(workersLine(row)),
          );
    if (values.json) console.log(JSON.stringify({ machine: machine(), rows: done }, null, 2));
  },
};

const MEBIBYTE = 2 ** 20;

function gamesLines(row: games.Row & (games.Result | Failed)): string[] {
  if (hasFailed(row)) return [`${row.tfBackend}: ${row.failed}`];
  const shares = Object.entries(row.shares).map(([part, share]) => `${part} ${percent(share)}`);
  const evaluations = `${figure(row.evaluationsPerSecond)} network evaluations/s`;
  return [
    `${row.tfBackend} ${formatSize(row.size)}, ${row.games} games, K = ${row.samples}, ${row.weights} weights (${row.networkSize})`,
    `  ${figure(row.simulationsPerSecond)} simulations/s, ${evaluations}; ${shares.join(', ')}`,
    `  ${memoryText(row)}`,
  ];
}

function compareLines(row: compare.Row & (compare.Result | Failed)): string[] {
  if (hasFailed(row)) return [`${formatSize(row.size)}: ${row.failed}`];
  return [
    `${formatSize(row.size)} ${row.network}, ${row.games} games, K = ${row.samples}, ${row.leavesPerStep} leaves a step, ${row.weights} weights; ` +
      `${row.backend}; ${row.runtime}; ${row.rounds} rounds of ${row.seconds} s`,
    ...row.arms.map(({ name, simulationsPerSecond, effect: { ratio, low, high }, wasted, shares }) => {
      const parts = Object.entries(shares).map(([part, share]) => `${part} ${percent(share)}`);
      const against =
        name === compare.BASELINE ? '' : `, ${ratio.toFixed(2)} times (${low.toFixed(2)} to ${high.toFixed(2)})`;
      return `  ${name.padEnd(17)} ${figure(simulationsPerSecond)} simulations/s${against}; ${percent(wasted)} of samples wasted; ${parts.join(', ')}`;
    }),
  ];
}

function openAlphaTensorLine(row: openAlphaTensor.Row & (openAlphaTensor.Result | Failed)): string {
  if (hasFailed(row)) return `${formatSize(row.size)}: ${row.failed}`;
  const { effect, weights, simulationsPerSecond: rate } = row;
  const interval = `${effect.low.toFixed(1)} to ${effect.high.toFixed(1)}`;
  return (
    `${formatSize(row.size)} ${row.network}, K = ${row.samples}, ${row.simulations} simulations a move, one thread, ${row.rounds} rounds of ${row.seconds} s: ` +
    `OpenAlphaTensor (torch ${row.torch}, ${weights.theirs} weights, one game) ${figure(rate.theirs)} simulations/s, ` +
    `ours (${row.runtime}, ${weights.ours} weights, ${row.games} games side by side) ${figure(rate.ours)}: ${effect.ratio.toFixed(1)} times (${interval})`
  );
}

function articleLines(row: article.Result | Failed): string[] {
  if (hasFailed(row)) return [`memory: ${row.failed}`];
  return [
    `${formatSize(row.size)}, ${row.moves} moves, ${row.simulations} simulations in ${row.seconds.toFixed(1)} s`,
    `  ${memoryText(row)} (${Math.round(row.processBytesBefore / MEBIBYTE)} MiB before the game)`,
  ];
}

function memoryText(row: { readonly largestTree: TreeSize; readonly peakProcessBytes: number }): string {
  const { nodes, edges, bytes, bytesPerNode } = row.largestTree;
  return (
    `${Math.round(bytesPerNode)} bytes a node with its edges, largest tree ${(bytes / MEBIBYTE).toFixed(2)} MiB ` +
    `(${nodes} nodes, ${edges} edges), peak of the process ${Math.round(row.peakProcessBytes / MEBIBYTE)} MiB`
  );
}

function workersLine(row: workers.Row & (workers.Result | Failed)): string {
  if (hasFailed(row)) return `${row.tfBackend}: ${row.failed}`;
  const [one, several] = row.evaluationsPerSecond;
  const ratios = row.rates.map(({ ratio }) => ratio);
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  return (
    `${row.tfBackend} ${formatSize(row.size)}, ${row.games} games: ${figure(one)} network evaluations/s on 1 worker, ` +
    `${figure(several)} on ${row.workers}: ${row.ratio.toFixed(2)} times (median of ${ratios.length} rounds, ${range})`
  );
}
