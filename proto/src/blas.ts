import type { Blas__Output as Blas } from './generated/alphatensor/agent/v1/Blas.js';

/**
 * Names a library as it is called in sentences and keys: `OpenBLAS 0.3.21`, or, as its kernels depend on what it was told,
 * `OpenBLAS 0.3.21 with OPENBLAS_CORETYPE=SkylakeX`.
 * @param blas of an older store has no environment
 */
export function blasName(blas: Pick<Blas, 'name' | 'version'> & Partial<Pick<Blas, 'environment'>>): string {
  const name = [blas.name, blas.version].filter((part) => part !== '').join(' ');
  const settings = environmentText(blas.environment);
  return settings === '' ? name : `${name} with ${settings}`;
}

/** Writes variables as `OPENBLAS_CORETYPE=SkylakeX`, several separated by spaces; empty where nothing is set. */
export function environmentText(environment: Blas['environment'] = {}): string {
  return Object.entries(environment)
    .map(([variable, value]) => `${variable}=${value}`)
    .join(' ');
}
