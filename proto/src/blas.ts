import type { Blas__Output as Blas } from './generated/alphatensor/agent/v1/Blas.js';

/**
 * Names a library in sentences and keys: `OpenBLAS 0.3.21` or, because its kernels depend on its settings, `OpenBLAS
 * 0.3.21 with OPENBLAS_CORETYPE=SkylakeX`.
 * @param blas has no environment in an older store
 */
export function blasName(blas: Pick<Blas, 'name' | 'version'> & Partial<Pick<Blas, 'environment'>>): string {
  const name = [blas.name, blas.version].filter((part) => part !== '').join(' ');
  const settings = environmentText(blas.environment);
  return settings === '' ? name : `${name} with ${settings}`;
}

/** Adds the kernels to a library's name, for people: `OpenBLAS 0.3.34 (SkylakeX kernels)`. */
export function blasText(blas: Pick<Blas, 'name' | 'version'> & Partial<Pick<Blas, 'environment' | 'configuration'>>) {
  const kernels = blasKernels(blas);
  return kernels === '' ? blasName(blas) : `${blasName(blas)} (${kernels} kernels)`;
}

/**
 * Gives the kernels that a library says it runs, such as `Prescott`: the last word of its configuration that is not an option. Empty if
 * it does not say.
 */
export function blasKernels({ name, configuration = '' }: Pick<Blas, 'name'> & Partial<Pick<Blas, 'configuration'>>) {
  const words = configuration.split(/\s+/).filter((word) => word !== '' && !/=|^SINGLE_THREADED$/.test(word));
  const last = words.at(-1) ?? '';
  if (name === 'OpenBLAS' || name === 'BLIS') return last;
  // What MKL says of itself names no kernels; agents before 0.2 added none.
  return name === 'MKL' && MKL_KERNELS.test(last) ? last : '';
}

/** Matches the kernels of MKL, by the names of its own files. */
const MKL_KERNELS = /^(avx\w*|mc3?|def)$/;

/** Writes variables as `OPENBLAS_CORETYPE=SkylakeX`, several separated by spaces. Empty if none is set. */
export function environmentText(environment: Blas['environment'] = {}): string {
  return Object.entries(environment)
    .map(([variable, value]) => `${variable}=${value}`)
    .join(' ');
}
