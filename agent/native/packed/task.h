/* Everything that the passes of one product share. */
#ifndef AT_PACKED_TASK_H
#define AT_PACKED_TASK_H

#include "../grid.h"
#include "../runtime.h"
#include "layout.h"
#include "transforms.h"

/* C = alpha A B + beta C. */
typedef struct {
  at_real alpha, beta;
} at_scale;

typedef struct {
  const at_runtime *runtime;
  at_layout layout;
  at_grid a, b, c;
  at_scale scale;
  at_merge_fn *merge;
  at_real *a_packed, *b_packed, *tiles;
  /* Where each thread may copy lines to while it packs (pack.h), and elements from one thread's place to the next. */
  at_real *copies;
  size_t copies_step;
  /* The part in progress: steps, and panels of a block, from the first of them on. */
  size_t step, steps, row_panel, row_panels, column_panel, column_panels;
  /* What of the part is to be packed; the next piece of it, and the next tile to compute, for whichever thread is free. */
  int packs_a, packs_b;
  size_t next_piece, next_tile;
  /* Whether packed operands are written past the caches. */
  int stream;
} at_task;

/* The clock of a program that is asked for its phases. */
static inline double at_now(const at_task *t) { return t->runtime->phase_seconds == NULL ? 0 : t->runtime->seconds(); }

/* A task of which A and B are not known yet. `limit`: elements of workspace (layout.h). */
static at_task at_task_of(const at_runtime *runtime, size_t m, size_t n, size_t k, at_real alpha, at_real beta, at_real *c,
                          size_t ldc, size_t limit, int b_is_packed) {
  at_task t = {.runtime = runtime,
               .layout = at_layout_of(m, k, n, runtime->threads, limit, b_is_packed),
               .scale = {alpha, beta},
               .steps = AT_STEPS};
  const at_layout *s = &t.layout;
  t.row_panels = s->row_panels;
  t.column_panels = s->column_panels;
  t.c = (at_grid){c, m, n, ldc, 0, s->rows, s->columns, AT_GRID_N, AT_GRID_P};
  t.merge = m * n * sizeof(at_real) > (size_t)AT_STREAM_BYTES / 2 && at_is_aligned(&t.c) ? at_merge_c_streaming : at_merge_c;
  t.stream = (at_packed_a(s) + at_packed_b(s)) * sizeof(at_real) > (size_t)AT_STREAM_BYTES;
  return t;
}

/* The grids of A and B are only read. */
static inline void at_take_a(at_task *t, const at_real *a, size_t lda, int transposed) {
  const at_layout *s = &t->layout;
  t->a = (at_grid){(at_real *)a, s->m, s->k, lda, transposed, s->rows, s->depth, AT_GRID_N, AT_GRID_M};
}

static inline void at_take_b(at_task *t, const at_real *b, size_t ldb, int transposed) {
  const at_layout *s = &t->layout;
  t->b = (at_grid){(at_real *)b, s->k, s->n, ldb, transposed, s->depth, s->columns, AT_GRID_M, AT_GRID_P};
}

#endif
