import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { CUDA_VARIANTS, cudaProgram } from '../codegen/cuda/program.js';
import { packageFile } from '../package-files.js';
import type { NumberFormat } from '../plan/plan.js';
import type { InterpretedChild } from '../process/harness.js';
import type { Backend, Compiler, ToolchainProbe } from './backend.js';
import { compileCached } from './compile.js';
import { CUBLAS_FIX, findCublas, findNvcc, NVCC_FIX, type Nvcc } from './cuda-toolkit.js';
import { askToDescribe, inherited } from './interpreted.js';

const NATIVE = packageFile('native');
const CUDA = join(NATIVE, 'cuda');
const HARNESS_SECONDS = 120;
/** Lists the flags. Any C++17 compiler can read the generated sources. */
const FLAGS = ['-O3', '-std=c++17'];

const DRIVER_FIX = 'install an NVIDIA driver, and in a container give it the GPU (docker run --gpus all)';
/** Lists device files. Wherever an NVIDIA GPU can be used, one of them exists: Linux, Jetson, WSL. */
const DEVICES = ['/dev/nvidiactl', '/dev/nvhost-gpu', '/dev/nvhost-ctrl-gpu', '/dev/dxg'];

const describedSchema = z.object({
  device: z.string(),
  capability: z.string(),
  driver: z.string(),
  cublas: z.string(),
});
const memorySchema = z.object({ freeBytes: z.number() });
const refusedSchema = z.object({ message: z.string() });

/** Describes a way in which cuBLAS multiplies, both for the baseline's product and for those of the programs. */
interface MathMode {
  readonly name: string;
  readonly dtypes: readonly NumberFormat[];
  /** Its name in native/cuda/harness.cu. */
  readonly library: string;
  /** The format whose precision the operands have, if it is not that of the matrices. */
  readonly precision?: NumberFormat | undefined;
}

const MODES: readonly MathMode[] = [
  { name: 'cuda', dtypes: ['f32', 'f64', 'f16', 'bf16'], library: 'cublas' },
  // TF32 has ten bits after the point, as f16 has.
  { name: 'cuda-tf32', dtypes: ['f32'], library: 'cublas-tf32', precision: 'f16' },
];

/**
 * Lists `cuda`: generated kernels compiled by nvcc, with products by cuBLAS; and `cuda-tf32`: the same with TF32 tensor
 * cores for f32.
 */
export const CUDA_BACKENDS: readonly Backend[] = MODES.map((mode) => ({
  name: mode.name,
  variants: CUDA_VARIANTS,
  dtypes: mode.dtypes,
  fixes: [NVCC_FIX, CUBLAS_FIX, DRIVER_FIX],
  precision: mode.precision,
  find: (signal) => findCuda(mode, signal),
  program: (_variant, levels, dtype) => cudaProgram(levels, dtype, mode.precision),
}));

interface Found {
  readonly compiler: Compiler;
  readonly harness: InterpretedChild;
  readonly cublas: string;
  readonly library: string;
}

let probe: Promise<Found | { readonly reason: string }> | undefined;

async function findCuda({ library, precision }: MathMode, signal: AbortSignal): Promise<ToolchainProbe> {
  probe ??= lookForCuda(signal);
  // A cancelled probe says nothing, so the next call probes again.
  probe.catch(() => {
    probe = undefined;
  });
  const found = await probe;
  if ('reason' in found) return { ok: false, reason: found.reason };
  const { compiler, harness, cublas, library: file } = found;
  const configuration = precision === undefined ? 'operands as they are' : 'operands in TF32';
  return {
    ok: true,
    toolchain: {
      compiler,
      harness,
      blas: [
        {
          name: 'cuBLAS',
          version: cublas,
          library,
          configuration: `${configuration}, ${file}`,
          thirdParty: true,
          environment: {},
        },
      ],
      controlSize: 4096,
      freeDeviceMemory: () => freeCudaMemory(harness),
      compile: (source, options) => compileCudaProgram(compiler, source, options),
    },
  };
}

/**
 * Asks how many bytes are free on the GPU now.
 * @throws AlphaTensorError INTERNAL if the child does not say
 */
export async function freeCudaMemory(harness: InterpretedChild): Promise<number> {
  const { exitCode, stdout, stderr } = await askToDescribe(harness);
  if (exitCode === 0) return memorySchema.parse(JSON.parse(stdout)).freeBytes;
  throw new AlphaTensorError('INTERNAL', `The GPU does not report its free memory: ${(stderr || stdout).trim()}`);
}

