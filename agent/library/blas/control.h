/*
 * What else libfastmm_blas.so exports, for bindings such as the Python package (../python): the number of threads, and products
 * without a name of the BLAS.
 */
#ifndef FASTMM_CONTROL_H
#define FASTMM_CONTROL_H

#include <stdint.h>

const char *fastmm_version(void);

/* Threads of a product, as FASTMM_NUM_THREADS; 0: as many as the BLAS that is replaced. Any thread may call it at any time. */
void fastmm_set_num_threads(int threads);
int fastmm_get_num_threads(void);
/* How many those of the BLAS are now. */
int fastmm_default_num_threads(void);

/*
 * C = alpha op(A) op(B) + beta C for row-major matrices of float or double, where it is worth it. Returns NULL if C has been computed, else
 * the reason why a BLAS should do it (README.md), with C as it was.
 */
const char *fastmm_try_product(int is_double, int transa, int transb, int64_t m, int64_t n, int64_t k, double alpha, const void *a,
                               int64_t lda, const void *b, int64_t ldb, double beta, void *c, int64_t ldc);

#endif
