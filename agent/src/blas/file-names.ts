/**
 * Matches the file names of libraries worth trying. Those with 64-bit integers ("64" in the name, as in PyPI's scipy-openblas64) have
 * another interface. The names of scipy_openblas in SciPy's own wheels end with a hash, which may have a "64" too.
 */
const OPTIMIZED = /^lib(scipy_openblas(?!64)|(openblas|blis|mkl_rt|flexiblas)(?!.*64))[^/]*\.so(\.\d+)*$/;
/** Matches whatever the system calls its BLAS. It is tried only if none of the above is there. */
const GENERIC = /^lib(cblas|blas)\.so(\.\d+)*$/;

/** Tells whether a library's name is that of an optimized BLAS. */
export function isOptimized(path: string): boolean {
  return OPTIMIZED.test(fileName(path));
}

/** Tells whether a library's name is one that any BLAS may have. */
export function isGeneric(path: string): boolean {
  return GENERIC.test(fileName(path));
}

/** Tells whether a library is the one by which programs load MKL. */
export function isMkl(path: string): boolean {
  return fileName(path).startsWith('libmkl_rt.');
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
