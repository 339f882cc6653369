import type { Blas } from '@alphatensor-edge/proto';

// Chooses which kernels to ask a BLAS for. Libraries choose theirs from a list of processor models. A processor newer
// than the list gets kernels that run anywhere, at a small part of its speed.

/** Lists kernels, the widest vectors first, with the processor features that they all need (by their Linux names). */
const KERNELS = [
  { features: ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'], openblas: 'SkylakeX', blis: 'skx', blisNumber: '0' },
  { features: ['avx2', 'fma'], openblas: 'Haswell', blis: 'haswell', blisNumber: '3' },
] as const;

/** Says how to ask a library for kernels. */
interface KernelSetting {
  readonly environment: Blas['environment'];
  /** The word for these kernels in the library's configuration when it runs them. */
  readonly kernels: string;
}

/**
 * Lists what to ask a library for, the widest vectors of the processor first. Empty if the library cannot be asked.
 * @param name as the library introduces itself
 * @param features of the processor, separated by spaces
 */
export function kernelSettings(name: string, features: string): KernelSetting[] {
  const there = new Set(features.split(' '));
  const kernels = KERNELS.filter(({ features: needed }) => needed.every((feature) => there.has(feature)));
  if (name === 'OpenBLAS') {
    return kernels.map(({ openblas }) => ({ environment: { OPENBLAS_CORETYPE: openblas }, kernels: openblas }));
  }
  if (name === 'BLIS') {
    // By number for BLIS itself, because 0.9.0 takes any name for 0. By name for AMD's fork, which has other numbers.
    return kernels.flatMap(({ blis, blisNumber }) =>
      [blisNumber, blis].map((BLIS_ARCH_TYPE) => ({ environment: { BLIS_ARCH_TYPE }, kernels: blis })),
    );
  }
  return [];
}

/** Tells whether a library's configuration says that it runs these kernels. */
export function runsKernels(configuration: string, kernels: string): boolean {
  return wordsOf(configuration.toLowerCase()).includes(kernels.toLowerCase());
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
