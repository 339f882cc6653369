/*
 * Computes the products that the algorithm is not for: fallback_blas.c calls the BLAS that the library is linked with; a
 * library that is built with BLAS=none has the plain product <1,1,1> over the same engine instead (fastmm_*_plain.c).
 */
#ifndef FASTMM_FALLBACK_H
#define FASTMM_FALLBACK_H

#include "fastmm.h"

#ifdef FASTMM_NO_BLAS
__attribute__((unused)) static const char fastmm_fallback_name[] = "plain product <1,1,1>";
#else
__attribute__((unused)) static const char fastmm_fallback_name[] = "BLAS";
#endif

int fastmm_fallback_sgemm(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, float alpha,
                          const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc,
                          size_t threads);
int fastmm_fallback_dgemm(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, double alpha,
                          const double *a, size_t lda, const double *b, size_t ldb, double beta, double *c, size_t ldc,
                          size_t threads);

#endif
