/*
 * A, B or C as the caller has it, cut into a grid of equal blocks. Block x is block (x / blocks_across, x % blocks_across).
 * Blocks are rounded up, so the last ones may reach over the edge of the matrix: what lies beyond it counts as zero, and is
 * neither read nor written.
 */
#ifndef AT_GRID_H
#define AT_GRID_H

#include "arithmetic.h"
#include <stdint.h>

typedef struct {
  at_real *data;
  size_t height, width; /* of op(X), that is after transposition */
  size_t stride;        /* elements from one row to the next in memory */
  int transposed;       /* element (i, j) is at j * stride + i */
  size_t block_height, block_width;
  int blocks_down, blocks_across;
} at_grid;

/* Where element (i, j) is. */
static inline at_real *at_at(const at_grid *g, size_t i, size_t j) {
  return g->data + (g->transposed ? j * g->stride + i : i * g->stride + j);
}

/* Where element (i, j) of block x is. */
static inline at_real *at_block(const at_grid *g, int x, size_t i, size_t j) {
  return at_at(g, x / g->blocks_across * g->block_height + i, x % g->blocks_across * g->block_width + j);
}

/* Whether rows x columns elements, from (i, j) of a block on, lie inside the matrix in every block. */
static inline int at_inside(const at_grid *g, size_t i, size_t j, size_t rows, size_t columns) {
  return (g->blocks_down - 1) * g->block_height + i + rows <= g->height &&
         (g->blocks_across - 1) * g->block_width + j + columns <= g->width;
}

/* Cuts rows x columns elements, from (i, j) of block x on, down to those that lie inside both the block and the matrix. */
static inline void at_clip(const at_grid *g, int x, size_t i, size_t j, size_t *rows, size_t *columns) {
  const size_t top = x / g->blocks_across * g->block_height, left = x % g->blocks_across * g->block_width;
  const size_t bottom = at_min(g->height, top + g->block_height), right = at_min(g->width, left + g->block_width);
  *rows = top + i < bottom ? at_min(*rows, bottom - top - i) : 0;
  *columns = left + j < right ? at_min(*columns, right - left - j) : 0;
}

/* Whether every line of every block is a whole cache line. */
static inline int at_is_aligned(const at_grid *g) {
  return ((uintptr_t)g->data | g->stride * sizeof(at_real) | g->block_width * sizeof(at_real)) % 64 == 0;
}

#endif
