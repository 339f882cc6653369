/*
 * Packing: one pass over A and one over B compute every product's combination of blocks and write it into panels, as the micro-kernel
 * reads them (layout.h). Where the workspace is bounded, a pass is over a slab, for a group of steps.
 */
#ifndef AT_PACKED_PACK_H
#define AT_PACKED_PACK_H

#include "lines.h"
#include "steps.h"
#include "task.h"
#include "transpose.h"
#include <string.h>

enum {
  AT_BLOCKS_A = AT_N * AT_M,
  AT_BLOCKS_B = AT_M * AT_P,
  AT_MOST_BLOCKS = AT_BLOCKS_A > AT_BLOCKS_B ? AT_BLOCKS_A : AT_BLOCKS_B,
  /* Lines of a block that are combined at a time, so that those of all blocks stay in the first-level cache. */
  AT_LINES_COMBINED = AT_A_LINES * (AT_MOST_BLOCKS > 32 ? 1 : 2)
};

typedef at_real at_copied_lines[AT_MAX_ROWS][AT_LINE];

/* An operand, and where it is packed to. */
typedef struct {
  const at_grid *grid;
  at_split_fn *split;
  /* What each step has of each outer block; the outer blocks, and the blocks of one of them. */
  const at_real *coefficients;
  int outer_down, outer_across, down, across;
  size_t first_step, steps;
  size_t product_step, row_step, line_step;
  /* The thread's place for copies; unused where they are on the stack. */
  at_copied_lines *copies;
} at_operand;

/*
 * Copies a line of each of so many rows of a block that lies transposed. `readable` rows of the matrix are there, also beyond the block;
 * copies may have more rows than are wanted.
 */
static void at_copy_transposed(const at_real *block, size_t stride, size_t rows, size_t readable, at_real (*copies)[AT_LINE]) {
  size_t r = 0;
  for (; r < rows && r + AT_VL <= at_min(readable, AT_MAX_ROWS); r += AT_VL)
    for (size_t c = 0; c < AT_LINE; c += AT_VL) at_transpose_square(block + c * stride + r, stride, &copies[r][c], AT_LINE);
  for (; r < rows; r++)
    for (size_t c = 0; c < AT_LINE; c++) copies[r][c] = block[c * stride + r];
}

/* Copies one line of each of so many rows of every block, the right way round and with zeros beyond the edge. */
static void at_copy_lines(const at_grid *g, size_t i, size_t j, size_t rows, at_copied_lines *copies) {
  for (int x = 0; x < g->blocks_down * g->blocks_across; x++) {
    size_t height = rows, width = AT_LINE;
    at_clip(g, x, i, j, &height, &width);
    if (height < rows || width < AT_LINE) memset(copies[x], 0, sizeof copies[x]);
    if (height == 0 || width == 0) continue;
    const at_real *block = at_block(g, x, i, j);
    if (g->transposed && width == AT_LINE && height == rows)
      at_copy_transposed(block, g->stride, rows, g->height - x / g->blocks_across * g->block_height - i, copies[x]);
    else if (g->transposed)
      for (size_t c = 0; c < width; c++)
        for (size_t r = 0; r < height; r++) copies[x][r][c] = block[c * g->stride + r];
    else
      for (size_t r = 0; r < height; r++)
        for (size_t c = 0; c < width; c++) copies[x][r][c] = block[r * g->stride + c];
  }
}

/* The sum of so many lines of `terms` places, each times its coefficient, in each of the rows. */
AT_INLINE void at_add_up(const int terms, const at_real *coefficient, const at_real *const *from, size_t stride, size_t rows,
                         size_t lines, at_real *to) {
  for (size_t i = 0; i < rows; i++)
    for (size_t e = 0; e < lines * AT_LINE; e += AT_VL) {
      at_vector sum = coefficient[0] * *(const at_vector *)(from[0] + i * stride + e);
      AT_UNROLL(4) for (int x = 1; x < terms; x++) sum += coefficient[x] * *(const at_vector *)(from[x] + i * stride + e);
      *(at_vector *)(to + i * lines * AT_LINE + e) = sum;
    }
}

