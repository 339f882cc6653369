/* Takes a product, or says why it goes to the BLAS. */
#ifndef FASTMM_TAKE_H
#define FASTMM_TAKE_H

#include "next.h"
#include "product.h"
#include "reason.h"

typedef struct {
  fastmm_reason reason;
  /* The algorithm that computed it, where there is no reason. */
  const char *algorithm;
  int threads;
} fastmm_taken;

fastmm_taken fastmm_take(const fastmm_product *p, const fastmm_target *target);

#endif
