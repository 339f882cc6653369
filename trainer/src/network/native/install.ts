import { existsSync, mkdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { bindingFile, HOST_TFJS, manifestFile, NATIVE_PACKAGES, type NativeInstallation } from './folder.js';
import { answers, type Running, run } from './programs.js';

interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** The hash of the archive, which npm must report. */
  readonly integrity: string;
}

const TFJS_NODE: Record<'cpu' | 'gpu', NpmPackage> = {
  cpu: {
    name: NATIVE_PACKAGES.cpu,
    version: '4.22.0',
    integrity: 'sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
  },
  gpu: {
    name: NATIVE_PACKAGES.gpu,
    version: '4.22.0',
    integrity: 'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==',
  },
};

/** Names a package that the JavaScript of tfjs-node loads. */
const PROTOBUF: NpmPackage = {
  name: 'google-protobuf',
  version: '3.21.4',
  integrity: 'sha512-MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
};

/** Names the package with the headers of Node-API. The binding uses no other part of Node, and these are the same for every version. */
const NODE_API_HEADERS: NpmPackage = {
  name: 'node-api-headers',
  version: '1.9.0',
  integrity: 'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
};
const NODE_API_VERSION = 8;

/** Names the source that keeps signals away from TensorFlow; it says why. */
const DEFER_SIGNALS = fileURLToPath(new URL('../../../native/defer-signals.cc', import.meta.url));
const DEFERRING = ['TFE_Execute', 'TFE_NewContext'];

/** Names the libraries that hold the C API. */
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const COMPILERS = ['g++', 'clang++', 'c++'];
/** Holds the disk space that pip's packages and their archives take while they are unpacked, in GiB. */
const NEEDED_GIB = { cpu: 2, gpu: 14 } as const;

/** Sets what is installed and how. */
interface InstallOptions {
  readonly device: 'cpu' | 'gpu';
  /** The folder of a package `tensorflow` that pip has installed before. Without it, pip installs one into the native folder. */
  readonly tensorflow?: string | undefined;
  /** Called before each step, with a line for people. */
  readonly onStep: (text: string) => void;
  readonly running: Running;
}

/** Names the package that pip installs. */
export function pipRequirement(device: 'cpu' | 'gpu'): string {
  if (device === 'gpu') return 'tensorflow[and-cuda]';
  return process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
}

/**
 * Builds the binding of tfjs-node against a current TensorFlow. Everything is made beside `folder` and moved to its place at the end,
 * so an earlier installation stays if this one fails or is stopped.
 * @throws AlphaTensorError INVALID_ARGUMENT if `tensorflow` is not the folder of a TensorFlow; UNAVAILABLE if something is missing or a
 *   step fails; RESOURCE_EXHAUSTED if the disk is too full; the reason of the signal if that aborts
 */
