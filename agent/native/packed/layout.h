/*
 * How a product is cut up, and where its parts are in the workspace. C = A B of m x k x n is cut into AT_GRID_N x AT_GRID_M, AT_GRID_M x
 * AT_GRID_P and AT_GRID_N x AT_GRID_P blocks; each of the AT_STEPS * AT_RANK products is one of rows x depth x columns. Its depth is
 * cut into blocks of at most AT_KC, of about equal size.
 *
 * With enough workspace all is packed at once. With less, it is packed and multiplied a part at a time (at_part): a group of steps, a
 * slab of the row panels of every block of A and C, a slab of the column panels of every block of B and C. For each product of a
 * part, in this order:
 *   A     [block of the depth][row panel][line of the depth][row][AT_LINE]   an element is broadcast, so nothing is transposed
 *   B     [block of the depth][column panel][row][AT_NR]
 *   tile  [row panel][column panel][AT_MR][AT_NR]
 * What the micro-kernel reads of a tile for one block of the depth lies together: panels that are half a second-level cache apart
 * would share a few of its sets.
 */
#ifndef AT_PACKED_LAYOUT_H
#define AT_PACKED_LAYOUT_H

#include "steps.h"

typedef struct {
  size_t m, k, n;                      /* of the whole product */
  size_t rows, depth, columns;         /* of one block product */
  size_t kc;                           /* depth of a block of the depth, whole lines; the last one may have less */
  size_t row_panels, column_panels;    /* of one block */
  /* Of the largest part: steps, and panels of one block. */
  size_t part_steps, part_row_panels, part_column_panels;
  /* Whether a slab of A stays while those of B pass, or the other way. */
  int a_stays;
  size_t a_step, b_step, tile_step;    /* elements from one product to the next */
  size_t tile_row_panels, tile_column_panels; /* of a tile */
  size_t combined_steps;               /* of which the products of a tile are combined at a time */
} at_layout;

/*
 * Elements from one product to the next: an odd number of lines, so that any 64 products in a row begin in 64 different lines of a
 * page. With two different ones, as half pages make, splits were measured to take 1.6 times as long.
 */
static inline size_t at_product_step(size_t elements) { return (elements / AT_LINE | 1) * AT_LINE; }

/* Panels in a tile, where so many panels are shared by tiles of about equal size. */
static inline size_t at_balanced(size_t panels, size_t tiles) { return at_ceil(panels, at_max(1, at_min(tiles, panels))); }

/* How the dimensions are cut, before anything is known of parts. */
static inline at_layout at_cut(size_t m, size_t k, size_t n) {
  at_layout s = {.m = m, .k = k, .n = n};
  s.rows = at_ceil(m, AT_GRID_N);
  s.depth = at_ceil(k, AT_GRID_M);
  /* Whole panels: every block then begins at a cache line if the first one does and rows are whole lines. */
  s.columns = at_ceil(n, AT_GRID_P * AT_NR) * AT_NR;
  s.row_panels = at_ceil(s.rows, AT_MR);
  s.column_panels = s.columns / AT_NR;
  s.kc = at_ceil(s.depth, at_ceil(s.depth, AT_KC) * AT_LINE) * AT_LINE;
  return s;
}

/*
 * Chooses the tiles of a part. Near tiles are small, so that all products of one are still in the caches when they are combined. They
 * pay only where a block product is one block of the depth, because their panels are read more often.
 * `halvings`: how often the longer side of the largest tile is halved.
 */