/* Splits rows x lines lines, at most AT_LINES_COMBINED, of what one step has of the blocks in `source`. */
static void at_split_step(const at_operand *o, size_t step, const at_real *const *source, size_t stride, size_t rows, size_t lines,
                          at_real *packed) {
  const int blocks = o->down * o->across, outer = o->outer_down * o->outer_across;
  const at_terms terms = at_terms_of(o->coefficients + step * outer, outer);
  at_real sums[AT_MOST_BLOCKS][AT_LINES_COMBINED * AT_LINE] __attribute__((aligned(64)));
  const at_real *combined[AT_MOST_BLOCKS];
  const int is_block = terms.count == 1 && terms.coefficient[0] == 1;
  for (int x = 0; x < blocks; x++) {
    const at_real *from[AT_MOST_OUTER];
    for (int y = 0; y < terms.count; y++) from[y] = source[at_inner_block(terms.block[y], x, o->outer_across, o->down, o->across)];
    combined[x] = is_block ? from[0] : sums[x];
    if (is_block) continue;
    const at_real *coefficient = terms.coefficient;
    switch (terms.count) {
      case 1: at_add_up(1, coefficient, from, stride, rows, lines, sums[x]); break;
      case 2: at_add_up(2, coefficient, from, stride, rows, lines, sums[x]); break;
      case 3: at_add_up(3, coefficient, from, stride, rows, lines, sums[x]); break;
      case 4: at_add_up(4, coefficient, from, stride, rows, lines, sums[x]); break;
      default: at_add_up(terms.count, coefficient, from, stride, rows, lines, sums[x]);
    }
  }
  o->split(rows, lines, combined, is_block ? stride : lines * AT_LINE, packed, o->product_step, o->row_step, o->line_step);
}

/* Splits rows x lines lines of the blocks in `source`, for all steps of the group. */
static void at_split_lines(const at_operand *o, const at_real *const *source, size_t stride, size_t rows, size_t lines, at_real *packed) {
  if (AT_STEPS == 1) {
    o->split(rows, lines, source, stride, packed, o->product_step, o->row_step, o->line_step);
    return;
  }
  const at_real *rest[AT_GRID_BLOCKS];
  const int blocks = o->grid->blocks_down * o->grid->blocks_across;
  const size_t at_a_time = AT_LINES_COMBINED / lines;
  for (size_t i = 0; i < rows; i += at_a_time) {
    for (int x = 0; x < blocks; x++) rest[x] = source[x] + i * stride;
    for (size_t step = 0; step < o->steps; step++)
      at_split_step(o, o->first_step + step, rest, stride, at_min(at_a_time, rows - i), lines,
                    packed + step * AT_RANK * o->product_step + i * o->row_step);
  }
}

/* The same of an operand whose blocks are copied first. */
static void at_split_copies(const at_operand *o, size_t i, size_t j, size_t rows, size_t lines, at_copied_lines *copies, at_real *packed) {
  const at_real *source[AT_GRID_BLOCKS];
  for (int x = 0; x < o->grid->blocks_down * o->grid->blocks_across; x++) source[x] = copies[x][0];
  for (size_t l = 0; l < lines; l++) {
    at_copy_lines(o->grid, i, j + l * AT_LINE, rows, copies);
    at_split_lines(o, source, AT_LINE, rows, 1, packed + l * o->line_step);
  }
}

static void at_split_copies_on_stack(const at_operand *o, size_t i, size_t j, size_t rows, size_t lines, at_real *packed) {
  at_copied_lines copies[AT_COPIES_ON_STACK ? AT_GRID_BLOCKS : 1] __attribute__((aligned(64)));
  at_split_copies(o, i, j, rows, lines, copies, packed);
}

/* Splits rows x lines lines of an operand, from (i, j) of its blocks on. */
static void at_split(const at_operand *o, size_t i, size_t j, size_t rows, size_t lines, at_real *packed) {
  const at_grid *g = o->grid;
  const at_real *source[AT_GRID_BLOCKS];
  const int blocks = g->blocks_down * g->blocks_across;
  if (!g->transposed && at_inside(g, i, j, rows, lines * AT_LINE)) {
    for (int x = 0; x < blocks; x++) source[x] = at_block(g, x, i, j);
    at_split_lines(o, source, g->stride, rows, lines, packed);
    return;
  }
  if (AT_COPIES_ON_STACK) at_split_copies_on_stack(o, i, j, rows, lines, packed);
  else at_split_copies(o, i, j, rows, lines, o->copies, packed);
}

