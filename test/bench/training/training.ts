import { parseArgs } from 'node:util';
import { formatSize, parseSize, type Size } from '@alphatensor-edge/shared';
import type { Bench } from '../bench.js';
import { type Effect, figure, percent } from '../common/figures.js';
import { machine, machineLine } from '../common/machine.js';
import { defaultNetwork, SIZES } from '../common/networks.js';
import { count, NAMED_BACKENDS, networkName, oneOf, positive, tfBackend } from '../common/options.js';
import { type Failed, hasFailed, inProcesses } from '../common/rows.js';
import * as plays from './plays.js';
import * as steps from './steps.js';
import * as torchStep from './torch-step.js';

export const bench: Bench = {
  summary: 'training steps and samples a second on synthetic games',
  help: `How fast the network learns: training steps and samples a second on synthetic games, and where the time goes. Each row is a
process of its own.

  --tf-backend NAME  ${NAMED_BACKENDS.join(', ')}; repeatable (all that run here)
  --learn-backend X  onnx or tfjs; repeatable (tfjs on every backend, then onnx once)
  --size N,M,P       repeatable (2,2,2 to 5,5,5)
  --network NAME     light, or a preset (tiny for 2,2,2, light for others)
  --batch N          samples a step (32, 16 for 4,4,4, 8 for larger ones)
  --seconds S        a row (5)
  --torch PYTHON     a Python that has torch: its step of the same network on one fixed batch, beside ours, on one thread each (left out)
  --plays            instead, whole trainings with games in turn with learning and with games meanwhile, on a worker thread, in turns:
                     learner steps and games a second; by default <2,2,2> with its preset, turns of 60 s; it needs two idle cores
  --searcher NAME    with it: mcts or beam (mcts)
  --rounds N         of them (3)
  --json             one object instead of lines
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        'tf-backend': { type: 'string', multiple: true, default: NAMED_BACKENDS },
        'learn-backend': { type: 'string', multiple: true, default: ['tfjs', 'onnx'] },
        size: { type: 'string', multiple: true },
        network: { type: 'string' },
        batch: { type: 'string' },
        seconds: { type: 'string' },
        plays: { type: 'boolean', default: false },
        searcher: { type: 'string', default: 'mcts' },
        rounds: { type: 'string', default: '3' },
        torch: { type: 'string' },
      },
    });
    const network = values.network === undefined ? defaultNetwork : networkName(values.network);
    const batch = values.batch === undefined ? batchFor : count('--batch', values.batch);
    const seconds = positive('--seconds', values.seconds ?? (values.plays ? '60' : '5'));
    const engines = values['learn-backend'].map((text) => oneOf('--learn-backend', ['onnx', 'tfjs'] as const, text));
    const tfBackends = values['tf-backend'].map(tfBackend);
    const sizes = values.size?.map(parseSize) ?? SIZES;
    const rows = engines.flatMap((learnBackend) =>
      // TensorFlow.js computes nothing of a step through ONNX Runtime.
      (learnBackend === 'onnx' ? (['wasm'] as const) : tfBackends).flatMap((backend) =>
        sizes.map((size) => ({
          tfBackend: backend,
          learnBackend,
          size,
          network: typeof network === 'string' ? network : network(size),
          batch: typeof batch === 'number' ? batch : batch(size),
          seconds,
        })),
      ),
    );
    if (!values.json) console.log(machineLine());
    if (values.plays) {
      const searcher = oneOf('--searcher', plays.SEARCHERS, values.searcher);
      const trained = (values.size === undefined ? sizes.slice(0, 1) : sizes).map((size) => ({
        tfBackend: 'wasm' as const,
        ...{ size, searcher, seconds, rounds: count('--rounds', values.rounds) },
        network: typeof network === 'string' ? network : network(size),
      }));
      const done = await inProcesses(plays, trained, (row) => {
        if (!values.json) console.log(playsLines(row).join('\n'));
      });
      if (values.json) console.log(JSON.stringify({ machine: machine(), rows: done }, null, 2));
      return;
    }
    const done = await inProcesses(steps, rows, (row) => {
      if (!values.json) console.log(linesOf(row).join('\n'));
    });
    const { torch: python } = values;
    const besides = python === undefined ? [] : await besideTorch(python, rows, values.json);
    if (values.json) console.log(JSON.stringify({ machine: machine(), rows: done, torch: besides }, null, 2));
  },
};

/** Each network and batch of the rows once, in torch and through ONNX Runtime. */
async function besideTorch(python: string, rows: readonly steps.Row[], isQuiet: boolean) {
  const distinct = new Map(
    rows.map(({ size, network, batch, seconds }) => [
      `${formatSize(size)} ${network}`,
      { tfBackend: 'wasm' as const, python, size, network, batch, seconds },
    ]),
  );
  return inProcesses(torchStep, [...distinct.values()], (row) => {
    if (!isQuiet) console.log(torchLine(row));
  });
}

function torchLine(row: torchStep.Row & (torchStep.Result | Failed)): string {
  const name = `${formatSize(row.size)}, batch ${row.batch}`;
  if (hasFailed(row)) return `torch ${name}: ${row.failed}`;
  const { torch, stepsPerSecond, torchStepsPerSecond, lossDifference } = row;
  return (
    `torch ${torch} ${name}: ${figure(torchStepsPerSecond)} steps/s, ours through ONNX Runtime ${figure(stepsPerSecond)}, ` +
    `${figure(stepsPerSecond / torchStepsPerSecond)} times as fast; same losses within ${lossDifference.toExponential(0)}`
  );
}

function playsLines(row: plays.Row & (plays.Result | Failed)): string[] {
  const name = `${formatSize(row.size)} ${row.network}, ${row.searcher}`;
  if (hasFailed(row)) return [`${name}: ${row.failed}`];
  const effect = ({ ratio, low, high }: Effect): string =>
    `${ratio.toFixed(2)} times (${low.toFixed(2)} to ${high.toFixed(2)})`;
  const rounds = `${row.games} games every ${row.everySteps} steps, batch ${row.batch}, ${row.rounds} rounds of ${row.seconds} s`;
  return [
    `${name}, ${rounds}`,
    ...row.plays.map(({ play, stepsPerSecond, gamesPerSecond, steps, games }, index) => {
      const [stepsRatio, gamesRatio] = index === 0 ? ['', ''] : [steps, games].map((each) => `, ${effect(each)}`);
      return `  ${play.padEnd(10)} ${figure(stepsPerSecond)} steps/s${stepsRatio}; ${figure(gamesPerSecond)} games/s${gamesRatio}`;
    }),
  ];
}

/** More of <5,5,5> does not fit in the 2 GiB that WebAssembly has here. */
function batchFor({ n }: Size): number {
  return n <= 3 ? 32 : n === 4 ? 16 : 8;
}

function linesOf(row: steps.Row & (steps.Result | Failed)): string[] {
  const engine = row.learnBackend === 'onnx' ? 'onnx' : row.tfBackend;
  if (hasFailed(row)) return [`${engine}: ${row.failed}`];
  const { network, game, garbage } = row.shares;
  return [
    `${engine} ${formatSize(row.size)}, batch ${row.batch}, ${row.weights} weights (${row.networkSize})`,
    `  ${figure(row.stepsPerSecond)} steps/s, ${figure(row.samplesPerSecond)} samples/s; network ${percent(network)}, ` +
      `game ${percent(game)}, garbage ${percent(garbage)}, other ${percent(1 - network - game - garbage)}; ` +
      `peak of the process ${Math.round(row.peakProcessBytes / 2 ** 20)} MiB`,
  ];
}
