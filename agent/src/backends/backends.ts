import type { Backend as BackendMessage, Blas, DataType } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { RankedKind } from '../blas/ranking.js';
import type { NumberFormat } from '../plan/plan.js';
import { requireFolders } from '../process/preflight.js';
import type { Backend, ToolchainProbe } from './backend.js';
import { C_BACKENDS } from './c.js';
import { CUDA_BACKENDS } from './cuda.js';
import { GPUJS_BACKENDS } from './gpujs.js';
import { JAX_BACKEND } from './jax.js';

/** Gives each number format's name on the wire. */
export const DATA_TYPES: Readonly<Record<NumberFormat, DataType>> = {
  f32: 'DATA_TYPE_F32',
  f64: 'DATA_TYPE_F64',
  f16: 'DATA_TYPE_F16',
  bf16: 'DATA_TYPE_BF16',
};

/** Lists all backends of this version, the default first. */
export const BACKENDS: readonly Backend[] = [...C_BACKENDS, ...CUDA_BACKENDS, JAX_BACKEND, ...GPUJS_BACKENDS];

/** Finds a backend by its name. */
export function findBackend(name: string): Backend | undefined {
  return BACKENDS.find((backend) => backend.name === name);
}

/** Gives the format that decides how exact a backend's results must be. */
export function precisionOf(name: string, dtype: NumberFormat): NumberFormat {
  return findBackend(name)?.precision ?? dtype;
}

/** Restricts what an agent offers. Everything that is not given is not restricted. */
interface Restriction {
  readonly backends?: readonly string[] | undefined;
  /** The baseline: a library's name such as `BLIS`, in upper or lower case, or its path as `describe` shows it. */
  readonly blas?: string | undefined;
}

let restriction: Restriction = {};

/**
 * Restricts the whole process, descriptions and jobs alike, so that several agents on one machine can appear as several
 * devices.
 * @throws AlphaTensorError INVALID_ARGUMENT for a backend that this version does not have
 */
export function restrictTo(wanted: Restriction): void {
  requireKnown(wanted.backends);
  restriction = wanted;
}

/** @throws AlphaTensorError INVALID_ARGUMENT for a backend that this version does not have */
export function requireKnown(backends: readonly string[] | undefined): void {
  const unknown = backends?.find((name) => findBackend(name) === undefined);
  if (unknown === undefined) return;
  const names = BACKENDS.map(({ name }) => name).join(', ');
  throw new AlphaTensorError('INVALID_ARGUMENT', `There is no backend "${unknown}"; there are ${names}.`, {
    field: '--backend',
  });
}

async function findWithin(backend: Backend, signal: AbortSignal, within: Restriction): Promise<ToolchainProbe> {
  const { backends, blas: wanted } = within;
  if (backends !== undefined && !backends.includes(backend.name)) {
    return { ok: false, reason: `this agent was started for ${backends.join(', ')} only` };
  }
  await requireFolders();
  const probe = await backend.find(signal);
  if (!probe.ok || wanted === undefined) return probe;
  const { toolchain } = probe;
  const ofWanted = (ranked: readonly Blas[]): Blas[] =>
    ranked.filter(({ name, library }) => name.toLowerCase() === wanted.toLowerCase() || library === wanted);
  const blas = ofWanted(toolchain.blas);
  if (blas.length > 0) {
    const { blasFor } = toolchain;
    const rankedFor = blasFor && { blasFor: async (kind: RankedKind) => ofWanted(await blasFor(kind)) };
    return { ok: true, toolchain: { ...toolchain, blas, ...rankedFor } };
  }
  const there = [...new Set(toolchain.blas.map(({ name }) => name))].join(', ');
  return { ok: false, reason: `this agent was started for the BLAS ${wanted}, but only these work here: ${there}` };
}

/**
 * Finds what a backend needs.
 * @throws AlphaTensorError INTERNAL if the agent's own measuring child does not work
 */
export async function findToolchain(name: string, signal: AbortSignal): Promise<ToolchainProbe> {
  const backend = findBackend(name);
  return backend === undefined
    ? { ok: false, reason: `there is no backend "${name}".` }
    : findWithin(backend, signal, restriction);
}

/** Describes all backends of this version: what each found, or why it is not available. */
export async function describeBackends(wanted: Restriction = restriction): Promise<BackendMessage[]> {
  const signal = new AbortController().signal;
  return Promise.all(
    BACKENDS.map(async (backend) => {
      const { name, variants, dtypes, transposedVariants = [] } = backend;
      const probe = await findWithin(backend, signal, wanted);
      return {
        name,
        available: probe.ok,
        reason: probe.ok ? '' : probe.reason,
        compiler: probe.ok ? probe.toolchain.compiler.version : '',
        variants: [...variants],
        blas: probe.ok ? [...probe.toolchain.blas] : [],
        dataTypes: dtypes.map((dtype) => DATA_TYPES[dtype]),
        transposedVariants: [...transposedVariants],
      };
    }),
  );
}

/**
 * Describes all backends, and requires those that were named to work. An agent that offers something else would be
 * worse than none.
 * @throws AlphaTensorError UNAVAILABLE
 */
export async function requireBackends({ backends: names, blas }: Restriction): Promise<BackendMessage[]> {
  const backends = await describeBackends({ backends: names, blas });
  const asked = backends.filter(({ name }) => names?.includes(name) ?? blas !== undefined);
  const broken = asked.find(({ available }) => !available);
  if (broken !== undefined && (names !== undefined || asked.every(({ available }) => !available))) {
    throw new AlphaTensorError('UNAVAILABLE', `${broken.name} is not available: ${broken.reason}.`);
  }
  return backends;
}
