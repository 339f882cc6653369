/*
 * Combining where there are several steps. The products of some steps are combined at a time; an element of C is read by the first of them
 * that adds to it and written by the last one. It is rounded after each step, so that it makes no difference which of them are combined
 * at a time.
 */
#ifndef AT_PACKED_COMBINE_STEPS_H
#define AT_PACKED_COMBINE_STEPS_H

#include "put.h"
#include "steps.h"

/* What a step adds to an outer block of C: factor times what comes out of its products, to beta times what was there. */
typedef struct {
  at_real factor, beta;
  unsigned short outer;
  /* Whether it is the first, and the last, of the steps combined at a time that add to this outer block. */
  unsigned char is_first, is_last;
  /* Whether the first one overwrites the outer block, without reading it. */
  unsigned char is_new;
} at_update;

/* The updates of so many steps. */
typedef struct {
  size_t steps;
  int count[AT_STEPS];
  at_update update[AT_STEPS][AT_OUTER_C];
} at_updates;

/* Rows that are combined at a time: two, so that those of all blocks stay in the first-level cache; one where two take too much stack. */
enum {
  AT_BLOCKS_GRID_C = AT_GRID_N * AT_GRID_P,
  AT_BYTES_OF_ROWS = (AT_BLOCKS_C + 2 * AT_BLOCKS_GRID_C) * AT_NR * sizeof(at_real),
  AT_ROWS_COMBINED = 2 * AT_BYTES_OF_ROWS + sizeof(at_updates) <= 40960 ? 2 : 1
};
typedef at_real at_rows_of_block[AT_ROWS_COMBINED * AT_NR];

/* Those of the steps that are combined from `first` on. */
static at_updates at_updates_of(const at_task *t, size_t first, size_t steps) {
  at_updates all = {.steps = steps};
  for (int y = 0; y < AT_OUTER_C; y++) {
    at_update *previous = NULL;
    for (size_t step = 0; step < steps; step++) {
      const at_real coefficient = at_outer_c[first + step][y];
      if (coefficient == 0) continue;
      const at_real beta = at_is_first_of_c(first + step, y) ? t->scale.beta : 1;
      at_update *u = &all.update[step][all.count[step]++];
      *u = (at_update){t->scale.alpha * coefficient, beta, y, previous == NULL, 1, previous == NULL ? beta == 0 : previous->is_new};
      if (previous != NULL) previous->is_last = 0;
      previous = u;
    }
  }
  return all;
}

/* Rows of NR elements, and how far they are from one another. */
typedef struct {
  at_real *first;
  size_t stride;
} at_rows;

/* to = factor values + beta from; `from` is not read if beta is 0. */
AT_INLINE void at_add_rows(size_t rows, at_real factor, const at_real *values, at_real beta, at_rows from, at_rows to, const int stream) {
  for (size_t r = 0; r < rows; r++)
    AT_UNROLL(8) for (size_t e = 0; e < AT_NR; e += AT_VL) {
      at_vector sum = factor * *(const at_vector *)(values + r * AT_NR + e);
      if (beta == 1) sum += *(const at_vector *)(from.first + r * from.stride + e);
      else if (beta != 0) sum += beta * *(const at_vector *)(from.first + r * from.stride + e);
      if (stream) at_stream(to.first + r * to.stride + e, sum);
      else *(at_vector *)(to.first + r * to.stride + e) = sum;
    }
}

/* Prefetches the rows after these. */
AT_INLINE void at_prefetch_rows_after(at_rows rows) {
  for (size_t r = AT_ROWS_COMBINED; r < 2 * AT_ROWS_COMBINED; r++)
    for (size_t l = 0; l < AT_NR_LINES; l++) __builtin_prefetch(rows.first + r * rows.stride + l * AT_LINE, 1);
}

/* The rows of every inner block of each outer one: where the blocks begin, and how far from there the rows do. */
typedef struct {
  at_real *block[AT_BLOCKS_GRID_C];
  size_t offset, stride;
  /* Whether they are written past the caches where they are not read before. */
  int stream;
} at_target;