/* Where a thread copies lines to: into its place for tiles, which nothing is in yet. */
static inline at_copied_lines *at_copies(const at_task *t, size_t thread) {
  return (at_copied_lines *)(t->copies + thread * t->copies_step);
}

/* Packs the row panels first <= q < last of the part of A. */
static void at_pack_a(const at_task *t, size_t thread, size_t first, size_t last) {
  const at_layout *s = &t->layout;
  at_operand o = {.grid = &t->a,
                  .split = t->stream ? at_split_a_streaming : at_split_a,
                  .coefficients = at_outer_a[0],
                  .outer_down = AT_OUTER_N,
                  .outer_across = AT_OUTER_M,
                  .down = AT_N,
                  .across = AT_M,
                  .first_step = t->step,
                  .steps = t->steps,
                  .product_step = s->a_step,
                  .row_step = AT_LINE,
                  .copies = at_copies(t, thread)};
  for (size_t q = first; q < last; q++) {
    const at_row_panel p = at_row_panel_of(s, t->row_panel + q);
    o.line_step = p.mr * AT_LINE;
    for (size_t from = 0; from < s->depth; from += s->kc) {
      const at_depth_block d = at_depth_block_from(s, from);
      at_real *panel = t->a_packed + at_a_panel(s, d, q);
      for (size_t l = 0; l < d.lines; l += AT_A_LINES)
        at_split(&o, p.first, from + l * AT_LINE, p.count, at_min(AT_A_LINES, d.lines - l), panel + l * o.line_step);
    }
  }
  at_stream_end();
}

/* Packs the column panels first <= q < last of the part of B. */
static void at_pack_b(const at_task *t, size_t thread, size_t first, size_t last) {
  const at_layout *s = &t->layout;
  const at_operand o = {.grid = &t->b,
                        .split = t->stream ? at_split_b_streaming : at_split_b,
                        .coefficients = at_outer_b[0],
                        .outer_down = AT_OUTER_M,
                        .outer_across = AT_OUTER_P,
                        .down = AT_M,
                        .across = AT_P,
                        .first_step = t->step,
                        .steps = t->steps,
                        .product_step = s->b_step,
                        .row_step = AT_NR,
                        .line_step = AT_LINE,
                        .copies = at_copies(t, thread)};
  /* Transposed or not, B is read in the order in which it lies in memory, some lines at a time. */
  const size_t rows = t->b.transposed ? AT_B_ROWS_TRANSPOSED : AT_B_ROWS;
  for (; first < last; first += AT_B_PANELS)
    for (size_t from = 0; from < s->depth; from += s->kc) {
      const at_depth_block d = at_depth_block_from(s, from);
      for (size_t l = 0; l < d.depth; l += rows)
        for (size_t q = first; q < at_min(last, first + AT_B_PANELS); q++)
          at_split(&o, from + l, (t->column_panel + q) * AT_NR, at_min(rows, d.depth - l), AT_NR_LINES,
                   t->b_packed + at_b_panel(s, d, q) + l * AT_NR);
    }
  at_stream_end();
}

/*
 * Packs pieces as long as there are any, an at_rows_fn on a task: some column panels of B or a row panel of A, the larger ones first, so
 * that the threads finish at about the same time. Thread `first` has a place for copies of its own.
 */
static void at_pack(void *argument, size_t first, size_t last) {
  at_task *t = argument;
  (void)last;
  const size_t panels = at_min(AT_B_PANELS, at_ceil(t->column_panels, t->runtime->threads));
  const size_t pieces_of_b = t->packs_b ? at_ceil(t->column_panels, panels) : 0, pieces_of_a = t->packs_a ? t->row_panels : 0;
  for (;;) {
    const size_t piece = __atomic_fetch_add(&t->next_piece, 1, __ATOMIC_RELAXED);
    if (piece >= pieces_of_b + pieces_of_a) return;
    if (piece < pieces_of_b) at_pack_b(t, first, piece * panels, at_min((piece + 1) * panels, t->column_panels));
    else at_pack_a(t, first, piece - pieces_of_b, piece - pieces_of_b + 1);
  }
}

#endif
