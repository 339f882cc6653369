/* One element type of the exported library, for compute.c, which defines REAL, GEMM(suffix), PLAIN and COMPUTE(name). */

/* The plain product of fastmm_*_plain.c, which the Makefile gives this name. */
int PLAIN(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, REAL alpha, const REAL *a, size_t lda,
          const REAL *b, size_t ldb, REAL beta, REAL *c, size_t ldc, size_t threads);

#define ARGUMENTS(p) \
  p->transa, p->transb, p->m, p->n, p->k, (REAL)p->alpha, p->a, p->lda, p->b, p->ldb, (REAL)p->beta, p->c, p->ldc

static int COMPUTE(plain)(const fastmm_row_major *p, int threads) { return PLAIN(ARGUMENTS(p), threads); }

#if FASTMM_IS_DISPATCH

int GEMM(_always)(fastmm_transpose, fastmm_transpose, size_t, size_t, size_t, REAL, const REAL *, size_t, const REAL *, size_t, REAL,
                  REAL *, size_t, size_t);
const char *GEMM(_always_algorithm_for)(fastmm_transpose, fastmm_transpose, size_t, size_t, size_t, size_t);

static const char *COMPUTE(algorithm)(const fastmm_row_major *p, int threads, int always) {
  const char *name = (always ? GEMM(_always_algorithm_for) : GEMM(_algorithm_for))(p->transa, p->transb, p->m, p->n, p->k, threads);
  return strcmp(name, fastmm_fallback_name) == 0 ? NULL : name;
}

static int COMPUTE(compute)(const fastmm_row_major *p, int threads, int always) {
  return (always ? GEMM(_always) : GEMM())(ARGUMENTS(p), threads);
}

#else

static const char *COMPUTE(algorithm)(const fastmm_row_major *p, int threads, int always) {
  if (always) return FASTMM_ALGORITHM;
  const char *name = GEMM(_algorithm)(p->m, p->n, p->k, threads);
  return strcmp(name, fastmm_fallback_name) == 0 ? NULL : name;
}

static int COMPUTE(compute)(const fastmm_row_major *p, int threads, int always) {
  if (!always) return GEMM()(ARGUMENTS(p), threads);
  const size_t bytes = GEMM(_workspace_bytes)(p->m, p->n, p->k, threads);
  void *workspace = fastmm_take_workspace(bytes);
  if (workspace == NULL) return FASTMM_OUT_OF_MEMORY;
  const int status = GEMM(_with_workspace)(ARGUMENTS(p), threads, workspace, bytes);
  fastmm_give_back_workspace(workspace);
  return status;
}

#endif

#undef REAL
#undef GEMM
#undef PLAIN
#undef COMPUTE
#undef ARGUMENTS
