/*
 * The level above the straight-line transforms, where there is one. Its products are the steps of a program: each combines the outer
 * blocks of A and of B, multiplies them by the algorithm of the transforms, and adds what comes out to the outer blocks of C. As many
 * steps as the workspace holds are packed in one pass; the result is the same, to the bit, for any number.
 */
#ifndef AT_PACKED_STEPS_H
#define AT_PACKED_STEPS_H

#include "sizes.h"

enum {
  AT_OUTER_A = AT_OUTER_N * AT_OUTER_M,
  AT_OUTER_B = AT_OUTER_M * AT_OUTER_P,
  AT_OUTER_C = AT_OUTER_N * AT_OUTER_P,
  AT_MOST_OUTER = AT_OUTER_A > AT_OUTER_B ? AT_OUTER_A : AT_OUTER_B,
  /* Blocks of A or of B, whichever has more. */
  AT_GRID_BLOCKS = AT_GRID_M * (AT_GRID_N > AT_GRID_P ? AT_GRID_N : AT_GRID_P),
  /* Elements of the copies of a line of so many rows of every block (pack.h); whether they are on the stack, or else in the workspace. */
  AT_MAX_ROWS = AT_MR > AT_B_ROWS_TRANSPOSED ? AT_MR : AT_B_ROWS_TRANSPOSED,
  AT_COPIES = AT_GRID_BLOCKS * AT_MAX_ROWS * AT_LINE,
  AT_COPIES_ON_STACK = AT_COPIES * sizeof(at_real) <= AT_STACK_BYTES_OF_COPIES
};

/* Block x of outer block y, of which each has down x across, as a block of the whole grid. */
static inline int at_inner_block(int y, int x, int outer_across, int down, int across) {
  const int row = y / outer_across * down + x / across, column = y % outer_across * across + x % across;
  return row * outer_across * across + column;
}

/* What each step has of each outer block, as the generated program defines it. */
static const at_real at_outer_a[AT_STEPS][AT_OUTER_A], at_outer_b[AT_STEPS][AT_OUTER_B], at_outer_c[AT_STEPS][AT_OUTER_C];

/* The outer blocks that a step has something of. */
typedef struct {
  int count, block[AT_MOST_OUTER];
  at_real coefficient[AT_MOST_OUTER];
} at_terms;

static inline at_terms at_terms_of(const at_real *coefficients, int blocks) {
  at_terms terms = {.count = 0};
  for (int y = 0; y < blocks; y++)
    if (coefficients[y] != 0) {
      terms.block[terms.count] = y;
      terms.coefficient[terms.count++] = coefficients[y];
    }
  return terms;
}

/* Whether no earlier step has anything of outer block y of C. */
static inline int at_is_first_of_c(size_t step, int y) {
  for (size_t earlier = 0; earlier < step; earlier++)
    if (at_outer_c[earlier][y] != 0) return 0;
  return 1;
}

#endif
