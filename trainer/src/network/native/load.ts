import { createRequire } from 'node:module';
import { join } from 'node:path';
import { whyNotOwn } from '@alphatensor-edge/shared';
import * as tf from '@tensorflow/tfjs';
import {
  bindingFile,
  HOST_TFJS,
  NATIVE_PACKAGES,
  type NativeInstallation,
  nativeFolder,
  readInstallation,
} from './folder.js';

const require = createRequire(import.meta.url);

interface Binding {
  readonly TF_Version: string;
}

interface NativeModule {
  readonly NodeJSKernelBackend: new (binding: Binding, packageName: string) => tf.KernelBackend;
}

/** Names the native TensorFlow that this process has loaded. There can be only one. */
let loaded: string | undefined;

/**
 * Starts TensorFlow.js on native TensorFlow. It takes the one that `at-trainer backend setup` installed, else an npm package
 * `@tensorflow/tfjs-node` that brings its own.
 * @param needsGpu whether to use a GPU. If not, the CPU is used even where there is a GPU, unless the process already runs on the GPU.
 * @returns one line for people: what runs, and on which device
 * @throws Error if neither is there, or if a GPU is needed and there is none
 */
export async function startNative(needsGpu: boolean): Promise<string> {
  loaded ??= load(needsGpu);
  if (!(await tf.setBackend('tensorflow'))) throw new Error('TensorFlow did not start');
  await tf.ready();
  const isGpu = Reflect.get(tf.backend(), 'isUsingGpuDevice') === true;
  if (needsGpu && !isGpu) throw new Error(`${loaded} found no GPU`);
  return `${loaded} on ${isGpu ? 'the GPU' : 'the CPU'}`;
}

function load(needsGpu: boolean): string {
  // Without this, libtensorflow writes to standard error which instructions it was compiled for.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  // oneDNN's operations are no faster for networks of this size, and TensorFlow announces them at every log level.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
  restoreRemovedUtilities();
  const folder = nativeFolder();
  const installation = readInstallation(folder);
  return installation === undefined ? loadPackage(needsGpu) : loadInstallation(folder, installation, needsGpu);
}

function loadInstallation(folder: string, installation: NativeInstallation, needsGpu: boolean): string {
  if (needsGpu && installation.device !== 'gpu') {
    throw new Error('only TensorFlow for the CPU is set up; at-trainer backend setup --gpu sets up that for GPUs');
  }
  const packageName = NATIVE_PACKAGES[installation.device];
  const reason = whyNotOwn(folder);
  if (reason !== undefined) {
    throw new Error(
      `${folder} is not used, because what it holds is run and ${reason}; make it yours alone (chown, chmod go-w)`,
    );
  }
  const dist = join(folder, 'node_modules', packageName, 'dist');
  // The package must work on the TensorFlow.js that this process uses, not on a copy.
  Reflect.set(globalThis, Symbol.for(HOST_TFJS), require('@tensorflow/tfjs'));
  const binding = needsGpu ? loadBinding(folder) : withoutGpus(() => loadBinding(folder));
  const { NodeJSKernelBackend } = require(join(dist, 'nodejs_kernel_backend.js')) as NativeModule;
  require(join(dist, 'register_all_kernels.js'));
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, packageName));
  return `TensorFlow ${binding.TF_Version} through ${packageName} ${installation.packageVersion}`;
}

const loadBinding = (folder: string): Binding => require(bindingFile(folder)) as Binding;

/** Hides the GPUs while the binding is loaded, the one time that TensorFlow looks for them. */
function withoutGpus<T>(work: () => T): T {
  const before = process.env.CUDA_VISIBLE_DEVICES;
  process.env.CUDA_VISIBLE_DEVICES = '-1';
  try {
    return work();
  } finally {
    if (before === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
    else process.env.CUDA_VISIBLE_DEVICES = before;
  }
}

/** Loads the npm package with its own TensorFlow. It is optional, so it is not imported and none of its types are used. */
function loadPackage(needsGpu: boolean): string {
  const packageName = NATIVE_PACKAGES[needsGpu ? 'gpu' : 'cpu'];
  try {
    require.resolve(packageName);
  } catch {
    throw new Error(`not set up; at-trainer backend setup${needsGpu ? ' --gpu' : ''} does it`);
  }
  const { version } = require(packageName) as { version: Record<string, string> };
  return `${packageName} ${version['tfjs-node']}`;
}

/** Gives Node's `util` back the functions that the package calls and that Node 23 no longer has. */
function restoreRemovedUtilities(): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
