/*
 * The functions of fastmm.h for one element type, over the transforms before it and packed.h. The including file defines
 *   FASTMM_GEMM(suffix)   their names, such as fastmm_sgemm_pack_b
 *   FASTMM_FALLBACK       where small products go (fallback.h)
 *   FASTMM_CROSSOVER      the smallest dimension for which the algorithm is used (fastmm_config.h)
 *   FASTMM_UNIT           the algorithm's name
 */
#include "fallback.h"
#include "memory.h"
#include "threads.h"
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

struct FASTMM_GEMM(_b) {
  fastmm_transpose transposed;
  size_t n, k;
  const at_real *data;
  size_t stride;
  /* NULL where products with this B go to the BLAS anyway. */
  at_real *packed;
};

static int at_is_matrix(const at_real *data, size_t rows, size_t columns, size_t stride, fastmm_transpose transposed) {
  const size_t width = transposed ? rows : columns;
  return rows <= INT_MAX && columns <= INT_MAX && stride <= INT_MAX && stride >= at_max(1, width) &&
         (data != NULL || rows == 0 || columns == 0);
}

static int at_is_thread_count(size_t threads) { return threads >= 1 && threads <= FASTMM_MAX_THREADS; }

static int at_is_large(size_t m, size_t n, size_t k) { return at_min(at_min(m, n), k) >= FASTMM_CROSSOVER; }

int FASTMM_GEMM()(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, at_real alpha,
                  const at_real *a, size_t lda, const at_real *b, size_t ldb, at_real beta, at_real *c, size_t ldc,
                  size_t threads) {
  if (!at_is_matrix(a, m, k, lda, transa) || !at_is_matrix(b, k, n, ldb, transb) ||
      !at_is_matrix(c, m, n, ldc, FASTMM_NO_TRANSPOSE) || !at_is_thread_count(threads))
    return FASTMM_INVALID_ARGUMENT;
  if (m == 0 || n == 0 || k == 0 || alpha == 0) {
    at_scale_c(m, n, beta, c, ldc);
    return FASTMM_OK;
  }
  if (at_is_large(m, n, k)) {
    const size_t bound = fastmm_workspace_bound(m, k, n, sizeof(at_real)), bytes = at_workspace_bytes(m, k, n, threads, bound);
    void *workspace = bytes > bound ? NULL : fastmm_take_workspace(bytes);
    if (workspace != NULL) {
      at_team team;
      at_team_start(&team, threads);
      at_gemm(&team.runtime, m, n, k, alpha, a, lda, transa, b, ldb, transb, beta, c, ldc, workspace, bound);
      at_team_end(&team);
      fastmm_give_back_workspace(workspace);
      return FASTMM_OK;
    }
  }
  return FASTMM_FALLBACK(transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, threads);
}

const char *FASTMM_GEMM(_algorithm)(size_t m, size_t n, size_t k, size_t threads) {
  (void)threads;
  return at_is_large(m, n, k) ? FASTMM_UNIT : fastmm_fallback_name;
}

size_t FASTMM_GEMM(_workspace_bytes)(size_t m, size_t n, size_t k, size_t threads) {
  return at_workspace_bytes(m, k, n, threads, fastmm_workspace_bound(m, k, n, sizeof(at_real)));
}

int FASTMM_GEMM(_with_workspace)(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k,
                                 at_real alpha, const at_real *a, size_t lda, const at_real *b, size_t ldb, at_real beta,
                                 at_real *c, size_t ldc, size_t threads, void *workspace, size_t workspace_bytes) {
  if (!at_is_matrix(a, m, k, lda, transa) || !at_is_matrix(b, k, n, ldb, transb) ||
      !at_is_matrix(c, m, n, ldc, FASTMM_NO_TRANSPOSE) || !at_is_thread_count(threads))
    return FASTMM_INVALID_ARGUMENT;
  if (workspace == NULL || (uintptr_t)workspace % FASTMM_ALIGNMENT != 0 ||
      workspace_bytes < at_workspace_bytes(m, k, n, threads, workspace_bytes))
    return FASTMM_INVALID_ARGUMENT;
  at_team team;
  at_team_start(&team, threads);
  at_gemm(&team.runtime, m, n, k, alpha, a, lda, transa, b, ldb, transb, beta, c, ldc, workspace, workspace_bytes);
  at_team_end(&team);
  return FASTMM_OK;
}

