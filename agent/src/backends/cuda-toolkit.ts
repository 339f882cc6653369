import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { End } from '../process/end.js';
import { runProgram } from '../process/process.js';

export const NVCC_FIX = 'install the CUDA toolkit and have nvcc on the PATH, or name it in ALPHATENSOR_NVCC';
export const CUBLAS_FIX =
  'install the CUDA toolkit with it, or "pip install --target DIR nvidia-cublas" in the version of nvcc and name DIR/nvidia/cu13 in ALPHATENSOR_CUBLAS';

const PROBE_SECONDS = 20;

/** Describes an nvcc. */
export interface Nvcc {
  readonly command: string;
  /** For example "13.0.88". `release` is its first two parts. */
  readonly version: string;
  readonly release: string;
  /** The folder of its toolkit. */
  readonly root: string;
}

/** Finds the compiler that ALPHATENSOR_NVCC names, or the one on the PATH. */
export async function findNvcc(command = process.env.ALPHATENSOR_NVCC || 'nvcc'): Promise<Nvcc | undefined> {
  const version = /\bV(\d+\.\d+)\.(\d+)/.exec((await run(command, '--version')).stdout);
  if (version === null) return undefined;
  // nvcc tells its folder itself, also if it is started through a link or a script.
  const top = /^#\$ TOP=(.*)$/m.exec((await run(command, '--dryrun', '-E', '-x', 'cu', '/dev/null')).stderr)?.[1];
  return {
    command,
    version: `${version[1]}.${version[2]}`,
    release: version[1],
    root: top?.trim() ?? '/usr/local/cuda',
  };
}

/** Says where a cuBLAS lies: its headers, the library, and the folder in which that finds what it needs itself. */
interface Cublas {
  readonly include: string;
  readonly library: string;
  readonly folder: string;
}

/** Finds the cuBLAS that ALPHATENSOR_CUBLAS names, else nvcc's own, else one that pip has installed for python3. */
export async function findCublas({ root, release }: Nvcc): Promise<Cublas | undefined> {
  const named = process.env.ALPHATENSOR_CUBLAS;
  if (named) return cublasIn(named);
  const own = cublasIn(root);
  if (own !== undefined) return own;
  const major = release.split('.')[0];
  const folders = (await run('python3', '-c', 'import sys; print("\\n".join(sys.path))')).stdout.split('\n');
  const places = folders
    .filter(Boolean)
    .flatMap((folder) => [join(folder, 'nvidia', `cu${major}`), join(folder, 'nvidia', 'cublas')]);
  return places.map(cublasIn).find((found) => found !== undefined);
}

function cublasIn(root: string): Cublas | undefined {
  const include = join(root, 'include');
  if (!existsSync(join(include, 'cublas_v2.h'))) return undefined;
  for (const folder of ['lib64', 'lib', 'lib/x64'].map((name) => join(root, name))) {
    const file = existsSync(folder)
      ? readdirSync(folder).find((name) => /^libcublas\.so(\.\d+)?$/.test(name))
      : undefined;
    if (file !== undefined) return { include, library: join(folder, file), folder };
  }
  return undefined;
}

function run(command: string, ...args: string[]): Promise<End> {
  return runProgram({
    command,
    args,
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: process.env.HOME ?? '/', LC_ALL: 'C' },
    signal: new AbortController().signal,
    deadlineSeconds: PROBE_SECONDS,
  });
}