static inline void at_choose_tile(at_layout *s, size_t threads, size_t halvings) {
  const int near = s->combined_steps * AT_RANK * AT_NEAR_ROWS * AT_NEAR_COLUMNS * sizeof(at_real) <= (size_t)AT_NEAR_BYTES && s->depth <= AT_KC;
  size_t columns = near ? at_min(AT_NEAR_COLUMNS, AT_TILE_COLUMNS) : AT_TILE_COLUMNS;
  size_t rows = near ? at_min(AT_NEAR_ROWS, AT_TILE_ROWS) : AT_TILE_ROWS;
  for (; halvings > 0; halvings--) {
    if (rows >= columns) rows = at_max(AT_MR, rows / 2);
    else columns = at_max(AT_NR, columns / 2);
  }
  const size_t across = at_ceil(s->part_column_panels * AT_NR, columns);
  s->tile_column_panels = at_balanced(s->part_column_panels, across);
  size_t down = at_ceil(s->part_row_panels * AT_MR, rows);
  if (threads > 1) {
    const size_t tiles_across = at_ceil(s->part_column_panels, s->tile_column_panels);
    down = at_max(down, at_ceil(AT_TILES_PER_THREAD * threads, tiles_across));
  }
  s->tile_row_panels = at_balanced(s->part_row_panels, down);
  s->tile_step = at_product_step(s->tile_row_panels * s->tile_column_panels * AT_MICRO);
}

/* Cuts into so many groups of steps and slabs, all of about equal size. */
static inline at_layout at_in_parts(at_layout s, size_t threads, size_t groups, size_t row_slabs, size_t column_slabs, size_t combined,
                                    size_t halvings) {
  s.part_steps = at_ceil(AT_STEPS, groups);
  s.combined_steps = at_min(combined, s.part_steps);
  s.part_row_panels = at_ceil(s.row_panels, row_slabs);
  s.part_column_panels = at_ceil(s.column_panels, column_slabs);
  s.a_step = at_product_step(s.part_row_panels * AT_MR * at_ceil(s.depth, AT_LINE) * AT_LINE);
  s.b_step = at_product_step(s.part_column_panels * AT_NR * s.depth);
  at_choose_tile(&s, threads, halvings);
  return s;
}

/*
 * Elements of workspace: the packed operands of a part, and for each thread one tile of each product that is combined. While nothing is in
 * the tiles, operands are packed by way of copies there.
 */
static inline size_t at_packed_a(const at_layout *s) { return s->part_steps * AT_RANK * s->a_step; }
static inline size_t at_packed_b(const at_layout *s) { return s->part_steps * AT_RANK * s->b_step; }
static inline size_t at_tiles(const at_layout *s, size_t threads) {
  return threads * at_max(s->combined_steps * AT_RANK * s->tile_step, AT_COPIES_ON_STACK ? 0 : AT_COPIES);
}
static inline size_t at_workspace(const at_layout *s, size_t threads) {
  return at_packed_a(s) + at_packed_b(s) + at_tiles(s, threads);
}

/* How often an operand is packed of which `slabs` pass by each of so many that stay: the last one is still there for the next pass. */
static inline double at_times_packed(size_t staying, size_t slabs) {
  return slabs == 1 ? 1 : 1 + (double)(staying - 1) * (1 - 1 / (double)slabs);
}

/* How often the groups touch each of A, B and C: the outer blocks that a group has something of, all groups together. */
typedef struct {
  double a, b, c;
} at_touches;

static inline double at_times_touched(const at_real *coefficients, size_t blocks, size_t steps) {
  size_t touched = 0;
  for (size_t first = 0; first < AT_STEPS; first += steps)
    for (size_t y = 0; y < blocks; y++) {
      int is_touched = 0;
      for (size_t step = first; step < at_min(first + steps, AT_STEPS); step++) is_touched |= coefficients[step * blocks + y] != 0;
      touched += is_touched;
    }
  return (double)touched / (double)blocks;
}

static inline at_touches at_touches_of(size_t steps) {
  return (at_touches){at_times_touched(at_outer_a[0], AT_OUTER_A, steps), at_times_touched(at_outer_b[0], AT_OUTER_B, steps),
                      at_times_touched(at_outer_c[0], AT_OUTER_C, steps)};
}

/*
 * Elements that go to and from memory: both operands are read and their combinations written, C is written, and read and written
 * again by each further group. The products' reading of what is packed goes on beside their arithmetic and counts an eighth.
 */
