/*
 * What a generated program is lent by whoever runs it: a GEMM, threads, a clock. All matrices are row-major; a leading
 * dimension is the distance of two rows in elements.
 */
#ifndef AT_RUNTIME_H
#define AT_RUNTIME_H

#include <stddef.h>

/* C = alpha A B, A m x k, B k x n; C is written, never read. */
typedef void at_sgemm_fn(size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b, size_t ldb,
                         float *c, size_t ldc);
typedef void at_dgemm_fn(size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda, const double *b,
                         size_t ldb, double *c, size_t ldc);

/* A and B as they lie in memory, where each may be transposed: then A is a k x m matrix, B an n x k one. */
typedef struct {
  const void *a, *b;
  size_t lda, ldb;
  int a_transposed, b_transposed;
} at_operands;

/* Handles the rows first <= i < last of a pass. */
typedef void at_rows_fn(void *argument, size_t first, size_t last);

/* The phases of a program that tells them apart: packing, products, combining. */
enum { AT_PHASE_PACK, AT_PHASE_MULTIPLY, AT_PHASE_COMBINE, AT_PHASES };

typedef struct at_runtime at_runtime;
struct at_runtime {
  at_sgemm_fn *sgemm;
  at_dgemm_fn *dgemm;
  size_t threads;
  /* Shares 0 <= i < rows among the threads and returns when all are done; where rows = threads, each thread gets one. */
  void (*for_rows)(const at_runtime *runtime, size_t rows, at_rows_fn *body, void *argument);
  /* Adds up the first thread's processor time in each phase; NULL if nobody wants to know. */
  double *phase_seconds;
  double (*seconds)(void);
};

#endif
