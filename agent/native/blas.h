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
 * can be loaded; the first one is selected. Returns NULL and sets *error if that cannot be done.
 */
const at_blas *at_blas_load(const char *path, int threads, const char **error);

/* From now on the GEMM of every at_blas is this library's. */
void at_blas_select(const at_blas *blas);

/* From now on programs add up what their phases take in seconds[AT_PHASES]; NULL: no longer. */
void at_blas_time_phases(double *seconds);

#endif
