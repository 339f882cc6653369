/*
 * How a product is cut up, and where its parts are in the workspace. C = A B of m x k x n is cut into AT_N x AT_M, AT_M x AT_P
 * and AT_N x AT_P blocks; each of the AT_RANK products is one of rows x depth x columns. Its depth is cut into blocks of at
 * most AT_KC, of about equal size. For each product, in this order:
 *   A     [block of the depth][row panel][line of the depth][row][AT_LINE]   an element is broadcast, so nothing is transposed
 *   B     [block of the depth][column panel][row][AT_NR]
 *   tile  [row panel][column panel][AT_MR][AT_NR]
 * What the micro-kernel reads of a tile for one block of the depth lies together: panels that are half a second-level cache apart
 * would share a few of its sets.
 */
#ifndef AT_PACKED_LAYOUT_H
#define AT_PACKED_LAYOUT_H

#include "sizes.h"

typedef struct {
  size_t m, k, n;                      /* of the whole product */
  size_t rows, depth, columns;         /* of one block product */
  size_t kc;                           /* depth of a block of the depth, whole lines; the last one may have less */
  size_t row_panels, column_panels;    /* of one block */
  size_t a_step, b_step, tile_step;    /* elements from one product to the next */
  size_t tile_row_panels, tile_column_panels; /* of a tile */
  size_t tiles_down, tiles_across;
  /*
   * Near tiles are small, so that all products of one are still in the caches when they are combined. They pay only where a block
   * product is one block of the depth, because their panels are read more often.
   */
  int near;
} at_layout;

/*
 * Elements from one product to the next: an odd number of lines, so that any 64 products in a row begin in 64 different lines of a
 * page. With two different ones, as half pages make, splits were measured to take 1.6 times as long.
 */
static inline size_t at_product_step(size_t elements) { return (elements / AT_LINE | 1) * AT_LINE; }

/* Panels in a tile, where so many panels are shared by tiles of about equal size. */
static inline size_t at_balanced(size_t panels, size_t tiles) { return at_ceil(panels, at_max(1, at_min(tiles, panels))); }

static inline at_layout at_layout_of(size_t m, size_t k, size_t n, size_t threads) {
  at_layout s = {.m = m, .k = k, .n = n};
  s.rows = at_ceil(m, AT_N);
  s.depth = at_ceil(k, AT_M);
  /* Whole panels: every block then begins at a cache line if the first one does and rows are whole lines. */
  s.columns = at_ceil(n, AT_P * AT_NR) * AT_NR;
  s.row_panels = at_ceil(s.rows, AT_MR);
  s.column_panels = s.columns / AT_NR;
  s.kc = at_ceil(s.depth, at_ceil(s.depth, AT_KC) * AT_LINE) * AT_LINE;
  s.a_step = at_product_step(s.row_panels * AT_MR * at_ceil(s.depth, AT_LINE) * AT_LINE);
  s.b_step = at_product_step(s.column_panels * AT_NR * s.depth);
  s.near = AT_HAS_NEAR && s.depth <= AT_KC;
  const size_t columns = s.near ? at_min(AT_NEAR_COLUMNS, AT_TILE_COLUMNS) : AT_TILE_COLUMNS;
  const size_t rows = s.near ? at_min(AT_NEAR_ROWS, AT_TILE_ROWS) : AT_TILE_ROWS;
  s.tile_column_panels = at_balanced(s.column_panels, at_ceil(s.column_panels * AT_NR, columns));
  s.tiles_across = at_ceil(s.column_panels, s.tile_column_panels);
  size_t down = at_ceil(s.row_panels * AT_MR, rows);
  if (threads > 1) down = at_max(down, at_ceil(AT_TILES_PER_THREAD * threads, s.tiles_across));
  s.tile_row_panels = at_balanced(s.row_panels, down);
  s.tiles_down = at_ceil(s.row_panels, s.tile_row_panels);
  s.tile_step = at_product_step(s.tile_row_panels * s.tile_column_panels * AT_MICRO);
  return s;
}

/* Elements of workspace: the packed operands, and one tile of every product for each thread. */
static inline size_t at_packed_elements(const at_layout *s) { return AT_RANK * (s->a_step + s->b_step); }
static inline size_t at_workspace(const at_layout *s, size_t threads) {
  return at_packed_elements(s) + threads * AT_RANK * s->tile_step;
}

/* A block of the depth, from `first` on, which is a line of A's panels. */
typedef struct {
  size_t first, depth, lines;
} at_depth_block;

static inline at_depth_block at_depth_block_from(const at_layout *s, size_t first) {
  const size_t depth = at_min(s->kc, s->depth - first);
  return (at_depth_block){first, depth, at_ceil(depth, AT_LINE)};
}

/* Elements from a product's beginning to panel q of the block of the depth. */
static inline size_t at_a_panel(const at_layout *s, at_depth_block d, size_t q) {
  return AT_MR * (s->row_panels * d.first + q * d.lines * AT_LINE);
}
static inline size_t at_b_panel(const at_layout *s, at_depth_block d, size_t q) {
  return AT_NR * (s->column_panels * d.first + q * d.depth);
}

/*
 * Row panel q of a block: rows first <= i < first + count, which the micro-kernel computes as mr rows. Panels have AT_MR rows or one
 * less, as many as share a block's rows evenly, so that hardly any row is computed in vain.
 */
typedef struct {
  size_t first, count, mr;
} at_row_panel;

static inline at_row_panel at_row_panel_of(const at_layout *s, size_t q) {
  const size_t first = s->rows * q / s->row_panels, count = s->rows * (q + 1) / s->row_panels - first;
  return (at_row_panel){first, count, at_max(count, AT_LOW_MR)};
}

#endif
