import type { Compiler, Toolchain } from '@alphatensor-edge/agent/backends/backend.js';
import { compileHarness } from '@alphatensor-edge/agent/backends/c-compiler.js';
import { cacheSizes, vectorIsa } from '@alphatensor-edge/agent/device/cpu.js';
import type { CacheSizes } from '@alphatensor-edge/agent/plan/kernel-plan.js';
import type { Child } from '@alphatensor-edge/agent/process/harness.js';
import type { Blas } from '@alphatensor-edge/proto';

/** The processor that programs are made for, and what they are compiled and compared with. */
export interface Target {
  readonly compiler: Compiler;
  readonly harness: Child;
  /** Best first; never empty. */
  readonly blas: readonly Blas[];
  readonly vectorIsa: string;
  readonly caches: CacheSizes;
}

/** What `--isa` stands for: the compiler's flag, and what makes OpenBLAS choose the same instructions. */
const ISAS = {
  avx2: { flag: '-march=haswell', environments: { OpenBLAS: { OPENBLAS_CORETYPE: 'Haswell' } } },
} as const;

export type IsaName = keyof typeof ISAS;
export const ISA_NAMES = Object.keys(ISAS) as IsaName[];

/** The processor as it is, or as if it had fewer instructions. */
export async function targetFor(toolchain: Toolchain, isa: IsaName | undefined, signal: AbortSignal): Promise<Target> {
  const { compiler, harness, blas } = toolchain;
  const caches = cacheSizes();
  if (isa === undefined) return { compiler, harness, blas, vectorIsa: vectorIsa(), caches };
  const { flag, environments } = ISAS[isa];
  const changed = { ...compiler, flags: compiler.flags.map((each) => (each === '-march=native' ? flag : each)) };
  const environmentOf = (name: string): Readonly<Record<string, string>> =>
    Object.entries(environments).find(([library]) => library === name)?.[1] ?? {};
  return {
    compiler: changed,
    harness: await compileHarness(changed, signal),
    // What was found to be fastest, and what the library said of itself then, is of the processor as it is.
    blas: blas.map((library) => ({ ...library, environment: environmentOf(library.name), configuration: '' })),
    vectorIsa: isa,
    caches,
  };
}
