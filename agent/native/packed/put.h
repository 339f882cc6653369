/* Writing results into C where they may reach over its edge. */
#ifndef AT_PACKED_PUT_H
#define AT_PACKED_PUT_H

#include "lines.h"
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

#endif