size_t FASTMM_GEMM(_packed_b_bytes)(size_t n, size_t k) {
  if (!at_is_large(n, n, k)) return 0;
  const at_layout layout = at_layout_of(1, k, n, 1, SIZE_MAX, 1);
  return at_packed_b(&layout) * sizeof(at_real);
}

int FASTMM_GEMM(_pack_b)(fastmm_transpose transb, size_t n, size_t k, const at_real *b, size_t ldb, size_t threads,
                         struct FASTMM_GEMM(_b) **packed) {
  if (!at_is_matrix(b, k, n, ldb, transb) || !at_is_thread_count(threads) || packed == NULL)
    return FASTMM_INVALID_ARGUMENT;
  struct FASTMM_GEMM(_b) *result = malloc(sizeof *result);
  if (result == NULL) return FASTMM_OUT_OF_MEMORY;
  *result = (struct FASTMM_GEMM(_b)){transb, n, k, b, ldb, NULL};
  const size_t bytes = FASTMM_GEMM(_packed_b_bytes)(n, k);
  if (bytes > 0) {
    result->packed = fastmm_allocate(bytes);
    at_real *copies = AT_COPIES_ON_STACK ? NULL : fastmm_allocate(threads * AT_COPIES * sizeof(at_real));
    if (result->packed == NULL || (copies == NULL && !AT_COPIES_ON_STACK)) {
      free(copies);
      free(result->packed);
      free(result);
      return FASTMM_OUT_OF_MEMORY;
    }
    at_team team;
    at_team_start(&team, threads);
    /* How B is packed depends on n and k alone. */
    at_task task = at_task_of(&team.runtime, 1, n, k, 1, 0, NULL, 0, SIZE_MAX, 1);
    at_take_b(&task, b, ldb, transb);
    task.b_packed = result->packed;
    task.copies = copies;
    task.copies_step = AT_COPIES;
    task.packs_b = 1;
    team.runtime.for_rows(&team.runtime, threads, at_pack, &task);
    at_team_end(&team);
    free(copies);
  }
  *packed = result;
  return FASTMM_OK;
}

int FASTMM_GEMM(_packed_b)(fastmm_transpose transa, size_t m, at_real alpha, const at_real *a, size_t lda,
                           const struct FASTMM_GEMM(_b) *packed, at_real beta, at_real *c, size_t ldc, size_t threads) {
  if (packed == NULL || !at_is_matrix(a, m, packed->k, lda, transa) ||
      !at_is_matrix(c, m, packed->n, ldc, FASTMM_NO_TRANSPOSE) || !at_is_thread_count(threads))
    return FASTMM_INVALID_ARGUMENT;
  const size_t n = packed->n, k = packed->k;
  if (m == 0 || n == 0 || k == 0 || alpha == 0) {
    at_scale_c(m, n, beta, c, ldc);
    return FASTMM_OK;
  }
  if (at_is_large(m, n, k)) {
    const size_t bound = fastmm_workspace_bound(m, k, n, sizeof(at_real));
    at_team team;
    team.runtime.threads = threads;
    at_task task = at_task_of(&team.runtime, m, n, k, alpha, beta, c, ldc, bound / sizeof(at_real), 1);
    const at_layout *s = &task.layout;
    const size_t bytes = (at_packed_a(s) + at_tiles(s, threads)) * sizeof(at_real);
    task.a_packed = bytes > bound ? NULL : fastmm_take_workspace(bytes);
    if (task.a_packed != NULL) {
      task.b_packed = packed->packed;
      task.tiles = task.a_packed + at_packed_a(s);
      at_take_a(&task, a, lda, transa);
      at_team_start(&team, threads);
      at_run(&task, 1);
      at_team_end(&team);
      fastmm_give_back_workspace(task.a_packed);
      return FASTMM_OK;
    }
  }
  return FASTMM_FALLBACK(transa, packed->transposed, m, n, k, alpha, a, lda, packed->data, packed->stride, beta, c, ldc,
                         threads);
}

void FASTMM_GEMM(_free_b)(struct FASTMM_GEMM(_b) *packed) {
  if (packed == NULL) return;
  free(packed->packed);
  free(packed);
}
