/* One call from its beginning to its end, for symbols.c. */
#ifndef FASTMM_CALL_H
#define FASTMM_CALL_H

#include "next.h"
#include "product.h"
#include "take.h"

typedef struct {
  const fastmm_product *product;
  fastmm_target target;
  fastmm_taken taken;
  double start;
  /* Whether this call stands for those that its BLAS may make in turn. */
  int is_outermost;
} fastmm_call;

/* Returns 1 if the product is done; 0 if the caller has to pass it on, and then to call fastmm_end_call. */
int fastmm_begin_call(fastmm_call *call, const fastmm_product *product, fastmm_target target);
void fastmm_end_call(fastmm_call *call);

/* The same for a function that is only watched. */
int fastmm_begin_watched(double *start);
void fastmm_end_watched(int number, double start, int is_outermost);

#endif
