/* Combining: the blocks of C from a register tile of every product. */
#ifndef AT_PACKED_COMBINE_H
#define AT_PACKED_COMBINE_H

#include "lines.h"
#include "task.h"

enum { AT_BLOCKS_OF_C = AT_N * AT_P };

/* So many rows of NR columns of every block of C, from (i, j) of the blocks on. */
static void at_merge(const at_grid *g, at_merge_fn *merge, const at_scale *scale, size_t i, size_t j, size_t rows,
                     const at_real *products, size_t product_step) {
  at_real *target[AT_BLOCKS_OF_C];
  /* What is inside the matrix in the last block is inside every block, and overwrites nothing of the next one. */
  if (scale->alpha == 1 && scale->beta == 0 && at_inside(g, i, j, rows, AT_NR)) {
    for (int x = 0; x < AT_BLOCKS_OF_C; x++) target[x] = at_block(g, x, i, j);
    merge(rows, AT_NR_LINES, products, product_step, target, g->stride);
    return;
  }
  at_real copies[AT_BLOCKS_OF_C][AT_MR][AT_LINE] __attribute__((aligned(64)));
  for (int x = 0; x < AT_BLOCKS_OF_C; x++) target[x] = copies[x][0];
  for (size_t l = 0; l < AT_NR_LINES; l++, j += AT_LINE) {
    at_merge_c(rows, 1, products + l * AT_LINE, product_step, target, AT_LINE);
    for (int x = 0; x < AT_BLOCKS_OF_C; x++) {
      size_t height = rows, width = AT_LINE;
      at_clip(g, x, i, j, &height, &width);
      if (height == 0 || width == 0) continue;
      at_real *block = at_block(g, x, i, j);
      for (size_t r = 0; r < height; r++)
        for (size_t c = 0; c < width; c++) {
          at_real *element = block + r * g->stride + c, value = scale->alpha * copies[x][r][c];
          *element = scale->beta == 0 ? value : value + scale->beta * *element;
        }
    }
  }
}

#endif
