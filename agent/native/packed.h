/*
 * The packed engine: C = alpha op(A) op(B) + beta C by a bilinear algorithm with AT_RANK products, in three passes.
 *   1. One pass over A and one over B compute all combinations of their blocks and write them packed, as a GEMM's micro-kernel
 *      reads them.
 *   2. Tile by tile of C's blocks, the AT_RANK plain products are computed from the packed operands,
 *   3. and one pass combines them into C.
 * Where the workspace is bounded, all of it is done for a part of the product after the other (packed/layout.h).
 * (Goto & van de Geijn 2008 for the packing; Benson & Ballard 2015 and Huang et al. 2016, "Strassen's algorithm reloaded", for
 * combining while packing.)
 *
 * Start reading at at_run below: it is the whole product, a pass a line. Then
 *   packed/layout.h        how a product is cut into parts, blocks, panels and tiles, and where they are in the workspace
 *   packed/steps.h         the level above the generated transforms, where there is one
 *   packed/pack.h          pass 1, over the generated splits
 *   packed/transpose.h     a square of an operand that lies transposed
 *   packed/tiles.h         the loop over tiles, of passes 2 and 3
 *   packed/macro_kernel.h  pass 2 for one tile and one product: the calls of the micro-kernel
 *   packed/micro_kernel.h  MR x NR sums in registers: nearly all the time is spent here
 *   packed/combine.h       pass 3 for some register tiles, over the generated merge
 *   packed/combine_steps.h the same where there are several steps
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

/* Packs what is not packed yet of the part's operands, and multiplies it. */
static void at_run_part(at_task *t, int packs_a, int packs_b) {
  const at_runtime *runtime = t->runtime;
  const double start = at_now(t);
  t->copies = t->tiles;
  t->copies_step = at_tiles(&t->layout, 1);
  t->packs_a = packs_a;
  t->packs_b = packs_b;
  t->next_piece = 0;
  runtime->for_rows(runtime, runtime->threads, at_pack, t);
  if (runtime->phase_seconds != NULL) runtime->phase_seconds[AT_PHASE_PACK] += at_now(t) - start;
  t->next_tile = 0;
  runtime->for_rows(runtime, runtime->threads, at_multiply_tiles, t);
}

/*
 * All parts: for each group of steps, each slab of one operand while those of the other one pass, forth and back, so that the last one
 * is the first of the next pass and need not be packed again.
 */
static void at_run(at_task *t, int b_is_packed) {
  const at_layout *s = &t->layout;
  const size_t down = at_ceil(s->row_panels, s->part_row_panels), across = at_ceil(s->column_panels, s->part_column_panels);
  const size_t passing = s->a_stays ? across : down;
  for (t->step = 0; t->step < AT_STEPS; t->step += s->part_steps) {
    t->steps = at_min(s->part_steps, AT_STEPS - t->step);
    size_t a_in_place = down, b_in_place = b_is_packed ? 0 : across;
    for (size_t x = 0; x < down * across; x++) {
      const size_t stays = x / passing, passes = stays % 2 == 0 ? x % passing : passing - 1 - x % passing;
      const size_t row_slab = s->a_stays ? stays : passes, column_slab = s->a_stays ? passes : stays;
      t->row_panel = row_slab * s->part_row_panels;
      t->row_panels = at_min(s->part_row_panels, s->row_panels - t->row_panel);
      t->column_panel = column_slab * s->part_column_panels;
      t->column_panels = at_min(s->part_column_panels, s->column_panels - t->column_panel);
      at_run_part(t, row_slab != a_in_place, column_slab != b_in_place);
      a_in_place = row_slab;
      b_in_place = column_slab;
    }
  }
}

/* C = beta C, which is not read if beta is 0. */
static void at_scale_c(size_t m, size_t n, at_real beta, at_real *c, size_t ldc) {
  if (beta == 1) return;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) c[i * ldc + j] = beta == 0 ? 0 : beta * c[i * ldc + j];
}

/*
 * C = alpha op(A) op(B) + beta C, C m x n and k the depth. As in the BLAS, C is not read if beta is 0, and A and B are not if alpha
 * is. The workspace has at_workspace_bytes bytes for the same limit, and is aligned to 64. The limit makes no difference to the result.
 */
static void at_gemm(const at_runtime *runtime, size_t m, size_t n, size_t k, at_real alpha, const at_real *a, size_t lda,
                    int a_transposed, const at_real *b, size_t ldb, int b_transposed, at_real beta, at_real *c,
                    size_t ldc, void *workspace, size_t limit) {
  if (m == 0 || n == 0) return;
  if (k == 0 || alpha == 0) {
    at_scale_c(m, n, beta, c, ldc);
    return;
  }
  at_task t = at_task_of(runtime, m, n, k, alpha, beta, c, ldc, limit / sizeof(at_real), 0);
  at_take_a(&t, a, lda, a_transposed);
  at_take_b(&t, b, ldb, b_transposed);
  t.a_packed = workspace;
  t.b_packed = t.a_packed + at_packed_a(&t.layout);
  t.tiles = t.b_packed + at_packed_b(&t.layout);
  at_run(&t, 0);
}

/*
 * Bytes of workspace for a product: as many as it is fastest with, or at most `limit` where it can do with so few. Where it cannot,
 * the fewest it can do with, which are more than the limit.
 */
static size_t at_workspace_bytes(size_t m, size_t k, size_t n, size_t threads, size_t limit) {
  if (m == 0 || k == 0 || n == 0) return 0;
  const at_layout s = at_layout_of(m, k, n, threads, limit / sizeof(at_real), 0);
  return at_workspace(&s, threads) * sizeof(at_real);
}

/* C = A B, as at_program_t has it (candidate.h). */
static inline void at_multiply(const at_runtime *runtime, size_t m, size_t k, size_t n, const void *a, size_t lda,
                               const void *b, size_t ldb, void *c, size_t ldc, void *workspace, size_t limit) {
  at_gemm(runtime, m, n, k, 1, a, lda, 0, b, ldb, 0, 0, c, ldc, workspace, limit);
}

/* The same of operands of which some lie transposed. */
static inline void at_multiply_as_they_lie(const at_runtime *runtime, size_t m, size_t k, size_t n, const at_operands *x, void *c,
                                           size_t ldc, void *workspace, size_t limit) {
  at_gemm(runtime, m, n, k, 1, x->a, x->lda, x->a_transposed, x->b, x->ldb, x->b_transposed, 0, c, ldc, workspace, limit);
}

#endif
