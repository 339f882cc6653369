/* The GEMM that programs are compared with and that `temporaries` is built on: a BLAS chosen at run time, or the project's own. */
#ifndef AT_BLAS_H
#define AT_BLAS_H

#include "candidate.h"

typedef struct {
  at_runtime runtime;
  const char *name;
  char version[128], configuration[256];
} at_blas;

/*
 * Loads the shared library at the path, or the project's own GEMM for the path "portable", and sets its threads. Several
 * can be loaded; the first one is whose GEMM all programs are lent. Returns NULL and sets *error if that cannot be done.
 */
const at_blas *at_blas_load(const char *path, int threads, const char **error);

/* C = op(A) op(B) by the library; C is m x n without padding. */
void at_blas_multiply(const at_blas *blas, size_t element_bytes, size_t m, size_t n, size_t k, const at_operands *operands, void *c);

/* From now on programs add up what their phases take in seconds[AT_PHASES]; NULL: no longer. */
void at_blas_time_phases(double *seconds);

#endif
