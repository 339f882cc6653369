/*
 * What the recorder sees and no library takes: WATCH(name, type, parameters, arguments). Functions of the C interface that were added
 * later by some libraries (batches, packed products) have 32- or 64-bit integers, which are handed over as they come.
 */
#ifndef FASTMM_WATCHED_H
#define FASTMM_WATCHED_H

#include <stddef.h>
#include <stdint.h>

#define FASTMM_SYRK_C(WATCH, name, scalar) \
  WATCH(name, void, \
        (intptr_t layout, intptr_t uplo, intptr_t trans, intptr_t n, intptr_t k, scalar alpha, const void *a, intptr_t lda, scalar beta, \
         void *c, intptr_t ldc), \
        (layout, uplo, trans, n, k, alpha, a, lda, beta, c, ldc))
#define FASTMM_SYRK_F(WATCH, name) \
  WATCH(name, void, \
        (const void *uplo, const void *trans, const void *n, const void *k, const void *alpha, const void *a, const void *lda, \
         const void *beta, void *c, const void *ldc, size_t length_a, size_t length_b), \
        (uplo, trans, n, k, alpha, a, lda, beta, c, ldc, length_a, length_b))
#define FASTMM_COMPLEX_C(WATCH, name) \
  WATCH(name, void, \
        (intptr_t layout, intptr_t transa, intptr_t transb, intptr_t m, intptr_t n, intptr_t k, const void *alpha, const void *a, \
         intptr_t lda, const void *b, intptr_t ldb, const void *beta, void *c, intptr_t ldc), \
        (layout, transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc))
#define FASTMM_COMPLEX_F(WATCH, name) \
  WATCH(name, void, \
        (const void *transa, const void *transb, const void *m, const void *n, const void *k, const void *alpha, const void *a, \
         const void *lda, const void *b, const void *ldb, const void *beta, void *c, const void *ldc, size_t length_a, size_t length_b), \
        (transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, length_a, length_b))
#define FASTMM_BATCH_C(WATCH, name) \
  WATCH(name, void, \
        (intptr_t layout, const void *transa, const void *transb, const void *m, const void *n, const void *k, const void *alpha, \
         const void *a, const void *lda, const void *b, const void *ldb, const void *beta, void *c, const void *ldc, intptr_t groups, \
         const void *sizes), \
        (layout, transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, groups, sizes))
#define FASTMM_STRIDED_C(WATCH, name, scalar) \
  WATCH(name, void, \
        (intptr_t layout, intptr_t transa, intptr_t transb, intptr_t m, intptr_t n, intptr_t k, scalar alpha, const void *a, intptr_t lda, \
         intptr_t stridea, const void *b, intptr_t ldb, intptr_t strideb, scalar beta, void *c, intptr_t ldc, intptr_t stridec, \
         intptr_t count), \
        (layout, transa, transb, m, n, k, alpha, a, lda, stridea, b, ldb, strideb, beta, c, ldc, stridec, count))
#define FASTMM_PACK_C(WATCH, name, scalar) \
  WATCH(name, void, \
        (intptr_t layout, intptr_t identifier, intptr_t trans, intptr_t m, intptr_t n, intptr_t k, scalar alpha, const void *source, \
         intptr_t ld, void *packed), \
        (layout, identifier, trans, m, n, k, alpha, source, ld, packed))
#define FASTMM_COMPUTE_C(WATCH, name, scalar) \
  WATCH(name, void, \
        (intptr_t layout, intptr_t transa, intptr_t transb, intptr_t m, intptr_t n, intptr_t k, const void *a, intptr_t lda, const void *b, \
         intptr_t ldb, scalar beta, void *c, intptr_t ldc), \
        (layout, transa, transb, m, n, k, a, lda, b, ldb, beta, c, ldc))

#define FASTMM_WATCHED_REAL(WATCH, letter, scalar) \
  FASTMM_SYRK_C(WATCH, cblas_##letter##syrk, scalar) \
  FASTMM_SYRK_C(WATCH, cblas_##letter##syrk64_, scalar) \
  FASTMM_SYRK_C(WATCH, scipy_cblas_##letter##syrk, scalar) \
  FASTMM_SYRK_C(WATCH, scipy_cblas_##letter##syrk64_, scalar) \
  FASTMM_SYRK_F(WATCH, letter##syrk_) \
  FASTMM_SYRK_F(WATCH, letter##syrk_64_) \
  FASTMM_SYRK_F(WATCH, scipy_##letter##syrk_) \
  FASTMM_SYRK_F(WATCH, scipy_##letter##syrk_64_) \
  FASTMM_BATCH_C(WATCH, cblas_##letter##gemm_batch) \
  FASTMM_STRIDED_C(WATCH, cblas_##letter##gemm_batch_strided, scalar) \
  FASTMM_PACK_C(WATCH, cblas_##letter##gemm_pack, scalar) \
  FASTMM_COMPUTE_C(WATCH, cblas_##letter##gemm_compute, scalar)

#define FASTMM_WATCHED_COMPLEX(WATCH, letter) \
  FASTMM_COMPLEX_C(WATCH, cblas_##letter##gemm) \
  FASTMM_COMPLEX_C(WATCH, cblas_##letter##gemm64_) \
  FASTMM_COMPLEX_C(WATCH, scipy_cblas_##letter##gemm) \
  FASTMM_COMPLEX_C(WATCH, scipy_cblas_##letter##gemm64_) \
  FASTMM_COMPLEX_F(WATCH, letter##gemm_) \
  FASTMM_COMPLEX_F(WATCH, letter##gemm_64_) \
  FASTMM_COMPLEX_F(WATCH, scipy_##letter##gemm_) \
  FASTMM_COMPLEX_F(WATCH, scipy_##letter##gemm_64_)

#define FASTMM_WATCHED(WATCH) \
  FASTMM_WATCHED_REAL(WATCH, s, float) \
  FASTMM_WATCHED_REAL(WATCH, d, double) \
  FASTMM_WATCHED_COMPLEX(WATCH, c) \
  FASTMM_WATCHED_COMPLEX(WATCH, z)

#define FASTMM_WATCHED_NUMBER(name, ...) FASTMM_WATCHED_##name,
enum { FASTMM_WATCHED(FASTMM_WATCHED_NUMBER) FASTMM_WATCHED_COUNT };

#endif