/* At most AT_ROWS_COMBINED rows of NR columns of every block. */
static void at_update_rows(const at_updates *all, size_t rows, const at_real *products, size_t product_step, const at_target *c) {
  at_rows_of_block copies[AT_BLOCKS_C] __attribute__((aligned(64))), sums[AT_BLOCKS_GRID_C] __attribute__((aligned(64)));
  at_real *target[AT_BLOCKS_C];
  for (int x = 0; x < AT_BLOCKS_C; x++) target[x] = copies[x];
  for (size_t step = 0; step < all->steps; step++, products += AT_RANK * product_step) {
    at_merge_c(rows, AT_NR_LINES, products, product_step, target, AT_NR);
    for (int q = 0; q < all->count[step]; q++) {
      const at_update u = all->update[step][q];
      const int streams = c->stream && u.is_new;
      for (int x = 0; x < AT_BLOCKS_C; x++) {
        const int block = u.outer * AT_BLOCKS_C + x;
        const at_rows sum = {sums[block], AT_NR}, own = {c->block[block] + c->offset, c->stride};
        const at_rows from = u.is_first ? own : sum, to = u.is_last ? own : sum;
        if (u.is_first && !streams) at_prefetch_rows_after(own);
        if (u.beta != 1) at_add_rows(rows, u.factor, copies[x], u.beta, from, to, 0);
        else if (streams && u.is_last) at_add_rows(rows, u.factor, copies[x], 1, from, to, 1);
        else at_add_rows(rows, u.factor, copies[x], 1, from, to, 0);
      }
    }
  }
}

/* Inner block x % AT_BLOCKS_C of outer block x / AT_BLOCKS_C, as a block of the whole grid. */
static inline int at_grid_block(int block) { return at_inner_block(block / AT_BLOCKS_C, block % AT_BLOCKS_C, AT_OUTER_P, AT_N, AT_P); }

/* Copies so many rows of block x of C, from (i, j) on, as far as they are inside the matrix. */
static void at_read_rows(const at_grid *g, int x, size_t i, size_t j, size_t rows, at_real *copy) {
  size_t columns = AT_NR;
  at_clip(g, x, i, j, &rows, &columns);
  if (rows == 0 || columns == 0) return;
  const at_real *block = at_block(g, x, i, j);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) copy[r * AT_NR + c] = block[r * g->stride + c];
}

/* The same where they may reach over the edge of the matrix, from (i, j) of the blocks on: in a copy. */
static void at_update_rows_at_edge(const at_task *t, const at_updates *all, size_t i, size_t j, size_t rows, const at_real *products) {
  at_rows_of_block copies[AT_BLOCKS_GRID_C] __attribute__((aligned(64)));
  at_target copy = {.offset = 0, .stride = AT_NR, .stream = 0};
  int is_updated[AT_OUTER_C] = {0};
  for (int x = 0; x < AT_BLOCKS_GRID_C; x++) copy.block[x] = copies[x];
  for (size_t step = 0; step < all->steps; step++)
    for (int q = 0; q < all->count[step]; q++) {
      const at_update u = all->update[step][q];
      is_updated[u.outer] = 1;
      if (!u.is_first || u.is_new) continue;
      for (int x = u.outer * AT_BLOCKS_C; x < (u.outer + 1) * AT_BLOCKS_C; x++)
        at_read_rows(&t->c, at_grid_block(x), i, j, rows, copies[x]);
    }
  at_update_rows(all, rows, products, t->layout.tile_step, &copy);
  for (int x = 0; x < AT_BLOCKS_GRID_C; x++)
    if (is_updated[x / AT_BLOCKS_C]) at_put(&t->c, at_grid_block(x), i, j, rows, AT_NR, 1, copies[x], AT_NR, 0);
}

/* So many rows of so many column panels, row after row, so that what lies side by side in C is updated together. */
static void at_merge_steps(const at_task *t, size_t first, size_t steps, size_t i, size_t j, size_t all_rows, size_t panels,
                           const at_real *products) {
  const at_grid *g = &t->c;
  const at_updates all = at_updates_of(t, first, steps);
  at_target c = {.stride = g->stride, .stream = t->merge == at_merge_c_streaming};
  for (int x = 0; x < AT_BLOCKS_GRID_C; x++) c.block[x] = at_block(g, at_grid_block(x), i, j);
  for (size_t done = 0; done < all_rows; done += AT_ROWS_COMBINED) {
    const size_t rows = at_min(AT_ROWS_COMBINED, all_rows - done);
    for (size_t panel = 0; panel < panels; panel++) {
      const at_real *of_panel = products + panel * AT_MICRO + done * AT_NR;
      c.offset = done * g->stride + panel * AT_NR;
      if (at_inside(g, i, j + panel * AT_NR, all_rows, AT_NR)) at_update_rows(&all, rows, of_panel, t->layout.tile_step, &c);
      else at_update_rows_at_edge(t, &all, i + done, j + panel * AT_NR, rows, of_panel);
    }
  }
}

#endif
