import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

// A TensorFlow of the user's own, as `at-trainer backend setup` leaves it: native-tensorflow/ in ALPHATENSOR_DATA_DIR, else in the
// user's folder for data. It belongs to no project, so npm neither knows nor removes it.
//   install.json            what is there; written last, so without it nothing is
//   tfjs_binding.node       the package's binding, built here
//   node_modules/           the package, what its JavaScript needs, and the host's TensorFlow.js under its name
//   python/tensorflow/      what pip installed, unless a TensorFlow of another place is used

export const NATIVE_PACKAGES = { cpu: '@tensorflow/tfjs-node', gpu: '@tensorflow/tfjs-node-gpu' } as const;

/** Under which node_modules/@tensorflow/tfjs finds the TensorFlow.js of the process. */
export const HOST_TFJS = 'alphatensor-edge.tfjs';

const manifest = z.object({
  device: z.enum(['cpu', 'gpu']),
  /** Of the npm package. */
  packageVersion: z.string(),
  /** The folder with libtensorflow_cc.so.2, absolute or relative to the native folder. */
  libraries: z.string(),
});

export type NativeInstallation = z.infer<typeof manifest>;

export function nativeFolder(env: NodeJS.ProcessEnv = process.env): string {
  const data =
    env.ALPHATENSOR_DATA_DIR || join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'alphatensor-edge');
  return join(data, 'native-tensorflow');
}

export const manifestFile = (folder: string): string => join(folder, 'install.json');
export const bindingFile = (folder: string): string => join(folder, 'tfjs_binding.node');

/** What was set up in the folder; undefined: nothing, or nothing complete. */
export function readInstallation(folder: string): NativeInstallation | undefined {
  try {
    return manifest.parse(JSON.parse(readFileSync(manifestFile(folder), 'utf8')));
  } catch {
    return undefined;
  }
}
