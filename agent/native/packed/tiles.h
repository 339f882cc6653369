/*
 * The loop over the tiles of a part of C's blocks: all products of a tile for as many steps as are combined at a
 * time, then C from them.
 */
#ifndef AT_PACKED_TILES_H
#define AT_PACKED_TILES_H

#include "combine.h"
#include "macro_kernel.h"

/* Computes tiles as long as there are any, an at_rows_fn on a task: thread `first` has a workspace of its own. */
static void at_multiply_tiles(void *argument, size_t first, size_t last) {
  at_task *t = argument;
  const at_layout *s = &t->layout;
  (void)last;
  at_real *tile = t->tiles + first * at_tiles(s, 1);
  double *phases = first == 0 ? t->runtime->phase_seconds : NULL;
  const size_t tiles_down = at_ceil(t->row_panels, s->tile_row_panels);
  const size_t tiles_across = at_ceil(t->column_panels, s->tile_column_panels);
  for (;;) {
    const size_t index = __atomic_fetch_add(&t->next_tile, 1, __ATOMIC_RELAXED);
    if (index >= tiles_down * tiles_across) break;
    const size_t row_panel = index / tiles_across * s->tile_row_panels;
    const size_t column_panel = index % tiles_across * s->tile_column_panels;
    const size_t row_panels = at_min(s->tile_row_panels, t->row_panels - row_panel);
    const size_t column_panels = at_min(s->tile_column_panels, t->column_panels - column_panel);
    for (size_t step = 0; step < t->steps; step += s->combined_steps) {
      const size_t steps = at_min(s->combined_steps, t->steps - step);
      const double start = at_now(t);
      for (size_t r = 0; r < steps * AT_RANK; r++)
        at_macro_kernel(t, step * AT_RANK + r, row_panel, row_panels, column_panel, column_panels, tile + r * s->tile_step);
      const double middle = at_now(t);
      for (size_t i = 0; i < row_panels; i++) {
        const at_row_panel p = at_row_panel_of(s, t->row_panel + row_panel + i);
        at_merge(t, t->step + step, steps, p.first, (t->column_panel + column_panel) * AT_NR, p.count, column_panels,
                 tile + i * column_panels * AT_MICRO);
      }
      if (phases == NULL) continue;
      phases[AT_PHASE_MULTIPLY] += middle - start;
      phases[AT_PHASE_COMBINE] += at_now(t) - middle;
    }
  }
  at_stream_end();
}

#endif
