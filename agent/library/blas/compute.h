/* The products of the exported library that this one is built over; the recorder is built over none. */
#ifndef FASTMM_COMPUTE_H
#define FASTMM_COMPUTE_H

#include "product.h"
#include "reason.h"

/* The algorithm for a product, or NULL where the BLAS is as fast; `always`: NULL only where there is no algorithm at all. */
const char *fastmm_algorithm_for(const fastmm_row_major *p, int threads, int always);

/* Computes a product that there is an algorithm for. Returns why it could not; C is then as it was. */
fastmm_reason fastmm_compute(const fastmm_row_major *p, int threads, int always);

/* Computes the plain product over the engine. Returns 0 where it cannot; C is then as it was. */
int fastmm_compute_plain(const fastmm_row_major *p, int threads);

#endif
