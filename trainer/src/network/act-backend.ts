import { messageOf } from '@alphatensor-edge/shared';
import type { ENGINES } from '../config.js';
import type { ActiveBackend } from './backend.js';
import type { Network } from './model.js';
import { GraphSampler } from './onnx/graph-sampler.js';
import { loadRuntime, runtimeDescription } from './onnx/runtime.js';
import type { Sampler } from './sampler.js';

/** Names what games are played or gradients computed through. */
export type ActBackend = Exclude<(typeof ENGINES)[number], 'auto'>;

/** Says what games are played or gradients computed through, and why not through ONNX Runtime. */
export interface ActiveActBackend {
  readonly name: ActBackend;
  /** The library, its version and the device, in one line for people. */
  readonly description: string;
  /** With `auto`, why ONNX Runtime is not used. */
  readonly unavailable?: string | undefined;
  /** The backend of TensorFlow.js, which runs with `tfjs`. */
  readonly tfBackend: ActiveBackend['name'];
}

/**
 * Chooses what games are played or gradients computed through. `auto` takes ONNX Runtime where it runs; where native TensorFlow
 * runs too, a trial decides afterwards (training/faster-engine.ts).
 * @param option the option that asked, for people
 * @throws AlphaTensorError UNAVAILABLE if `onnx` is wanted and does not run
 */
export function chooseActBackend(
  wanted: ActBackend | 'auto',
  { name, description }: ActiveBackend,
  option: '--act-backend' | '--learn-backend' = '--act-backend',
): ActiveActBackend {
  const tfjs = { name: 'tfjs', description: `TensorFlow.js: ${description}`, tfBackend: name } as const;
  if (wanted === 'tfjs') return tfjs;
  try {
    return { name: 'onnx', description: `ONNX Runtime: ${runtimeDescription(loadRuntime(option))}`, tfBackend: name };
  } catch (error) {
    if (wanted === 'onnx') throw error;
    return { ...tfjs, unavailable: messageOf(error) };
  }
}

/** Tells whether TensorFlow.js runs on native TensorFlow. */
export function isNative({ tfBackend }: Pick<ActiveActBackend, 'tfBackend'>): boolean {
  return tfBackend === 'node' || tfBackend === 'node-gpu';
}

/**
 * Gives what worker threads play through. Native TensorFlow cannot play there: its binding has one state for a whole process, which a
 * second thread that loads it replaces. So TensorFlow.js plays on WebAssembly in the threads, and the description says so.
 */
export function onThreads(acting: ActiveActBackend): ActiveActBackend {
  if (acting.name !== 'tfjs' || !isNative(acting)) return acting;
  const description = 'TensorFlow.js: WebAssembly, as native TensorFlow runs in one thread of a process only';
  return { ...acting, tfBackend: 'wasm', description };
}

/** Plays rounds of games for a network that learns between them. */
export interface Player {
  /** Gives what plays with the network's weights of this moment. */
  sampler(): Promise<Sampler>;
  close(): Promise<void>;
}

/** Makes the player of a network in this thread. */
export function playerOf(network: Network, { name }: Pick<ActiveActBackend, 'name'>): Player {
  if (name === 'tfjs') return { sampler: async () => network, close: async () => undefined };
  const sampler = new GraphSampler(loadRuntime(), network.layout, []);
  return {
    sampler: async () => {
      await sampler.renew(network.parameters.export());
      return sampler;
    },
    close: () => sampler.release(),
  };
}
