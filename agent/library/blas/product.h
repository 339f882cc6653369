/* One call of a function of symbols.h, in whatever words it came. */
#ifndef FASTMM_PRODUCT_H
#define FASTMM_PRODUCT_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  int symbol;
  /* Whether the matrices are of double. */
  int is_double;
  /* Of the C interface, whose parameters are counted from the layout on. */
  int is_cblas;
  /* As the caller has it; -1 for a layout or transposition that is none. C counts as T. */
  int is_column_major, transa, transb;
  int64_t m, n, k, lda, ldb, ldc;
  double alpha, beta;
  const void *a, *b;
  void *c;
} fastmm_product;

/* The same product in row-major order: C = alpha op(A) op(B) + beta C. Only for valid products. */
typedef struct {
  int is_double, transa, transb;
  size_t m, n, k, lda, ldb, ldc;
  double alpha, beta;
  const void *a, *b;
  void *c;
} fastmm_row_major;

fastmm_row_major fastmm_in_row_major(const fastmm_product *p);

/*
 * The number of the first parameter that is wrong, as the standard counts them (xerbla), or 0.
 */
int fastmm_wrong_parameter(const fastmm_product *p);

/*
 * The product where there is no BLAS to go to, whatever is in it: over the engine if there is one and memory for it, else one element
 * after the other. A wrong parameter is reported as the standard says.
 */
void fastmm_plain(const fastmm_product *p);

#endif
