import { createRequire } from 'node:module';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';

const PACKAGE = 'onnxruntime-node';

/** Holds a tensor of ONNX Runtime. */
export interface RuntimeTensor {
  readonly data: Float32Array | Int8Array;
}

/** Holds a graph that is ready to run. */
export interface RuntimeSession {
  /** @param outputs the names of what is wanted; or for each a tensor to write it into, or null for a new one */
  run(
    inputs: Readonly<Record<string, RuntimeTensor>>,
    outputs: readonly string[] | Readonly<Record<string, RuntimeTensor | null>>,
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

/** Holds the part of the package onnxruntime-node that is used. The package may be missing, so that its own types cannot be. */
export interface Runtime {
  readonly Tensor: new (
    type: 'float32' | 'int64',
    data: Float32Array | BigInt64Array,
    shape: readonly number[],
  ) => RuntimeTensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<RuntimeSession>;
  };
  readonly env: { readonly versions: { readonly node?: string } };
}

/**
 * Loads ONNX Runtime.
 * @throws AlphaTensorError UNAVAILABLE if its package is not installed, or has no binary that works on this machine
 */
export function loadRuntime(option = '--act-backend', name: string = PACKAGE): Runtime {
  try {
    return createRequire(import.meta.url)(name) as Runtime;
  } catch (cause) {
    // Where the package has no binary for this machine, it is that file which is not found.
    const isMissing = messageOf(cause).startsWith(`Cannot find module '${name}'`);
    const reason = isMissing ? `the package ${name} is not installed` : messageOf(cause).split('\n')[0];
    throw new AlphaTensorError('UNAVAILABLE', `ONNX Runtime does not run here: ${reason}; use ${option} tfjs.`, {
      field: option,
      cause,
    });
  }
}

/** Says in one line what runs. */
export function runtimeDescription({ env }: Runtime): string {
  return `${PACKAGE} ${env.versions.node ?? ''}, on the CPU, 1 thread`;
}

/** Makes a graph ready to run in one thread. */
export function startSession({ InferenceSession }: Runtime, model: Uint8Array): Promise<RuntimeSession> {
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors only.
    logSeverityLevel: 3,
  });
}