static inline double at_traffic(at_layout *s, at_touches touches) {
  const size_t row_slabs = at_ceil(s->row_panels, s->part_row_panels);
  const size_t column_slabs = at_ceil(s->column_panels, s->part_column_panels);
  const double packed_a = (double)(AT_STEPS * AT_RANK) * (double)(s->rows * s->depth);
  const double packed_b = (double)(AT_STEPS * AT_RANK) * (double)(s->depth * s->columns);
  const double a = touches.a * (double)(s->m * s->k) + packed_a, b = touches.b * (double)(s->k * s->n) + packed_b;
  const double a_stays = a + b * at_times_packed(row_slabs, column_slabs);
  const double b_stays = b + a * at_times_packed(column_slabs, row_slabs);
  const size_t across = at_ceil(s->column_panels, s->tile_column_panels), down = at_ceil(s->row_panels, s->tile_row_panels);
  s->a_stays = a_stays <= b_stays;
  return (s->a_stays ? a_stays : b_stays) + (2 * touches.c - 1) * (double)(s->m * s->n) +
         (packed_a * (double)across + packed_b * (double)down) / 8;
}

/* The numbers of slabs that are tried: 1 to 8, then about a quarter more each time. */
static inline size_t at_more_slabs(size_t slabs) { return slabs + at_max(1, slabs / 4); }

/*
 * The layout with the least traffic that takes at most `limit` elements of workspace. If none does, the one of the smallest parts,
 * which takes more.
 * `b_is_packed`: all of B is packed already, and takes nothing of the workspace.
 */
static inline at_layout at_layout_of(size_t m, size_t k, size_t n, size_t threads, size_t limit, int b_is_packed) {
  const at_layout cut = at_cut(m, k, n);
  at_layout best = at_in_parts(cut, threads, 1, 1, 1, AT_STEPS, 0);
  best.a_stays = 1;
  const size_t of_b = b_is_packed ? at_packed_b(&best) : 0;
  if (at_workspace(&best, threads) - of_b <= limit) return best;
  double least = -1;
  for (size_t groups = 1; groups <= (b_is_packed ? 1 : AT_STEPS); groups++) {
    const at_touches touches = at_touches_of(at_ceil(AT_STEPS, groups));
    /* Products take a sixth at most, where fewer steps combined at a time and smaller tiles can do that. */
    size_t combined = AT_STEPS, halvings = 0;
    at_layout s = at_in_parts(cut, threads, groups, 1, 1, combined, halvings);
    while (at_tiles(&s, threads) > limit / 6 && (s.combined_steps > 1 || halvings < AT_MOST_HALVINGS)) {
      if (s.combined_steps > 1) combined = s.combined_steps - 1;
      else halvings++;
      s = at_in_parts(cut, threads, groups, 1, 1, combined, halvings);
    }
    for (size_t down = 1; down <= at_min(s.row_panels, AT_MOST_SLABS); down = at_more_slabs(down))
      for (size_t across = 1; across <= (b_is_packed ? 1 : at_min(s.column_panels, AT_MOST_SLABS)); across = at_more_slabs(across)) {
        s = at_in_parts(cut, threads, groups, down, across, combined, halvings);
        if (at_workspace(&s, threads) - of_b > limit) continue;
        const double traffic = at_traffic(&s, touches);
        if (least < 0 || traffic < least) {
          best = s;
          least = traffic;
        }
        break;
      }
  }
  if (least >= 0) return best;
  best = at_in_parts(cut, threads, b_is_packed ? 1 : AT_STEPS, AT_MOST_SLABS, b_is_packed ? 1 : AT_MOST_SLABS, 1,
                     AT_MOST_HALVINGS);
  best.a_stays = 1;
  return best;
}

/* A block of the depth, from `first` on, which is a line of A's panels. */
typedef struct {
  size_t first, depth, lines;
} at_depth_block;

static inline at_depth_block at_depth_block_from(const at_layout *s, size_t first) {
  const size_t depth = at_min(s->kc, s->depth - first);
  return (at_depth_block){first, depth, at_ceil(depth, AT_LINE)};
}

/* Elements from a product's beginning to panel q of the part in the block of the depth. */
static inline size_t at_a_panel(const at_layout *s, at_depth_block d, size_t q) {
  return AT_MR * (s->part_row_panels * d.first + q * d.lines * AT_LINE);
}
static inline size_t at_b_panel(const at_layout *s, at_depth_block d, size_t q) {
  return AT_NR * (s->part_column_panels * d.first + q * d.depth);
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
