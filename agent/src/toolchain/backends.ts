import type { Backend, Blas } from '@alphatensor-edge/proto';
import { VARIANTS } from '../codegen/c/variant.js';
import { rankBlas } from './blas.js';
import { C_COMPILERS, type CCompiler, compileHarness, probeCompiler } from './c-compiler.js';

/** Everything a C backend needs, found to work on this device. */
export interface CToolchain {
  readonly compiler: CCompiler;
  /** The compiled measuring child. */
  readonly harness: string;
  /** Best first; never empty. */
  readonly blas: readonly Blas[];
}

export type ToolchainProbe =
  | { readonly ok: true; readonly toolchain: CToolchain }
  | { readonly ok: false; readonly reason: string };

/** Finds what a backend needs. @throws AlphaTensorError INTERNAL if the agent's own harness does not compile */
export async function findToolchain(backend: string, signal: AbortSignal): Promise<ToolchainProbe> {
  const probe = await probeCompiler(backend);
  if (!probe.ok) return probe;
  const { compiler } = probe;
  const harness = await compileHarness(compiler, signal);
  return { ok: true, toolchain: { compiler, harness, blas: await rankBlas(harness) } };
}

/** All backends of this version, with what each found or why it is not available. */
export async function describeBackends(): Promise<Backend[]> {
  const signal = new AbortController().signal;
  const backends: Backend[] = [];
  for (const name of Object.keys(C_COMPILERS)) {
    const probe = await findToolchain(name, signal);
    backends.push({
      name,
      available: probe.ok,
      reason: probe.ok ? '' : probe.reason,
      compiler: probe.ok ? probe.toolchain.compiler.version : '',
      variants: [...VARIANTS],
      blas: probe.ok ? [...probe.toolchain.blas] : [],
    });
  }
  return backends;
}
