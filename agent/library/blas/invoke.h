/* Calls the BLAS for a product that did not come as a call of it. */
#ifndef FASTMM_INVOKE_H
#define FASTMM_INVOKE_H

#include "next.h"
#include "product.h"

/* The product into another C, whose lines follow each other without a gap. Only for valid products and where there is a BLAS. */
void fastmm_invoke(const fastmm_product *p, const fastmm_target *target, void *c);

#endif
