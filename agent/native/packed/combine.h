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

enum {
  AT_ROW_OF_BLOCKS_C = AT_BLOCKS_C * AT_NR * sizeof(at_real),
  /* Rows of all blocks that are copied at a time. */
  AT_ROWS_COPIED = AT_ROW_OF_BLOCKS_C * AT_MR <= AT_STACK_BYTES_OF_COPIES   ? AT_MR
                   : AT_ROW_OF_BLOCKS_C * 2 <= AT_STACK_BYTES_OF_COPIES ? AT_STACK_BYTES_OF_COPIES / AT_ROW_OF_BLOCKS_C
                                                                         : 1
};

/* Combines into copies, and puts those into C. Apart, so that the copies take no stack of the rest. */
static __attribute__((noinline)) void at_merge_copied(const at_task *t, size_t i, size_t j, size_t rows, const at_real *products) {
  at_real copies[AT_BLOCKS_C][AT_ROWS_COPIED * AT_NR] __attribute__((aligned(64)));
  at_real *target[AT_BLOCKS_C];
  for (int x = 0; x < AT_BLOCKS_C; x++) target[x] = copies[x];
  for (size_t done = 0; done < rows; done += AT_ROWS_COPIED) {
    const size_t height = at_min(AT_ROWS_COPIED, rows - done);
    at_merge_c(height, AT_NR_LINES, products + done * AT_NR, t->layout.tile_step, target, AT_NR);
    for (int x = 0; x < AT_BLOCKS_C; x++)
      at_put(&t->c, x, i + done, j, height, AT_NR, t->scale.alpha, copies[x], AT_NR, t->scale.beta);
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
  at_merge_copied(t, i, j, rows, products);
}

/* Rows that are combined at a time, so that those of all blocks stay in the first-level cache. */
enum { AT_BLOCKS_GRID_C = AT_GRID_N * AT_GRID_P, AT_ROWS_COMBINED = (AT_BLOCKS_C + AT_BLOCKS_GRID_C) * AT_NR * sizeof(at_real) > 20480 ? 1 : 2 };
typedef at_real at_rows_of_block[AT_ROWS_COMBINED * AT_NR];

/* Copies so many rows of block x of C, from (i, j) on, as far as they are inside the matrix. */
static void at_read_rows(const at_grid *g, int x, size_t i, size_t j, size_t rows, at_real *copy) {
  size_t columns = AT_NR;
  at_clip(g, x, i, j, &rows, &columns);
  if (rows == 0 || columns == 0) return;
  const at_real *block = at_block(g, x, i, j);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) copy[r * AT_NR + c] = block[r * g->stride + c];
}

static void at_write_rows(const at_task *t, int x, size_t i, size_t j, size_t rows, const at_real *values) {
  const at_grid *g = &t->c;
  if (t->merge == at_merge_c_streaming && at_inside(g, i, j, rows, AT_NR)) {
    at_real *block = at_block(g, x, i, j);
    for (size_t r = 0; r < rows; r++)
      for (size_t c = 0; c < AT_NR; c += AT_VL) at_stream(block + r * g->stride + c, *(const at_vector *)(values + r * AT_NR + c));
    return;
  }
  at_put(g, x, i, j, rows, AT_NR, 1, values, AT_NR, 0);
}

/* Prefetches rows that will be added to: of each outer block that steps before the first have written, every block. */
static void at_prefetch_rows(const at_task *t, size_t first, size_t i, size_t j) {
  const at_grid *g = &t->c;
  if (!at_inside(g, i, j, AT_ROWS_COMBINED, AT_NR)) return;
  for (int y = 0; y < AT_OUTER_C; y++) {
    if (at_is_first_of_c(first, y)) continue;
    for (int x = 0; x < AT_BLOCKS_C; x++) {
      const at_real *block = at_block(g, at_inner_block(y, x, AT_OUTER_P, AT_N, AT_P), i, j);
      for (size_t r = 0; r < AT_ROWS_COMBINED; r++)
        for (size_t l = 0; l < AT_NR_LINES; l++) __builtin_prefetch(block + r * g->stride + l * AT_LINE, 1, 2);
    }
  }
}

/* Adds factor times the values to sums, or beta times the sums; overwrites them if beta is 0. */
static inline void at_add_rows(size_t elements, at_real factor, const at_real *values, at_real beta, at_real *sums) {
  for (size_t e = 0; e < elements; e += AT_VL) {
    const at_vector value = factor * *(const at_vector *)(values + e);
    at_vector *sum = (at_vector *)(sums + e);
    if (beta == 0) *sum = value;
    else if (beta == 1) *sum = value + *sum;
    else *sum = value + beta * *sum;
  }
}

/*
 * For some steps of several. Every element of C is rounded after each step, so that it makes no difference which of them are combined
 * at a time.
 */
static void at_merge_steps(const at_task *t, size_t first, size_t steps, size_t i, size_t j, size_t all_rows, const at_real *products) {
  const at_grid *g = &t->c;
  const at_layout *s = &t->layout;
  at_rows_of_block copies[AT_BLOCKS_C] __attribute__((aligned(64))), sums[AT_BLOCKS_GRID_C] __attribute__((aligned(64)));
  at_real *target[AT_BLOCKS_C];
  for (int x = 0; x < AT_BLOCKS_C; x++) target[x] = copies[x];
  for (size_t done = 0; done < all_rows; done += AT_ROWS_COMBINED, i += AT_ROWS_COMBINED) {
    const size_t rows = at_min(AT_ROWS_COMBINED, all_rows - done);
    int is_summed[AT_OUTER_C] = {0};
    if (first > 0) {
      /* After the last rows come the first ones of the next register tile. */
      const int is_last = done + AT_ROWS_COMBINED >= all_rows;
      at_prefetch_rows(t, first, is_last ? i - done : i + AT_ROWS_COMBINED, is_last ? j + AT_NR : j);
    }
    for (size_t step = 0; step < steps; step++) {
      at_merge_c(rows, AT_NR_LINES, products + step * AT_RANK * s->tile_step + done * AT_NR, s->tile_step, target, AT_NR);
      for (int y = 0; y < AT_OUTER_C; y++) {
        const at_real coefficient = at_outer_c[first + step][y];
        if (coefficient == 0) continue;
        const at_real beta = at_is_first_of_c(first + step, y) ? t->scale.beta : 1;
        for (int x = 0; x < AT_BLOCKS_C; x++) {
          const int block = at_inner_block(y, x, AT_OUTER_P, AT_N, AT_P);
          if (!is_summed[y] && beta != 0) at_read_rows(g, block, i, j, rows, sums[block]);
          at_add_rows(rows * AT_NR, t->scale.alpha * coefficient, copies[x], beta, sums[block]);
        }
        is_summed[y] = 1;
      }
    }
    for (int y = 0; y < AT_OUTER_C; y++)
      for (int x = 0; x < AT_BLOCKS_C && is_summed[y]; x++) {
        const int block = at_inner_block(y, x, AT_OUTER_P, AT_N, AT_P);
        at_write_rows(t, block, i, j, rows, sums[block]);
      }
  }
}

/* So many rows of NR columns of every block of C, from (i, j) of the blocks on, from the products of these steps. */
static inline void at_merge(const at_task *t, size_t first, size_t steps, size_t i, size_t j, size_t rows, const at_real *products) {
  if (AT_STEPS == 1) at_merge_whole(t, i, j, rows, products);
  else at_merge_steps(t, first, steps, i, j, rows, products);
}

#endif
