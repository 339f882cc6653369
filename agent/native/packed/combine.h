/* Combining: the blocks of C from register tiles of every product. */
#ifndef AT_PACKED_COMBINE_H
#define AT_PACKED_COMBINE_H

#include "combine_steps.h"

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

/* So many rows of so many column panels of every block of C, from (i, j) of the blocks on, from the products of these steps. */
static inline void at_merge(const at_task *t, size_t first, size_t steps, size_t i, size_t j, size_t rows, size_t panels,
                            const at_real *products) {
  if (AT_STEPS > 1) at_merge_steps(t, first, steps, i, j, rows, panels, products);
  else
    for (size_t panel = 0; panel < panels; panel++) at_merge_whole(t, i, j + panel * AT_NR, rows, products + panel * AT_MICRO);
}

#endif