/** Looks for what CUDA needs, in the order of installation. The harness is compiled only if there is a GPU. */
async function lookForCuda(signal: AbortSignal): Promise<Found | { readonly reason: string }> {
  const nvcc = await findNvcc();
  if (nvcc === undefined) return { reason: `nvcc is not installed; ${NVCC_FIX}.` };
  const cublas = await findCublas(nvcc);
  if (cublas === undefined) {
    return { reason: `cuBLAS ${nvcc.release} (cublas_v2.h and libcublas) is not installed; ${CUBLAS_FIX}.` };
  }
  if (!DEVICES.some((path) => existsSync(path))) {
    return { reason: `there is no NVIDIA GPU here (no ${DEVICES[0]}); ${DRIVER_FIX}.` };
  }
  const command = await compileCudaHarness(nvcc, cublas, signal);
  const harness: InterpretedChild = {
    command,
    args: [],
    env: inherited('PATH', 'HOME', 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'CUDA_MODULE_LOADING'),
  };
  const end = await askToDescribe(harness);
  if (end.exitCode !== 0) {
    const said = end.exitCode === 3 ? refusedSchema.parse(JSON.parse(end.stdout)).message : end.stderr.trim();
    return { reason: `no NVIDIA GPU works here (${said.split('\n')[0] || 'it hangs'}); ${DRIVER_FIX}.` };
  }
  const { device, capability, driver, cublas: version } = describedSchema.parse(JSON.parse(end.stdout));
  return {
    compiler: {
      command: nvcc.command,
      version: `nvcc ${nvcc.version}, driver for CUDA ${driver}, ${device}`,
      flags: [...FLAGS, `-arch=sm_${capability}`],
    },
    harness,
    cublas: version,
    library: cublas.library,
  };
}

/** Compiles a generated program to a shared object, or finds it in the cache. */
export function compileCudaProgram(
  compiler: Compiler,
  source: string,
  options: Parameters<typeof compileCached>[2],
): ReturnType<typeof compileCached> {
  return compileCached(compiler, `${keyOf(compiler, source)}.cu.so`, options, async (folder) => {
    await writeFile(join(folder, 'program.cu'), source);
    return ['-shared', '-Xcompiler', '-fPIC', `-I${CUDA}`, 'program.cu'];
  });
}

/**
 * Compiles the measuring child for the GPU of this device.
 * @throws AlphaTensorError INTERNAL with the compiler's message
 */
async function compileCudaHarness(
  nvcc: Nvcc,
  { include, library, folder }: { include: string; library: string; folder: string },
  signal: AbortSignal,
): Promise<string> {
  const compiler = { command: nvcc.command, version: nvcc.version, flags: [...FLAGS, '-arch=native'] };
  const key = `${keyOf(compiler, library)}.cuda-harness`;
  const compiled = await compileCached(compiler, key, { signal, deadlineSeconds: HARNESS_SECONDS }, async () => [
    `-I${include}`,
    ...HARNESS_SOURCES,
    ...['-Xlinker', library, '-Xlinker', `-rpath=${folder}`, '-ldl'],
  ]);
  if (compiled.ok) return compiled.path;
  signal.throwIfAborted();
  throw new AlphaTensorError(
    'INTERNAL',
    `nvcc cannot compile the agent's own measuring program: ${compiled.end.stderr.trim().slice(0, 2000)}`,
  );
}

/** Lists the measuring child's own sources. The second is C. */
export const HARNESS_SOURCES: readonly string[] = [join(CUDA, 'harness.cu'), join(NATIVE, 'matrices.c')];

/** Identifies a compiled file by its sources, compiler and flags, which name the GPU's generation. */
function keyOf({ command, version, flags }: Compiler, source: string): string {
  const shared = ['clock.h', 'matrices.h', 'protocol.h', 'reply.h'].map((file) => join(NATIVE, file));
  const own = [...readdirSync(CUDA).map((file) => join(CUDA, file)), ...HARNESS_SOURCES, ...shared];
  const texts = own.sort().map((path) => readFileSync(path, 'utf8'));
  return createHash('sha256')
    .update(JSON.stringify([command, version, ...flags, source, ...texts]))
    .digest('hex');
}
