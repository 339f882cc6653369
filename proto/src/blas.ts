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

/** Writes variables as `OPENBLAS_CORETYPE=SkylakeX`, several separated by spaces. Empty if none is set. */
export function environmentText(environment: Blas['environment'] = {}): string {
  return Object.entries(environment)
    .map(([variable, value]) => `${variable}=${value}`)
    .join(' ');
}
