/* Combining: the blocks of C from a register tile of every product. */
#ifndef AT_PACKED_COMBINE_H
#define AT_PACKED_COMBINE_H

#include "lines.h"
#include "steps.h"
#include "task.h"

enum { AT_BLOCKS_C = AT_N * AT_P };

/* Adds factor times rows x columns values to C, or overwrites it, from (i, j) of block x on; what lies beyond the edge is left out. */
static void at_put(const at_grid *g, int x, size_t i, size_t j, size_t rows, size_t columns, at_real factor, const at_real *values,
                   size_t stride, at_real beta) {
  at_clip(g, x, i, j, &rows, &columns);
  if (rows == 0 || columns == 0) return;
  at_real *block = at_block(g, x, i, j);
  for (size_t r = 0; r < rows; r++) {
    at_real *restrict target = block + r * g->stride;
    const at_real *restrict value = values + r * stride;
    if (beta == 0)
      for (size_t c = 0; c < columns; c++) target[c] = factor * value[c];
    else if (beta == 1)
      for (size_t c = 0; c < columns; c++) target[c] = factor * value[c] + target[c];
    else
      for (size_t c = 0; c < columns; c++) target[c] = factor * value[c] + beta * target[c];
  }
}

/* For a program of one step. */
static void at_merge_whole(const at_task *t, size_t i, size_t j, size_t rows, const at_real *products) {
  const at_grid *g = &t->c;
  const size_t product_step = t->layout.tile_step;
  at_real *target[AT_BLOCKS_C];
  /* What is inside the matrix in the last block is inside every block, and overwrites nothing of the next one. */
  if (t->scale.alpha == 1 && t->scale.beta == 0 && at_inside(g, i, j, rows, AT_NR)) {
    for (int x = 0; x < AT_BLOCKS_C; x++) target[x] = at_block(g, x, i, j);
    t->merge(rows, AT_NR_LINES, products, product_step, target, g->stride);
    return;
  }
  at_real copies[AT_BLOCKS_C][AT_MICRO] __attribute__((aligned(64)));
  for (int x = 0; x < AT_BLOCKS_C; x++) target[x] = copies[x];
  at_merge_c(rows, AT_NR_LINES, products, product_step, target, AT_NR);
  for (int x = 0; x < AT_BLOCKS_C; x++) at_put(g, x, i, j, rows, AT_NR, t->scale.alpha, copies[x], AT_NR, t->scale.beta);
}

/* Rows that are combined at a time, so that those of all blocks stay in the first-level cache. */
enum { AT_ROWS_COMBINED = 4 };

/* The blocks of an outer block of C, as at_put has them. All of the rows and columns are inside the matrix. */
AT_INLINE void at_put_inside(const at_grid *g, int y, size_t i, size_t j, size_t rows, at_real factor,
                             const at_real values[AT_BLOCKS_C][AT_ROWS_COMBINED * AT_NR], const at_real beta) {
  for (int x = 0; x < AT_BLOCKS_C; x++) {
    at_real *block = at_block(g, at_inner_block(y, x, AT_OUTER_P, AT_N, AT_P), i, j);
    for (size_t r = 0; r < rows; r++)
      AT_UNROLL(8) for (size_t c = 0; c < AT_NR; c += AT_VL) {
        at_vector *element = (at_vector *)(block + r * g->stride + c);
        const at_vector value = factor * *(const at_vector *)(values[x] + r * AT_NR + c);
        if (beta == 0) *element = value;
        else *element = value + *element;
      }
  }
}

/* Prefetches rows of the blocks of an outer block of C. */
static inline void at_prefetch_rows(const at_grid *g, int y, size_t i, size_t j) {
  if (!at_inside(g, i, j, AT_ROWS_COMBINED, AT_NR)) return;
  for (int x = 0; x < AT_BLOCKS_C; x++) {
    const at_real *block = at_block(g, at_inner_block(y, x, AT_OUTER_P, AT_N, AT_P), i, j);
    for (size_t r = 0; r < AT_ROWS_COMBINED; r++)
      AT_UNROLL(8) for (size_t l = 0; l < AT_NR_LINES; l++) __builtin_prefetch(block + r * g->stride + l * AT_LINE, 1, 2);
  }
}

/*
 * The same for one step of several. Every element of C is rounded after each step, so that it makes no difference which steps are in one
 * group.
 */
static void at_merge_step(const at_task *t, size_t step, size_t i, size_t j, size_t all_rows, const at_real *products) {
  const at_grid *g = &t->c;
  at_real copies[AT_BLOCKS_C][AT_ROWS_COMBINED * AT_NR] __attribute__((aligned(64)));
  at_real *target[AT_BLOCKS_C];
  for (int x = 0; x < AT_BLOCKS_C; x++) target[x] = copies[x];
  for (size_t done = 0; done < all_rows; done += AT_ROWS_COMBINED, i += AT_ROWS_COMBINED) {
    const size_t rows = at_min(AT_ROWS_COMBINED, all_rows - done);
    const int is_inside = at_inside(g, i, j, rows, AT_NR);
    /* After the last rows come the first ones of the next register tile. */
    const int is_last = done + AT_ROWS_COMBINED >= all_rows;
    at_merge_c(rows, AT_NR_LINES, products + done * AT_NR, t->layout.tile_step, target, AT_NR);
    for (int y = 0; y < AT_OUTER_C; y++) {
      const at_real coefficient = at_outer_c[step][y], factor = t->scale.alpha * coefficient;
      if (coefficient == 0) continue;
      at_prefetch_rows(g, y, is_last ? i - done : i + AT_ROWS_COMBINED, is_last ? j + AT_NR : j);
      const at_real beta = at_is_first_of_c(step, y) ? t->scale.beta : 1;
      if (is_inside && beta == 0) at_put_inside(g, y, i, j, rows, factor, (const void *)copies, 0);
      else if (is_inside && beta == 1) at_put_inside(g, y, i, j, rows, factor, (const void *)copies, 1);
      else
        for (int x = 0; x < AT_BLOCKS_C; x++)
          at_put(g, at_inner_block(y, x, AT_OUTER_P, AT_N, AT_P), i, j, rows, AT_NR, factor, copies[x], AT_NR, beta);
    }
  }
}

/* So many rows of NR columns of every block of C, from (i, j) of the blocks on, from the products of a step. */
static inline void at_merge(const at_task *t, size_t step, size_t i, size_t j, size_t rows, const at_real *products) {
  if (AT_STEPS == 1) at_merge_whole(t, i, j, rows, products);
  else at_merge_step(t, step, i, j, rows, products);
}

#endif
