/*
 * C = alpha op(A) op(B) + beta C for row-major matrices, by the algorithm that fastmm_config.h names for it.
 *
 * op(A) is m x k, op(B) k x n, C m x n; op(X) is X or its transpose. A leading dimension is the distance of two rows of a
 * matrix as it lies in memory, in elements. C must not overlap A or B; it is not read where beta is 0. Dimensions and
 * leading dimensions are at most INT_MAX, as for the BLAS.
 *
 * Thread-safe. A call starts at most `threads` - 1 threads at a time, which end with it. All that stays between calls is one
 * workspace, the last that was used (fastmm_release). Products that go to the BLAS run on as many threads as the BLAS is set to,
 * whatever `threads` says.
 *
 * A call traps no floating-point exception and leaves the flags as they were, whatever it computes: to hear of an overflow, look for
 * infinities and NaN in C. What goes to the BLAS does what that does.
 *
 * A call needs at most 48 KiB of its thread's stack, compiled with optimization by gcc or clang; what goes to the BLAS needs what that needs.
 */
#ifndef FASTMM_H
#define FASTMM_H

#include "fastmm_config.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What every function returns. */
enum {
  FASTMM_OK = 0,
  /* A dimension is above INT_MAX, a leading dimension below the width, a pointer NULL, `threads` not in
     1 … FASTMM_MAX_THREADS, or a workspace too small or not aligned. C is as it was. */
  FASTMM_INVALID_ARGUMENT = 1,
  /* There is no memory, and no BLAS to go to (packing B: no memory). C is as it was. */
  FASTMM_OUT_OF_MEMORY = 2
};

enum { FASTMM_MAX_THREADS = 256, FASTMM_ALIGNMENT = 64 };

typedef enum { FASTMM_NO_TRANSPOSE = 0, FASTMM_TRANSPOSE = 1 } fastmm_transpose;

/* Frees the workspace that is kept for the next product. Any thread may call it at any time. */
void fastmm_release(void);

#if FASTMM_IS_DISPATCH
/*
 * What is preferred where several algorithms are about as fast, for all threads: the fastest, or the most accurate of those within 1 % of
 * it. FASTMM_DEFAULT_MODE (fastmm_config.h, or -DFASTMM_DEFAULT_MODE=FASTMM_ACCURATE when the library is built) until it is set.
 */
typedef enum { FASTMM_FAST = 0, FASTMM_ACCURATE = 1 } fastmm_mode;
void fastmm_set_mode(fastmm_mode mode);
fastmm_mode fastmm_get_mode(void);
#endif

/*
 * Bounds the workspace of the products that follow: `times` as many bytes as A, B and C take together, 0 for no bound. With less
 * workspace a product is done in parts, which takes a little longer and gives the same result to the bit. Where the bound is too
 * small for the smallest parts, the BLAS computes the product. FASTMM_WORKSPACE_TIMES (fastmm_config.h) is the bound until the
 * first call. Any thread may call it at any time.
 */
void fastmm_bound_workspace(double times);

#if FASTMM_HAS_F32
/* The product. It goes to the BLAS where fastmm_config.h says so, and where there is no memory for the workspace. */
int fastmm_sgemm(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, float alpha, const float *a,
                 size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc, size_t threads);

/*
 * What a product of this shape, A and B as they are, goes to: an algorithm such as "<2,2,2;7>", or "BLAS" (without one "plain product
 * <1,1,1>").
 */
const char *fastmm_sgemm_algorithm(size_t m, size_t n, size_t k, size_t threads);

#if FASTMM_IS_DISPATCH
/* The same where A or B is transposed: what is the fastest may differ. */
const char *fastmm_sgemm_algorithm_for(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, size_t threads);
#else
/*
 * The product by the algorithm, whatever its size, in memory of the caller's: FASTMM_ALIGNMENT bytes aligned, for one call at a time.
 * With fastmm_sgemm_workspace_bytes bytes it is as fast as fastmm_sgemm; less will do down to the smallest parts, and more than the
 * bound makes it faster. Allocates nothing.
 */
int fastmm_sgemm_with_workspace(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, float alpha,
                                const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc,
                                size_t threads, void *workspace, size_t workspace_bytes);

/* What a product takes within the bound; README.md has the formula. For dimensions of matrices that fit into memory. */
size_t fastmm_sgemm_workspace_bytes(size_t m, size_t n, size_t k, size_t threads);

/*
 * B of many products, such as the weights of a layer, with its combinations computed once, which the bound does not count. B is kept by reference: it must stay
 * as it is until fastmm_sgemm_free_b, because products below the crossover go to the BLAS with it. Takes
 * fastmm_sgemm_packed_b_bytes of memory, or none if n or k is below the crossover. Any number of threads may use it at once.
 */
typedef struct fastmm_sgemm_b fastmm_sgemm_b;
int fastmm_sgemm_pack_b(fastmm_transpose transb, size_t n, size_t k, const float *b, size_t ldb, size_t threads,
                        fastmm_sgemm_b **packed);
int fastmm_sgemm_packed_b(fastmm_transpose transa, size_t m, float alpha, const float *a, size_t lda,
                          const fastmm_sgemm_b *packed, float beta, float *c, size_t ldc, size_t threads);
size_t fastmm_sgemm_packed_b_bytes(size_t n, size_t k);
/* NULL is fine. */
void fastmm_sgemm_free_b(fastmm_sgemm_b *packed);
#endif
#endif

#if FASTMM_HAS_F64
/* The same for double. */
int fastmm_dgemm(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, double alpha, const double *a,
                 size_t lda, const double *b, size_t ldb, double beta, double *c, size_t ldc, size_t threads);
const char *fastmm_dgemm_algorithm(size_t m, size_t n, size_t k, size_t threads);

#if FASTMM_IS_DISPATCH
const char *fastmm_dgemm_algorithm_for(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, size_t threads);
#else
int fastmm_dgemm_with_workspace(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, double alpha,
                                const double *a, size_t lda, const double *b, size_t ldb, double beta, double *c, size_t ldc,
                                size_t threads, void *workspace, size_t workspace_bytes);
size_t fastmm_dgemm_workspace_bytes(size_t m, size_t n, size_t k, size_t threads);

typedef struct fastmm_dgemm_b fastmm_dgemm_b;
int fastmm_dgemm_pack_b(fastmm_transpose transb, size_t n, size_t k, const double *b, size_t ldb, size_t threads,
                        fastmm_dgemm_b **packed);
int fastmm_dgemm_packed_b(fastmm_transpose transa, size_t m, double alpha, const double *a, size_t lda,
                          const fastmm_dgemm_b *packed, double beta, double *c, size_t ldc, size_t threads);
size_t fastmm_dgemm_packed_b_bytes(size_t n, size_t k);
void fastmm_dgemm_free_b(fastmm_dgemm_b *packed);
#endif
#endif

#ifdef __cplusplus
}
#endif

#endif