export async function installNative(folder: string, options: InstallOptions): Promise<NativeInstallation> {
  const { device, tensorflow, onStep, running } = options;
  const compiler = requireTools(tensorflow === undefined);
  const draft = `${folder}.partial`;
  // An installation that was killed may have left it.
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(join(draft, 'node_modules'), { recursive: true });
  try {
    if (tensorflow === undefined) {
      requireSpace(draft, NEEDED_GIB[device]);
      onStep(`installing ${pipRequirement(device)} through pip`);
      await installTensorFlow(draft, device, running);
    }
    const libraries = tensorflow === undefined ? join('python', 'tensorflow') : resolve(tensorflow);
    requireLibraries(resolve(draft, libraries));
    for (const each of [TFJS_NODE[device], PROTOBUF, NODE_API_HEADERS]) {
      onStep(`fetching ${each.name} ${each.version} through npm`);
      await fetchPackage(each, draft, running);
    }
    writeHostModules(draft);
    onStep(`building the binding with ${compiler}`);
    await buildBinding(draft, compiler, TFJS_NODE[device].name, libraries, running);
    const installation: NativeInstallation = { device, packageVersion: TFJS_NODE[device].version, libraries };
    writeFileSync(manifestFile(draft), `${JSON.stringify(installation, null, 2)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
    return installation;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/**
 * Makes sure that the tools are there.
 * @returns the C++ compiler
 */
function requireTools(needsPip: boolean): string {
  if (process.platform !== 'linux') {
    throw unavailable(
      `Native TensorFlow can be set up on Linux only, this is ${process.platform}; use --tf-backend wasm.`,
    );
  }
  const compiler = COMPILERS.find((name) => answers(name, '--version'));
  if (compiler === undefined) {
    throw unavailable('No C++ compiler was found; install one, for example with apt-get install g++.');
  }
  for (const tool of ['npm', 'tar']) {
    if (!answers(tool, '--version')) throw unavailable(`${tool} was not found; install it and try again.`);
  }
  if (needsPip && !answers('python3', '-m', 'pip', '--version')) {
    throw unavailable(
      'python3 with pip was not found; install it, for example with apt-get install python3-pip, or name the folder of an installed TensorFlow in --tensorflow.',
    );
  }
  return compiler;
}

function requireSpace(folder: string, gib: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = (bavail * bsize) / 2 ** 30;
  if (free >= gib) return;
  throw new AlphaTensorError(
    'RESOURCE_EXHAUSTED',
    `TensorFlow needs ${gib} GiB in ${dirname(folder)}, where ${free.toFixed(1)} GiB are free; free some or name another folder in ALPHATENSOR_DATA_DIR.`,
  );
}

function requireLibraries(folder: string): void {
  const missing = [...LIBRARIES, join('include', 'tensorflow', 'c', 'c_api.h')].find(
    (file) => !existsSync(join(folder, file)),
  );
  if (missing === undefined) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `${folder} has no ${missing}; --tensorflow takes the folder of the package, which python3 -c "import tensorflow; print(tensorflow.__path__[0])" prints.`,
    { field: '--tensorflow' },
  );
}

/** Installs TensorFlow through pip, for its libraries and headers. For the CPU these need none of its Python dependencies. */
async function installTensorFlow(draft: string, device: 'cpu' | 'gpu', running: Running): Promise<void> {
  const pip = ['-m', 'pip', 'install', '--target', 'python', '--only-binary', ':all:', '--disable-pip-version-check'];
  await run(
    ['python3', ...pip, ...(device === 'cpu' ? ['--no-deps'] : []), pipRequirement(device)],
    draft,
    'TensorFlow has wheels only for certain versions of Python; use one of them, or a TensorFlow installed elsewhere with --tensorflow',
    running,
  );
}

/** Unpacks a package into node_modules. None of its scripts is run. */
async function fetchPackage({ name, version, integrity }: NpmPackage, draft: string, running: Running): Promise<void> {
  const spec = `${name}@${version}`;
  const listing = await run(
    ['npm', 'pack', spec, '--json'],
    draft,
    'check npm config get registry and the network',
    running,
  );
  const [{ filename, integrity: found }] = JSON.parse(listing) as [{ filename: string; integrity: string }];
  if (found !== integrity)
    throw unavailable(`${spec} from the npm registry is not the expected one: its hash is ${found}.`);
  const target = join('node_modules', name);
  mkdirSync(join(draft, target), { recursive: true });
  await run(['tar', 'xzf', filename, '--strip-components', '1', '-C', target], draft, 'is the disk full?', running);
  rmSync(join(draft, filename));
}

/** Makes the package's imports of TensorFlow.js lead to the one of the process that loads the package. */
function writeHostModules(draft: string): void {
  for (const name of ['tfjs', 'tfjs-core']) {
    const folder = join(draft, 'node_modules', '@tensorflow', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.js'), `module.exports = globalThis[Symbol.for('${HOST_TFJS}')];\n`);
  }
}

/**
 * Compiles the binding.
 * @param libraries the folder with libtensorflow, absolute or relative to the draft, which will be renamed
 */
async function buildBinding(
  draft: string,
  compiler: string,
  packageName: string,
  libraries: string,
  running: Running,
): Promise<void> {
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) =>
    join('node_modules', packageName, 'binding', file),
  );
  const found = libraries === resolve(libraries) ? libraries : join('$ORIGIN', libraries);
  await run(
    [
      compiler,
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-pthread', `-DNAPI_VERSION=${NODE_API_VERSION}`],
      ...[`-I${join('node_modules', NODE_API_HEADERS.name, 'include')}`, `-I${join(libraries, 'include')}`],
      ...sources,
      DEFER_SIGNALS,
      ...DEFERRING.map((name) => `-Wl,--wrap=${name}`),
      ...LIBRARIES.map((file) => join(libraries, file)),
      ...[`-Wl,-rpath,${found}`, '-o', bindingFile('.')],
    ],
    draft,
    'this TensorFlow and tfjs-node do not fit together; try another version of TensorFlow with --tensorflow',
    running,
  );
}

function unavailable(message: string): AlphaTensorError {
  return new AlphaTensorError('UNAVAILABLE', message);
}
