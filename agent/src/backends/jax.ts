import { z } from 'zod';
import { JAX_VARIANTS, jaxProgram } from '../codegen/jax/program.js';
import { packageFile } from '../package-files.js';
import type { End } from '../process/end.js';
import type { InterpretedChild } from '../process/harness.js';
import type { Backend, ToolchainProbe } from './backend.js';
import { askToDescribe, inherited, keepSource } from './interpreted.js';

const HARNESS = packageFile('native/jax_harness.py');

const describedSchema = z.object({
  version: z.string(),
  jaxlib: z.string(),
  python: z.string(),
  platform: z.string(),
  kind: z.string(),
});

const INSTALL =
  'install it, for example with "python3 -m venv ~/jax && ~/jax/bin/pip install jax", and name ~/jax/bin/python3 in ALPHATENSOR_PYTHON';

let probe: Promise<ToolchainProbe> | undefined;

/**
 * Describes `jax`: the factorization as one program of XLA, in the Python that ALPHATENSOR_PYTHON names or the one on
 * the PATH.
 */
export const JAX_BACKEND: Backend = {
  name: 'jax',
  variants: JAX_VARIANTS,
  dtypes: ['f32', 'f64', 'bf16'],
  fixes: [INSTALL],
  find: () => {
    probe ??= findJax(process.env.ALPHATENSOR_PYTHON || 'python3');
    return probe;
  },
  program: (_variant, levels, dtype) => jaxProgram(levels, dtype),
};

async function findJax(python: string): Promise<ToolchainProbe> {
  const harness: InterpretedChild = { command: python, args: ['-I', HARNESS], env: environment() };
  const end = await askToDescribe(harness);
  if (end.exitCode !== 0) return { ok: false, reason: `${whatIsMissing(python, end)}; ${INSTALL}.` };
  const { version, jaxlib, python: pythonVersion, platform, kind } = describedSchema.parse(JSON.parse(end.stdout));
  return {
    ok: true,
    toolchain: {
      compiler: {
        command: 'XLA',
        version: `jax ${version}, jaxlib ${jaxlib}, Python ${pythonVersion}, ${platform === 'cpu' ? 'cpu' : kind}`,
        flags: ['precision=highest'],
      },
      harness,
      blas: [{ name: 'XLA dot', version, library: python, configuration: platform, thirdParty: true, environment: {} }],
      controlSize: 1024,
      compile: (source) => keepSource(source, 'py'),
    },
  };
}

function whatIsMissing(python: string, { reason, exitCode, stderr }: End): string {
  if (exitCode === null)
    return reason === 'deadline' ? `${python} hangs while loading jax` : `${python} cannot be started`;
  const complaint = stderr.trim().split('\n').at(-1) ?? '';
  return /No module named '(jax|numpy|ml_dtypes)/.test(complaint)
    ? `${python} has no jax`
    : `jax does not work in ${python} (${complaint})`;
}

/** Makes the environment that Python, XLA and a driver need. */
function environment(): Record<string, string> {
  const seen = inherited('PATH', 'HOME', 'LD_LIBRARY_PATH', 'JAX_PLATFORMS', 'XLA_FLAGS', 'CUDA_VISIBLE_DEVICES');
  // JAX takes memory as it needs it, because two agents may share a device.
  return { ...seen, LC_ALL: 'C.UTF-8', XLA_PYTHON_CLIENT_PREALLOCATE: 'false' };
}
