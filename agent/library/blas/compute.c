#include "compute.h"
#include "memory_release.h"
#include "settings.h"
#include <stddef.h>

#ifdef FASTMM_RECORDER

const char *fastmm_algorithm_for(const fastmm_row_major *p, int threads, int always) {
  (void)p, (void)threads, (void)always;
  return NULL;
}
fastmm_reason fastmm_compute(const fastmm_row_major *p, int threads, int always) {
  (void)p, (void)threads, (void)always;
  return FASTMM_OFF;
}
int fastmm_compute_plain(const fastmm_row_major *p, int threads) {
  (void)p, (void)threads;
  return 0;
}
void fastmm_release_memory(void) {}

#else

#include "../fallback.h"
#include "../memory.h"
#include <limits.h>
#include <string.h>

/* The exported library goes here with what it does not take: nothing is computed, and the caller goes to its own BLAS. */
int fastmm_fallback_sgemm(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, float alpha, const float *a,
                          size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc, size_t threads) {
  (void)transa, (void)transb, (void)m, (void)n, (void)k, (void)alpha, (void)a, (void)lda, (void)b, (void)ldb, (void)beta, (void)c;
  (void)ldc, (void)threads;
  return FASTMM_OUT_OF_MEMORY;
}
int fastmm_fallback_dgemm(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, double alpha, const double *a,
                          size_t lda, const double *b, size_t ldb, double beta, double *c, size_t ldc, size_t threads) {
  (void)transa, (void)transb, (void)m, (void)n, (void)k, (void)alpha, (void)a, (void)lda, (void)b, (void)ldb, (void)beta, (void)c;
  (void)ldc, (void)threads;
  return FASTMM_OUT_OF_MEMORY;
}

static void apply_settings(void) {
  const fastmm_blas_mode mode = fastmm_get_settings()->mode;
  /* Small products take more workspace than their matrices have bytes. */
  if (mode == FASTMM_MODE_ALWAYS) fastmm_bound_workspace(0);
#if FASTMM_IS_DISPATCH
  if (mode == FASTMM_MODE_FAST) fastmm_set_mode(FASTMM_FAST);
  if (mode == FASTMM_MODE_ACCURATE) fastmm_set_mode(FASTMM_ACCURATE);
#endif
}

#if FASTMM_HAS_F32
#define REAL float
#define GEMM(suffix) fastmm_sgemm##suffix
#define PLAIN fastmm_plain_sgemm
#define COMPUTE(name) f32_##name
#include "compute_type.h"
#endif

#if FASTMM_HAS_F64
#define REAL double
#define GEMM(suffix) fastmm_dgemm##suffix
#define PLAIN fastmm_plain_dgemm
#define COMPUTE(name) f64_##name
#include "compute_type.h"
#endif

static int fits(const fastmm_row_major *p) {
  return p->m <= INT_MAX && p->n <= INT_MAX && p->k <= INT_MAX && p->lda <= INT_MAX && p->ldb <= INT_MAX && p->ldc <= INT_MAX;
}

const char *fastmm_algorithm_for(const fastmm_row_major *p, int threads, int always) {
  if (!fits(p)) return NULL;
  apply_settings();
#if FASTMM_HAS_F32
  if (!p->is_double) return f32_algorithm(p, threads, always);
#endif
#if FASTMM_HAS_F64
  if (p->is_double) return f64_algorithm(p, threads, always);
#endif
  return NULL;
}

fastmm_reason fastmm_compute(const fastmm_row_major *p, int threads, int always) {
#if FASTMM_HAS_F32
  if (!p->is_double) return f32_compute(p, threads, always) == FASTMM_OK ? FASTMM_NO_REASON : FASTMM_MEMORY;
#endif
#if FASTMM_HAS_F64
  if (p->is_double) return f64_compute(p, threads, always) == FASTMM_OK ? FASTMM_NO_REASON : FASTMM_MEMORY;
#endif
  return FASTMM_OFF;
}

int fastmm_compute_plain(const fastmm_row_major *p, int threads) {
  if (!fits(p)) return 0;
#if FASTMM_HAS_F32
  if (!p->is_double) return f32_plain(p, threads) == FASTMM_OK;
#endif
#if FASTMM_HAS_F64
  if (p->is_double) return f64_plain(p, threads) == FASTMM_OK;
#endif
  return 0;
}

void fastmm_release_memory(void) { fastmm_release(); }

#endif
