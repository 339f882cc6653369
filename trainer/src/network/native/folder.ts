import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { userFolder } from '@alphatensor-edge/shared';
import { z } from 'zod';

// `at-trainer backend setup` puts a native TensorFlow into native-tensorflow/ in ALPHATENSOR_DATA_DIR, else in the user's folder for
// data. It belongs to no project, so npm neither knows nor removes it. The folder holds:
//   install.json            a description; it is written last, so an installation without it is incomplete
//   tfjs_binding.node       the package's binding, built on this machine
//   node_modules/           the package, what its JavaScript needs, and modules that stand for the process's TensorFlow.js
//   python/tensorflow/      the TensorFlow that pip installed, unless one elsewhere is used

/** Names the npm package for each device. */
export const NATIVE_PACKAGES = { cpu: '@tensorflow/tfjs-node', gpu: '@tensorflow/tfjs-node-gpu' } as const;

/** Names the global symbol under which node_modules/@tensorflow/tfjs finds the process's TensorFlow.js. */
export const HOST_TFJS = 'alphatensor-edge.tfjs';

const manifest = z.object({
  device: z.enum(['cpu', 'gpu']),
  /** Version of the npm package. */
  packageVersion: z.string(),
  /** The folder with libtensorflow_cc.so.2, absolute or relative to the native folder. */
  libraries: z.string(),
});

/** Describes an installation. */
export type NativeInstallation = z.infer<typeof manifest>;

/** Finds the folder for the native TensorFlow. */
export function nativeFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(userFolder('data', 'ALPHATENSOR_DATA_DIR', env), 'native-tensorflow');
}

export const manifestFile = (folder: string): string => join(folder, 'install.json');
export const bindingFile = (folder: string): string => join(folder, 'tfjs_binding.node');

/** Reads what is installed in the folder; undefined if nothing is, or if the installation is incomplete. */
export function readInstallation(folder: string): NativeInstallation | undefined {
  try {
    return manifest.parse(JSON.parse(readFileSync(manifestFile(folder), 'utf8')));
  } catch {
    return undefined;
  }
}
