import { performance } from 'node:perf_hooks';
import { messageOf, Random } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { syntheticGame } from '../game/demonstrations.js';
import {
  type ActBackend,
  type ActiveActBackend,
  chooseActBackend,
  isNative,
  onThreads,
  playerOf,
} from '../network/act-backend.js';
import type { ActiveBackend } from '../network/backend.js';
import type { Network } from '../network/model.js';
import { playsOnThreads } from './actors.js';
import { exampleOf } from './example.js';
import { gradientsOf } from './gradient-engine.js';
import { learn } from './learner.js';

/** The timed calls of each engine. One more before them, which compiles, is not timed. */
const CALLS = 2;

/** Holds the milliseconds of the fastest call of each engine. */
type Times = Readonly<Record<ActBackend, number>>;

/**
 * Times calls of two engines by turns, so that what else the machine does meets both.
 * @throws what a call throws
 */
export async function timeEngines(
  calls: Readonly<Record<ActBackend, () => Promise<unknown>>>,
  now: () => number = () => performance.now(),
): Promise<Times> {
  const times = { onnx: Number.POSITIVE_INFINITY, tfjs: Number.POSITIVE_INFINITY };
  for (let call = 0; call <= CALLS; call++) {
    for (const name of ['onnx', 'tfjs'] as const) {
      const began = now();
      await calls[name]();
      if (call > 0) times[name] = Math.min(times[name], now() - began);
    }
  }
  return times;
}

/**
 * Chooses what gradients are computed through. With `auto`, where both ONNX Runtime and native TensorFlow run, a few steps of this
 * network decide; in WebAssembly TensorFlow.js is slower for every network that was tried (docs/notes/search-speed.md).
 * @throws AlphaTensorError UNAVAILABLE if `onnx` is wanted and does not run
 */
export async function chooseLearning({ network, config, backend }: EngineContext): Promise<ActiveActBackend> {
  return chooseByTrial(config.learnBackend, backend, '--learn-backend', 'a step', async (engine) => {
    const random = new Random('trial');
    const examples = Array.from({ length: config.learner.batchSize }, () => syntheticExample(config, random));
    const gradients = gradientsOf(network, config.learner, { name: engine });
    // The weights stay as they are.
    const learner = { gradients, coordinates: network, optimizer: { apply: () => 0 } };
    return {
      call: () => learn(learner, examples, config.learner, random),
      close: () => gradients.close(),
    };
  });
}

/**
 * Chooses what games are played through, as `chooseLearning` does: a call of the network for the leaves of a round decides. On worker
 * threads there is nothing to decide, as native TensorFlow does not run there.
 * @throws AlphaTensorError UNAVAILABLE if `onnx` is wanted and does not run
 */
export async function chooseActing({ network, config, backend }: EngineContext): Promise<ActiveActBackend> {
  if (playsOnThreads(config.acting)) return onThreads(chooseActBackend(config.actBackend, backend));
  return chooseByTrial(config.actBackend, backend, '--act-backend', 'a call', async (engine) => {
    const { acting, search } = config;
    const random = new Random('trial');
    const count = Math.min(acting.maxBatch, Math.max(1, acting.games * search.leavesPerStep));
    const positions = Array.from({ length: count }, () => syntheticExample(config, random).position);
    const player = playerOf(network, { name: engine });
    const sampler = await player.sampler();
    return {
      call: () => sampler.sample(positions, search.samples, random),
      close: () => player.close(),
    };
  });
}

/** Holds what the engines are tried with. */
interface EngineContext {
  readonly network: Network;
  readonly config: TrainingConfig;
  readonly backend: ActiveBackend;
}

/** Holds an engine in a trial. */
interface Tried {
  call(): Promise<unknown>;
  close(): Promise<void>;
}

async function chooseByTrial(
  wanted: TrainingConfig['actBackend'],
  backend: ActiveBackend,
  option: '--act-backend' | '--learn-backend',
  unit: string,
  start: (engine: ActBackend) => Promise<Tried>,
): Promise<ActiveActBackend> {
  const onnx = chooseActBackend(wanted, backend, option);
  if (wanted !== 'auto' || !isNative(onnx) || onnx.name !== 'onnx') return onnx;
  const tfjs = chooseActBackend('tfjs', backend, option);
  const tried = { onnx: await start('onnx'), tfjs: await start('tfjs') };
  try {
    const times = await timeEngines({ onnx: tried.onnx.call, tfjs: tried.tfjs.call });
    return fasterOf({ onnx, tfjs }, times, unit);
  } catch (error) {
    // For example a network that does not fit into the memory of a GPU.
    return { ...onnx, description: `${onnx.description} (TensorFlow.js could not be tried: ${messageOf(error)})` };
  } finally {
    await tried.onnx.close();
    await tried.tfjs.close();
  }
}

/** Gives the faster engine, and says how fast both were. */
export function fasterOf(
  engines: Readonly<Record<ActBackend, ActiveActBackend>>,
  times: Times,
  unit: string,
): ActiveActBackend {
  const faster = times.onnx <= times.tfjs ? 'onnx' : 'tfjs';
  const slower = faster === 'onnx' ? 'tfjs' : 'onnx';
  const other = slower === 'onnx' ? 'ONNX Runtime' : 'TensorFlow.js';
  const { unavailable: _, ...engine } = engines[faster];
  return {
    ...engine,
    description: `${engine.description} (by a trial: ${times[faster].toFixed(1)} ms ${unit}, ${other} ${times[slower].toFixed(1)} ms)`,
  };
}

function syntheticExample(config: TrainingConfig, random: Random) {
  return exampleOf(syntheticGame(gameRules(config), config.demonstrations.synthetic, random));
}
