/*
 * Declares the functions of one algorithm, as fastmm.h describes them, whatever the size of the product. fastmm_algorithms.h
 * defines REAL and GEMM(suffix) and includes this once for each.
 */
int GEMM()(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, REAL alpha, const REAL *a,
           size_t lda, const REAL *b, size_t ldb, REAL beta, REAL *c, size_t ldc, size_t threads);
const char *GEMM(_algorithm)(size_t m, size_t n, size_t k, size_t threads);
int GEMM(_with_workspace)(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, REAL alpha,
                          const REAL *a, size_t lda, const REAL *b, size_t ldb, REAL beta, REAL *c, size_t ldc,
                          size_t threads, void *workspace, size_t workspace_bytes);
/* What it has to do for a product (work.h). For dimensions and threads above 0. */
void GEMM(_work)(size_t m, size_t n, size_t k, size_t threads, double work[FASTMM_WORK]);
size_t GEMM(_workspace_bytes)(size_t m, size_t n, size_t k, size_t threads);

typedef struct GEMM(_b) GEMM(_b);
int GEMM(_pack_b)(fastmm_transpose transb, size_t n, size_t k, const REAL *b, size_t ldb, size_t threads,
                  GEMM(_b) * *packed);
int GEMM(_packed_b)(fastmm_transpose transa, size_t m, REAL alpha, const REAL *a, size_t lda, const GEMM(_b) * packed,
                    REAL beta, REAL *c, size_t ldc, size_t threads);
size_t GEMM(_packed_b_bytes)(size_t n, size_t k);
void GEMM(_free_b)(GEMM(_b) * packed);

#undef REAL
#undef GEMM
