import { performance } from 'node:perf_hooks';
import { Random } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { gameRules } from '../config.js';
import { syntheticGame } from '../game/demonstrations.js';
import { presetForSize } from '../presets.js';
import { trialInChild } from './backend-trials.js';

/** Limits the difference between the values of ONNX Runtime and those of TensorFlow.js. They round differently. */
const TOLERANCE = 1e-4;
/** The positions of a trial's call, as many as eight games ask for at once. */
const POSITIONS = 32;
const CALLS = 3;

const trial = z.object({
  description: z.string(),
  /** Of the fastest call. */
  secondsPerCall: z.number(),
  /** The time of TensorFlow.js in WebAssembly for the same call, divided by this time. */
  timesAsFast: z.number(),
  /** The largest difference of a value, and the share of the drawn actions that are the same. */
  difference: z.number(),
  sameActions: z.number(),
});

/** Draws actions with the network of the preset `tiny` through ONNX Runtime and through TensorFlow.js, from the same random numbers. */
export async function runActTrial(): Promise<z.infer<typeof trial>> {
  // Loaded only here, as TensorFlow.js takes a second to load and other commands do not need it.
  const [{ startBackend }, { Network }, { GraphSampler }, { loadRuntime, runtimeDescription }] = await Promise.all([
    import('../network/backend.js'),
    import('../network/model.js'),
    import('../network/onnx/graph-sampler.js'),
    import('../network/onnx/runtime.js'),
  ]);
  const runtime = loadRuntime();
  await startBackend('wasm');
  const config = presetForSize('tiny', { n: 2, m: 2, p: 2 });
  const rules = gameRules(config);
  const random = new Random('trial');
  const network = new Network(config.network, rules, random.split('weights'));
  const graphs = new GraphSampler(runtime, network.layout, network.parameters.export());
  const positions = Array.from(
    { length: POSITIONS },
    () => syntheticGame(rules, config.demonstrations.synthetic, random).position,
  );
  const timed = async (sampler: typeof network | typeof graphs) => {
    let seconds = Number.POSITIVE_INFINITY;
    for (let call = 0; ; call++) {
      const began = performance.now();
      const sampled = await sampler.sample(positions, config.search.samples, random.split('draws'));
      // The first call compiles.
      if (call > 0) seconds = Math.min(seconds, (performance.now() - began) / 1000);
      if (call === CALLS) return { seconds, sampled };
    }
  };
  const [expected, actual] = [await timed(network), await timed(graphs)];
  const pairs = expected.sampled.flatMap(({ quantiles }, index) =>
    Array.from(quantiles, (value, level) => Math.abs(value - actual.sampled[index].quantiles[level])),
  );
  const same = expected.sampled.flatMap(({ actions }, index) =>
    actions.map((action, sample) => action.join() === actual.sampled[index].actions[sample].join()),
  );
  return {
    description: runtimeDescription(runtime),
    secondsPerCall: actual.seconds,
    timesAsFast: expected.seconds / actual.seconds,
    difference: Math.max(...pairs),
    sameActions: same.filter((each) => each).length / same.length,
  };
}

/** Holds what the trial showed, or why ONNX Runtime does not run. */
export interface ActState {
  readonly works: boolean;
  /** Whether it runs, but draws other actions or computes other values than TensorFlow.js. */
  readonly differs: boolean;
  readonly text: string;
}

/** Tries ONNX Runtime in a process of its own, since a native library may crash it. */
export async function examineActing(): Promise<ActState> {
  const result = await trialInChild('onnx', trial);
  if ('reason' in result) return { works: false, differs: false, text: result.reason };
  const { description, secondsPerCall, timesAsFast, difference, sameActions } = result;
  const differs = !(difference <= TOLERANCE && sameActions > 0.99);
  const text =
    `${description}: ${(1000 * secondsPerCall).toFixed(1)} ms for the actions of ${POSITIONS} positions, ` +
    `${timesAsFast.toFixed(1)} times as fast as wasm, values within ${difference.toExponential(0)}`;
  return { works: !differs, differs, text };
}
