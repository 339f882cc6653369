/*
 * The packed engine: C = alpha op(A) op(B) + beta C by a bilinear algorithm with AT_RANK products, in three passes.
 *   1. One pass over A and one over B compute all combinations of their blocks and write them packed, as a GEMM's micro-kernel
 *      reads them.
 *   2. Tile by tile of C's blocks, the AT_RANK plain products are computed from the packed operands,
 *   3. and one pass combines them into C.
 * (Goto & van de Geijn 2008 for the packing; Benson & Ballard 2015 and Huang et al. 2016, "Strassen's algorithm reloaded", for
 * combining while packing.)
 *
 * Start reading at at_run below: it is the whole product, a pass a line. Then
 *   packed/layout.h        how a product is cut into blocks, panels and tiles, and where they are in the workspace
 *   packed/pack.h          pass 1, over the generated splits
 *   packed/tiles.h         the loop over tiles, of passes 2 and 3
 *   packed/macro_kernel.h  pass 2 for one tile and one product: the calls of the micro-kernel
 *   packed/micro_kernel.h  MR x NR sums in registers: nearly all the time is spent here
 *   packed/combine.h       pass 3 for one register tile, over the generated merge
 *   packed/transforms.h    what the generated splits and the merge take
 *   packed/lines.h         what they are written in
 *   packed/sizes.h         what a generated program defines: number format, algorithm, MR, NR, KC, tiles
 *   packed/task.h, grid.h  the state of one product; a matrix cut into blocks
 *
 * A generated program defines what packed/sizes.h lists, includes this file, and then defines the transforms of
 * packed/transforms.h. What it is lent to run on is in runtime.h.
 */
#ifndef AT_PACKED_H
#define AT_PACKED_H

#include "packed/pack.h"
#include "packed/tiles.h"

/* Packs A, and B if it is not packed yet, and multiplies. */
static void at_run(at_task *t, int b_is_packed) {
  const at_runtime *runtime = t->runtime;
  const double start = at_now(t);
  runtime->for_rows(runtime, t->layout.row_panels, at_pack_a, t);
  if (!b_is_packed) runtime->for_rows(runtime, t->layout.column_panels, at_pack_b, t);
  if (runtime->phase_seconds != NULL) runtime->phase_seconds[AT_PHASE_PACK] += at_now(t) - start;
  runtime->for_rows(runtime, runtime->threads, at_multiply_tiles, t);
}

/* C = beta C, which is not read if beta is 0. */
static void at_scale_c(size_t m, size_t n, at_real beta, at_real *c, size_t ldc) {
  if (beta == 1) return;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) c[i * ldc + j] = beta == 0 ? 0 : beta * c[i * ldc + j];
}

/*
 * C = alpha op(A) op(B) + beta C, C m x n and k the depth. As in the BLAS, C is not read if beta is 0, and A and B are not if alpha
 * is. The workspace has at_workspace_bytes bytes and is aligned to 64.
 */
static void at_gemm(const at_runtime *runtime, size_t m, size_t n, size_t k, at_real alpha, const at_real *a, size_t lda,
                    int a_transposed, const at_real *b, size_t ldb, int b_transposed, at_real beta, at_real *c,
                    size_t ldc, void *workspace) {
  if (m == 0 || n == 0) return;
  if (k == 0 || alpha == 0) {
    at_scale_c(m, n, beta, c, ldc);
    return;
  }
  at_task t = at_task_of(runtime, m, n, k, alpha, beta, c, ldc);
  at_take_a(&t, a, lda, a_transposed);
  at_take_b(&t, b, ldb, b_transposed);
  t.a_packed = workspace;
  t.b_packed = t.a_packed + AT_RANK * t.layout.a_step;
  t.tiles = t.b_packed + AT_RANK * t.layout.b_step;
  at_run(&t, 0);
}

static size_t at_workspace_bytes(size_t m, size_t k, size_t n, size_t threads) {
  if (m == 0 || k == 0 || n == 0) return 0;
  const at_layout s = at_layout_of(m, k, n, threads);
  return at_workspace(&s, threads) * sizeof(at_real);
}

/* C = A B, as at_program_t has it (candidate.h). */
static inline void at_multiply(const at_runtime *runtime, size_t m, size_t k, size_t n, const void *a, size_t lda,
                               const void *b, size_t ldb, void *c, size_t ldc, void *workspace) {
  at_gemm(runtime, m, n, k, 1, a, lda, 0, b, ldb, 0, 0, c, ldc, workspace);
}

#endif
