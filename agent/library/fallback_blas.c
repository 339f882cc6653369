#include "fallback.h"

/* The C interface of the BLAS with 32-bit integers, for which no header is needed; layout and transposition by number. */
void cblas_sgemm(int layout, int transa, int transb, int m, int n, int k, float alpha, const float *a, int lda,
                 const float *b, int ldb, float beta, float *c, int ldc);
void cblas_dgemm(int layout, int transa, int transb, int m, int n, int k, double alpha, const double *a, int lda,
                 const double *b, int ldb, double beta, double *c, int ldc);
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 };

static int cblas_transpose(fastmm_transpose transpose) { return transpose ? TRANSPOSE : NO_TRANSPOSE; }

int fastmm_fallback_sgemm(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, float alpha,
                          const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc,
                          size_t threads) {
  (void)threads;
  cblas_sgemm(ROW_MAJOR, cblas_transpose(transa), cblas_transpose(transb), (int)m, (int)n, (int)k, alpha, a, (int)lda, b,
              (int)ldb, beta, c, (int)ldc);
  return FASTMM_OK;
}

int fastmm_fallback_dgemm(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, double alpha,
                          const double *a, size_t lda, const double *b, size_t ldb, double beta, double *c, size_t ldc,
                          size_t threads) {
  (void)threads;
  cblas_dgemm(ROW_MAJOR, cblas_transpose(transa), cblas_transpose(transb), (int)m, (int)n, (int)k, alpha, a, (int)lda, b,
              (int)ldb, beta, c, (int)ldc);
  return FASTMM_OK;
}
