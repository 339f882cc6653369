/** Variables that would change which kernels or threads a BLAS has, or what is preloaded. */
const CLEARED = /^(OPENBLAS|GOTO|MKL|BLIS|OMP|GOMP|KMP|FASTMM|LD)_/;

/**
 * Gives the environment of a program: this process's, without what changes its BLAS.
 * @param library before the program's BLAS; undefined: none
 */
export function programEnvironment(
  threads: number,
  library?: string,
  more: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !CLEARED.test(name));
  return {
    ...Object.fromEntries(kept),
    OMP_NUM_THREADS: String(threads),
    ...(library !== undefined && { LD_PRELOAD: library }),
    ...more,
  };
}
