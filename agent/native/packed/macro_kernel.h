/* The macro-kernel: one tile of one product, by the micro-kernel on all pairs of its panels, one block of the depth after the other. */
#ifndef AT_PACKED_MACRO_KERNEL_H
#define AT_PACKED_MACRO_KERNEL_H

#include "micro_kernel.h"
#include "task.h"

/* Tile of product r of the part, so many row and column panels from the given ones of the part on. */
static void at_macro_kernel(const at_task *t, size_t r, size_t row_panel, size_t row_panels, size_t column_panel,
                            size_t column_panels, at_real *tile) {
  const at_layout *s = &t->layout;
  const at_real *a_product = t->a_packed + r * s->a_step, *b_product = t->b_packed + r * s->b_step;
  /*
   * What is prefetched, evenly spread over the calls of the micro-kernel before it is used: of the operand whose panel stays the next
   * panel, of the other one each panel of the next block of the depth or of the next product.
   */
  const size_t a_lines = at_ceil(AT_MR, column_panels), b_lines = at_ceil(AT_NR, row_panels);
  for (size_t from = 0; from < s->depth; from += s->kc) {
    const int is_last = from + s->kc >= s->depth;
    const at_depth_block d = at_depth_block_from(s, from), next = at_depth_block_from(s, is_last ? 0 : from + s->kc);
    const size_t a_panel = AT_MR * d.lines * AT_LINE, b_panel = AT_NR * d.depth;
    const at_real *a = a_product + at_a_panel(s, d, row_panel), *b = b_product + at_b_panel(s, d, column_panel);
    const at_real *a_after = a_product + (is_last ? s->a_step : 0) + at_a_panel(s, next, row_panel);
    const at_real *b_after = b_product + (is_last ? s->b_step : 0) + at_b_panel(s, next, column_panel);
    for (size_t x = 0; x < row_panels * column_panels; x++) {
      const size_t i = AT_B_STAYS ? x % row_panels : x / column_panels, j = AT_B_STAYS ? x / row_panels : x % column_panels;
      const at_real *a_next = AT_B_STAYS           ? a_after + i * AT_MR * next.lines * AT_LINE
                              : i + 1 < row_panels ? a + (i + 1) * a_panel
                                                   : a_after;
      const at_real *b_next = !AT_B_STAYS             ? b_after + j * AT_NR * next.depth
                              : j + 1 < column_panels ? b + (j + 1) * b_panel
                                                      : b_after;
      const at_prefetch next_a = {a_next + j * d.lines * a_lines * AT_LINE, a_lines};
      const at_prefetch next_b = {b_next + i * d.lines * b_lines * AT_LINE, b_lines};
      at_micro_kernel_fn *kernel = at_row_panel_of(s, t->row_panel + row_panel + i).mr == AT_MR ? at_micro_kernel_full : at_micro_kernel_low;
      kernel(d.depth, a + i * a_panel, b + j * b_panel, tile + (i * column_panels + j) * AT_MICRO, from == 0, next_a, next_b);
    }
  }
}

#endif
