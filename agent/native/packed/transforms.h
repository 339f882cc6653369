/*
 * The transforms that a generated program defines, straight-line code in the words of lines.h: a split computes every product's
 * combination of an operand's blocks, a merge the blocks of C from the products.
 *
 * Each handles rows x lines cache lines of every block. source[x] and target[x] are where block x of an operand or of C begins.
 * Steps are in elements: a row step from one row to the next, a line step from one line to the next (AT_LINE in the caller's
 * matrices), a product step from one product to the next.
 */
#ifndef AT_PACKED_TRANSFORMS_H
#define AT_PACKED_TRANSFORMS_H

#include "sizes.h"

typedef void at_split_fn(size_t rows, size_t lines, const at_real *const *source, size_t source_row_step,
                         at_real *packed, size_t product_step, size_t packed_row_step, size_t packed_line_step);
typedef void at_merge_fn(size_t rows, size_t lines, const at_real *products, size_t product_step,
                         at_real *const *target, size_t target_row_step);

/* The streaming ones write past the caches. */
static at_split_fn at_split_a, at_split_b, at_split_a_streaming, at_split_b_streaming;
static at_merge_fn at_merge_c, at_merge_c_streaming;

#endif
