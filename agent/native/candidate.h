/*
 * The contract between the measuring child (harness.c) and a generated program: the program is a shared object that
 * exports the functions named at the end, the harness lends it a GEMM and threads.
 * All matrices are row-major; a leading dimension is the distance of two rows in elements.
 */
#ifndef AT_CANDIDATE_H
#define AT_CANDIDATE_H

#include <stddef.h>

/* Raised when anything below changes. */
#define AT_ABI_VERSION 2

/* C = alpha A B, A m x k, B k x n; C is written, never read. */
typedef void at_sgemm_fn(size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b, size_t ldb,
                         float *c, size_t ldc);
typedef void at_dgemm_fn(size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda, const double *b,
                         size_t ldb, double *c, size_t ldc);

/* Handles the rows first <= i < last of a pass. */
typedef void at_rows_fn(void *argument, size_t first, size_t last);

/* What a program spends its time on, as far as it tells the phases apart. */
enum { AT_PHASE_PACK, AT_PHASE_MULTIPLY, AT_PHASE_COMBINE, AT_PHASES };

typedef struct {
  at_sgemm_fn *sgemm;
  at_dgemm_fn *dgemm;
  size_t threads;
  /* Splits 0 <= i < rows over the threads and returns when all are done; of rows = threads each gets one. */
  void (*for_rows)(size_t rows, at_rows_fn *body, void *argument);
  /* Where the processor time of the first thread in each phase is added up; NULL if nobody wants to know. */
  double *phase_seconds;
  double (*seconds)(void);
} at_runtime;

/* What a generated program exports under the name "at_program". */
typedef struct {
  int abi_version;
  /* sizeof(float) or sizeof(double). */
  size_t element_bytes;
  /* Bytes of temporary memory for a product of these dimensions; the workspace must be aligned to 64 bytes. */
  size_t (*workspace_bytes)(size_t m, size_t k, size_t n, size_t threads);
  /* C = A B. The pointers are to elements of the size above. */
  void (*multiply)(const at_runtime *runtime, size_t m, size_t k, size_t n, const void *a, size_t lda, const void *b,
                   size_t ldb, void *c, size_t ldc, void *workspace);
} at_program_t;

#endif
