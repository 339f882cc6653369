/*
 * What the values of the operands must be like for an algorithm that adds blocks: its error is bounded by the largest entries of all of
 * A and B, not by those of the row and the column that an element of C comes from.
 */
#ifndef FASTMM_CHECKS_H
#define FASTMM_CHECKS_H

#include "product.h"
#include "reason.h"

/*
 * Reads A and B once on so many threads. Returns FASTMM_NO_REASON, or why the product must be plain. C is neither read nor written.
 */
fastmm_reason fastmm_check_values(const fastmm_row_major *p, size_t threads);

#endif
