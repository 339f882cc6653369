/* The number format of a generated program (AT_REAL: float or double), and arithmetic of sizes. */
#ifndef AT_ARITHMETIC_H
#define AT_ARITHMETIC_H

#include <stddef.h>

typedef AT_REAL at_real;

static inline size_t at_min(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t at_max(size_t a, size_t b) { return a > b ? a : b; }

/* a / b, rounded up. */
static inline size_t at_ceil(size_t a, size_t b) { return (a + b - 1) / b; }

#endif
