import { kernelDefines } from '../codegen/c/packed.js';
import { type CacheSizes, defaultKernelPlan, type KernelPlan } from '../plan/kernel-plan.js';
import { type DType, ELEMENT_BYTES } from '../plan/plan.js';

/**
 * Lists the kinds of vectors, the widest first: the macro by which a compiler tells that it may use them, and the flag
 * that makes it use them.
 */
const ISAS = {
  avx512: { condition: 'defined(__AVX512F__)', arch: '-march=skylake-avx512' },
  avx2: { condition: 'defined(__AVX__)', arch: '-march=haswell' },
  neon: { condition: 'defined(__aarch64__)', arch: '-march=armv8-a' },
  generic: { condition: undefined, arch: '' },
} as const;

/** Names the kinds of vectors. `auto`: the ones of the processor that the library is compiled for. */
export const ISA_NAMES = ['auto', 'avx512', 'avx2', 'neon', 'generic'] as const;
export type IsaName = (typeof ISA_NAMES)[number];

/** Holds a plan that was found on a device, and the kind of vectors it was found with. */
export interface TunedPlan {
  readonly isa: string;
  readonly plan: KernelPlan;
}

/** Writes the sizes of the innermost product, for one kind of vectors or as a table of all. */
export function kernelTable(isa: IsaName, caches: CacheSizes, dtype: DType, tuned?: TunedPlan): string[] {
  const definesOf = (name: keyof typeof ISAS): string[] =>
    kernelDefines(tuned?.isa === name ? tuned.plan : defaultKernelPlan(name, caches, ELEMENT_BYTES[dtype]));
  if (isa !== 'auto') {
    const { condition, arch } = ISAS[isa];
    const guard =
      condition === undefined
        ? []
        : [`#if !(${condition})`, `#error "This library is for ${isa}: compile it with ${arch}."`, '#endif'];
    return [...guard, ...definesOf(isa)];
  }
  return (Object.keys(ISAS) as (keyof typeof ISAS)[])
    .flatMap((name, i) => {
      const { condition } = ISAS[name];
      const branch = condition === undefined ? '#else' : `${i === 0 ? '#if' : '#elif'} ${condition}`;
      return [branch, ...definesOf(name)];
    })
    .concat('#endif');
}

/** Gives the compiler's flag, as a value in the Makefile. */
export function archFlag(isa: IsaName): string {
  // gcc and clang name the processor by different options on different architectures.
  if (isa === 'auto') return '$(if $(filter x86_64 amd64 i%86,$(shell uname -m)),-march=native,-mcpu=native)';
  return ISAS[isa].arch;
}
