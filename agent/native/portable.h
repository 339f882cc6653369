/* The project's own GEMM for devices without a BLAS; no speed-up over it is ever claimed. */
#ifndef AT_PORTABLE_H
#define AT_PORTABLE_H

#include "candidate.h"

/* C = alpha op(A) op(B). */
void at_portable_sgemm(size_t m, size_t n, size_t k, float alpha, const at_operands *operands, float *c, size_t ldc);
void at_portable_dgemm(size_t m, size_t n, size_t k, double alpha, const at_operands *operands, double *c, size_t ldc);

#endif
