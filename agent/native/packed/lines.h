/*
 * Straight-line code on cache lines, which the generated transforms (transforms.h) are written in. A value x is AT_LINE_VECTORS
 * vectors x_0, x_1 …; p is where a line is in memory. A split reads blocks and writes products, a merge reads products and writes
 * blocks:
 *   AT_LOAD_BLOCK(x, p)      AT_STORE_PRODUCT(p, x)      of a split
 *   AT_LOAD_PRODUCT(x, p)    AT_STORE_BLOCK(p, x)        of a merge
 *   AT_ADD(x, a, b)   AT_SUB(x, a, b)   AT_SCALE(x, f, a)   AT_COMBINE(x, f, a, g, b)
 * The constant `stream` says whether a store goes past the caches, for which the line must be aligned.
 */
#ifndef AT_PACKED_LINES_H
#define AT_PACKED_LINES_H

#include "sizes.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if AT_VECTOR_BYTES == 64
#define AT_EACH(F, ...) F(0, __VA_ARGS__)
#elif AT_VECTOR_BYTES == 32
#define AT_EACH(F, ...) F(0, __VA_ARGS__) F(1, __VA_ARGS__)
#else
#define AT_EACH(F, ...) F(0, __VA_ARGS__) F(1, __VA_ARGS__) F(2, __VA_ARGS__) F(3, __VA_ARGS__)
#endif

/* Vector i of a line. */
#define AT_LOAD_VECTOR(i, x, p) const at_vector x##_##i = *(const at_vector *)((p) + i * AT_VL);
#define AT_ADD_VECTOR(i, x, a, b) const at_vector x##_##i = a##_##i + b##_##i;
#define AT_SUB_VECTOR(i, x, a, b) const at_vector x##_##i = a##_##i - b##_##i;
#define AT_SCALE_VECTOR(i, x, f, a) const at_vector x##_##i = (at_real)(f) * a##_##i;
#define AT_COMBINE_VECTOR(i, x, f, a, g, b) const at_vector x##_##i = (at_real)(f) * a##_##i + (at_real)(g) * b##_##i;
#define AT_STORE_VECTOR(i, p, x) *(at_vector *)((p) + i * AT_VL) = x##_##i;
#define AT_STREAM_VECTOR(i, p, x) at_stream((p) + i * AT_VL, x##_##i);

#define AT_ADD(...) AT_EACH(AT_ADD_VECTOR, __VA_ARGS__)
#define AT_SUB(...) AT_EACH(AT_SUB_VECTOR, __VA_ARGS__)
#define AT_SCALE(...) AT_EACH(AT_SCALE_VECTOR, __VA_ARGS__)
#define AT_COMBINE(...) AT_EACH(AT_COMBINE_VECTOR, __VA_ARGS__)

/* Prefetches the next row of the block. */
#define AT_LOAD_BLOCK(x, p) __builtin_prefetch((p) + source_row_step); AT_EACH(AT_LOAD_VECTOR, x, p)
#define AT_STORE_PRODUCT(p, x) \
  if (stream) { AT_EACH(AT_STREAM_VECTOR, p, x) } else { AT_EACH(AT_STORE_VECTOR, p, x) }
/* Prefetches what comes next of the product, which is read in order. */
#define AT_LOAD_PRODUCT(x, p) \
  __builtin_prefetch((p) + AT_PREFETCH_PRODUCT_LINES * AT_LINE, 0, 2); AT_EACH(AT_LOAD_VECTOR, x, p)
/* Prefetches the next row of the block: a line must be in the caches to be written there. */
#define AT_STORE_BLOCK(p, x) \
  if (stream) { AT_EACH(AT_STREAM_VECTOR, p, x) } \
  else { __builtin_prefetch((p) + target_row_step, 1); AT_EACH(AT_STORE_VECTOR, p, x) }

/* Writes a vector past the caches, where the processor can. */
static inline void at_stream(at_real *target, at_vector value) {
#if defined(__AVX512F__)
  _mm512_stream_si512((__m512i *)target, (__m512i)value);
#elif defined(__AVX__)
  _mm256_stream_si256((__m256i *)target, (__m256i)value);
#elif defined(__x86_64__)
  _mm_stream_si128((__m128i *)target, (__m128i)value);
#else
  *(at_vector *)target = value;
#endif
}

/* Makes what was streamed visible to other threads. */
static inline void at_stream_end(void) {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

/*
 * Makes the compiler compute the address of every product from the last one's in each round of a transform's loop, by an addition.
 * GCC would otherwise compute all addresses before the loop, keep them in memory, and load each one for its access.
 */
#define AT_NOT_KEPT(step) __asm__("" : "+r"(step))

#endif
