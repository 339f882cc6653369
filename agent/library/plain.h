/* The plain product over the engine, in place of a BLAS. FASTMM_FALLBACK is the function's name. */
#include "fallback.h"
#include "memory.h"
#include "threads.h"

int FASTMM_FALLBACK(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, at_real alpha,
                    const at_real *a, size_t lda, const at_real *b, size_t ldb, at_real beta, at_real *c, size_t ldc,
                    size_t threads) {
  /* The last resort, so that where the bound is too small for the smallest parts they are taken all the same. */
  const size_t bound = fastmm_workspace_bound(m, k, n, sizeof(at_real));
  void *workspace = fastmm_take_workspace(at_workspace_bytes(m, k, n, threads, bound));
  if (workspace == NULL) return FASTMM_OUT_OF_MEMORY;
  at_team team;
  at_team_start(&team, threads);
  at_gemm(&team.runtime, m, n, k, alpha, a, lda, transa, b, ldb, transb, beta, c, ldc, workspace, bound);
  at_team_end(&team);
  fastmm_give_back_workspace(workspace);
  return FASTMM_OK;
}
