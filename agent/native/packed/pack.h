/*
 * Packing: one pass over A and one over B compute every product's combination of blocks and write it into panels, as the micro-kernel
 * reads them (layout.h).
 */
#ifndef AT_PACKED_PACK_H
#define AT_PACKED_PACK_H

#include "lines.h"
#include "task.h"
#include <string.h>

enum {
  AT_MAX_ROWS = AT_MR > AT_B_ROWS_TRANSPOSED ? AT_MR : AT_B_ROWS_TRANSPOSED,
  AT_BLOCKS_OF_OPERAND = AT_N * AT_M > AT_M * AT_P ? AT_N * AT_M : AT_M * AT_P
};

/* Copies one line of each of so many rows of every block, the right way round and with zeros beyond the edge. */
static void at_copy_lines(const at_grid *g, size_t i, size_t j, size_t rows,
                          at_real copies[][AT_MAX_ROWS][AT_LINE]) {
  for (int x = 0; x < g->blocks_down * g->blocks_across; x++) {
    size_t height = rows, width = AT_LINE;
    at_clip(g, x, i, j, &height, &width);
    if (height < rows || width < AT_LINE) memset(copies[x], 0, sizeof copies[x]);
    if (height == 0 || width == 0) continue;
    const at_real *block = at_block(g, x, i, j);
    if (g->transposed)
      for (size_t c = 0; c < width; c++)
        for (size_t r = 0; r < height; r++) copies[x][r][c] = block[c * g->stride + r];
    else
      for (size_t r = 0; r < height; r++)
        for (size_t c = 0; c < width; c++) copies[x][r][c] = block[r * g->stride + c];
  }
}

/* Splits rows x lines lines of an operand, from (i, j) of its blocks on. */
static void at_split(const at_grid *g, at_split_fn *split, size_t i, size_t j, size_t rows, size_t lines,
                     at_real *packed, size_t product_step, size_t packed_row_step, size_t packed_line_step) {
  const at_real *source[AT_BLOCKS_OF_OPERAND];
  const int blocks = g->blocks_down * g->blocks_across;
  if (!g->transposed && at_inside(g, i, j, rows, lines * AT_LINE)) {
    for (int x = 0; x < blocks; x++) source[x] = at_block(g, x, i, j);
    split(rows, lines, source, g->stride, packed, product_step, packed_row_step, packed_line_step);
    return;
  }
  at_real copies[AT_BLOCKS_OF_OPERAND][AT_MAX_ROWS][AT_LINE] __attribute__((aligned(64)));
  for (int x = 0; x < blocks; x++) source[x] = copies[x][0];
  for (size_t l = 0; l < lines; l++) {
    at_copy_lines(g, i, j + l * AT_LINE, rows, copies);
    split(rows, 1, source, AT_LINE, packed + l * packed_line_step, product_step, packed_row_step, packed_line_step);
  }
}

/* Packs the row panels first <= q < last of A, an at_rows_fn on a task. */
static void at_pack_a(void *argument, size_t first, size_t last) {
  const at_task *t = argument;
  const at_layout *s = &t->layout;
  at_split_fn *split = t->stream ? at_split_a_streaming : at_split_a;
  for (size_t q = first; q < last; q++) {
    const at_row_panel p = at_row_panel_of(s, q);
    const size_t line = p.mr * AT_LINE;
    for (size_t from = 0; from < s->depth; from += s->kc) {
      const at_depth_block d = at_depth_block_from(s, from);
      at_real *panel = t->a_packed + at_a_panel(s, d, q);
      for (size_t l = 0; l < d.lines; l += AT_A_LINES)
        at_split(&t->a, split, p.first, from + l * AT_LINE, p.count, at_min(AT_A_LINES, d.lines - l), panel + l * line,
                 s->a_step, AT_LINE, line);
    }
  }
  at_stream_end();
}

/* Packs the column panels first <= q < last of B, an at_rows_fn on a task. */
static void at_pack_b(void *argument, size_t first, size_t last) {
  const at_task *t = argument;
  const at_layout *s = &t->layout;
  at_split_fn *split = t->stream ? at_split_b_streaming : at_split_b;
  /* Transposed or not, B is read in the order in which it lies in memory, some lines at a time. */
  const size_t rows = t->b.transposed ? AT_B_ROWS_TRANSPOSED : AT_B_ROWS;
  for (; first < last; first += AT_B_PANELS)
    for (size_t from = 0; from < s->depth; from += s->kc) {
      const at_depth_block d = at_depth_block_from(s, from);
      for (size_t l = 0; l < d.depth; l += rows)
        for (size_t q = first; q < at_min(last, first + AT_B_PANELS); q++)
          at_split(&t->b, split, from + l, q * AT_NR, at_min(rows, d.depth - l), AT_NR_LINES,
                   t->b_packed + at_b_panel(s, d, q) + l * AT_NR, s->b_step, AT_NR, AT_LINE);
    }
  at_stream_end();
}

#endif
