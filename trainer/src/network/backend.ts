import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { TF_BACKENDS } from '../config.js';
import { startNative } from './native/load.js';

/** Names a TensorFlow.js backend. */
export type TfBackend = Exclude<(typeof TF_BACKENDS)[number], 'auto'>;

/** Says which backend runs, and why the faster ones do not. */
export interface ActiveBackend {
  readonly name: TfBackend;
  /** The library, its version and the device, in one line for people. */
  readonly description: string;
  readonly unavailable: readonly { readonly name: TfBackend; readonly reason: string }[];
}

let active: ActiveBackend | undefined;

/**
 * Starts TensorFlow.js on the wanted backend; `auto` takes the first that runs, in the order of `TF_BACKENDS`. A process has one
 * backend: a second call for the same one, or for `auto`, returns it.
 * @throws AlphaTensorError UNAVAILABLE if the wanted backend does not run, or if another one runs already
 */
export async function startBackend(wanted: TfBackend | 'auto'): Promise<ActiveBackend> {
  if (active !== undefined) {
    if (wanted === 'auto' || wanted === active.name) return active;
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `TensorFlow.js already runs on ${active.name} in this process; start another process for ${wanted}.`,
      { field: 'tfBackend' },
    );
  }
  const unavailable: { name: TfBackend; reason: string }[] = [];
  for (const name of wanted === 'auto' ? TF_BACKENDS.filter((each) => each !== 'auto') : [wanted]) {
    try {
      active = { name, description: await STARTERS[name](), unavailable };
      return active;
    } catch (error) {
      unavailable.push({ name, reason: messageOf(error) });
    }
  }
  const reasons = unavailable.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new AlphaTensorError(
    'UNAVAILABLE',
    `TensorFlow.js cannot run on ${wanted} here (${reasons}); use --tf-backend auto.`,
    {
      field: 'tfBackend',
    },
  );
}

const STARTERS: Record<TfBackend, () => Promise<string>> = {
  'node-gpu': () => startNative(true),
  node: () => startNative(false),
  wasm: startWasm,
  cpu: startPlain,
};

const require = createRequire(import.meta.url);

async function startWasm(): Promise<string> {
  setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  if (!(await tf.setBackend('wasm'))) throw new Error('WebAssembly did not start');
  await tf.ready();
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return `@tensorflow/tfjs-backend-wasm ${tf.version['tfjs-core']}, ${simd ? 'SIMD' : 'no SIMD'}, 1 thread`;
}

async function startPlain(): Promise<string> {
  // Without this, the backend advertises tfjs-node on the console at its first operation.
  tf.env().set('IS_NODE', false);
  if (!(await tf.setBackend('cpu'))) throw new Error('the plain JavaScript backend did not start');
  await tf.ready();
  return `@tensorflow/tfjs ${tf.version['tfjs-core']} in plain JavaScript (slow)`;
}
