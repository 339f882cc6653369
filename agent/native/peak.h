/* The multiply-add peak: how fast this device could multiply matrices at best. */
#ifndef AT_PEAK_H
#define AT_PEAK_H

#include <stddef.h>

/* Operations a second (a multiply-add is two), on all threads, over about the given time. */
double at_peak_flops(size_t element_bytes, double seconds);

#endif
