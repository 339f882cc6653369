import type { Blas } from '@alphatensor-edge/proto';

// Which kernels of a BLAS to ask for. Libraries choose theirs by a list of processor models, and one that is newer than the
// list gets those that run anywhere, at a small part of its rate.

/** Kernels for vectors that a processor has all of these features for (as Linux calls them), the widest first. */
const KERNELS = [
  { features: ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'], openblas: 'SkylakeX', blis: 'skx', blisNumber: '0' },
  { features: ['avx2', 'fma'], openblas: 'Haswell', blis: 'haswell', blisNumber: '3' },
] as const;

/** What asks a library for kernels. */
export interface KernelSetting {
  readonly environment: Blas['environment'];
  /** The word for them in the library's configuration once it runs them. */
  readonly kernels: string;
}

/**
 * What to ask a library for, the widest vectors of the processor first; none where it knows no such question.
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
    // By number for BLIS itself, whose 0.9.0 takes any name for 0; by name for AMD's fork, whose numbers are others.
    return kernels.flatMap(({ blis, blisNumber }) =>
      [blisNumber, blis].map((BLIS_ARCH_TYPE) => ({ environment: { BLIS_ARCH_TYPE }, kernels: blis })),
    );
  }
  return [];
}

/** Whether a library says of itself that it runs these kernels. */
export function runsKernels(configuration: string, kernels: string): boolean {
  return wordsOf(configuration.toLowerCase()).includes(kernels.toLowerCase());
}

/** The kernels that a library says it runs, such as `Prescott`: in OpenBLAS's configuration the last word that is no option. */
export function kernelsOf(configuration: string): string {
  return wordsOf(configuration).findLast((word) => !/=|^SINGLE_THREADED$/.test(word)) ?? '';
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
