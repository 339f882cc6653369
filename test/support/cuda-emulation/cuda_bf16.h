#ifndef CUDA_BF16_EMULATION_H
#define CUDA_BF16_EMULATION_H

#include "halves.h"

typedef at_emulated_half<8, 7> __nv_bfloat16;
static inline __nv_bfloat16 __float2bfloat16_rn(float x) { return __nv_bfloat16::of(x); }
static inline float __bfloat162float(__nv_bfloat16 x) { return x.value(); }

#endif
