/*
 * A square of so many elements as a vector has, transposed in registers: the columns of an operand that lies transposed become rows
 * (pack.h).
 */
#ifndef AT_PACKED_TRANSPOSE_H
#define AT_PACKED_TRANSPOSE_H

#include "sizes.h"

/* The lower and the upper halves of x and y, an element of x and one of y in turn. */
#if AT_VECTOR_BYTES == 64
#define AT_LANES_4 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define AT_HIGH_LANES_4 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define AT_LANES_8 0, 8, 1, 9, 2, 10, 3, 11
#define AT_HIGH_LANES_8 4, 12, 5, 13, 6, 14, 7, 15
#elif AT_VECTOR_BYTES == 32
#define AT_LANES_4 0, 8, 1, 9, 2, 10, 3, 11
#define AT_HIGH_LANES_4 4, 12, 5, 13, 6, 14, 7, 15
#define AT_LANES_8 0, 4, 1, 5
#define AT_HIGH_LANES_8 2, 6, 3, 7
#else
#define AT_LANES_4 0, 4, 1, 5
#define AT_HIGH_LANES_4 2, 6, 3, 7
#define AT_LANES_8 0, 2
#define AT_HIGH_LANES_8 1, 3
#endif

#if defined(__clang__)
#define AT_SHUFFLE(mask_type, x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
#define AT_SHUFFLE(mask_type, x, y, ...) __builtin_shuffle(x, y, (mask_type){__VA_ARGS__})
#endif

typedef float at_floats __attribute__((vector_size(AT_VECTOR_BYTES)));
typedef int at_float_lanes __attribute__((vector_size(AT_VECTOR_BYTES)));
typedef double at_doubles __attribute__((vector_size(AT_VECTOR_BYTES)));
typedef long long at_double_lanes __attribute__((vector_size(AT_VECTOR_BYTES)));

/* sizeof(at_real) decides, and the compiler leaves the other branch out. */
AT_INLINE at_vector at_low(at_vector x, at_vector y) {
  if (sizeof(at_real) == sizeof(float))
    return (at_vector)AT_SHUFFLE(at_float_lanes, (at_floats)x, (at_floats)y, AT_LANES_4);
  return (at_vector)AT_SHUFFLE(at_double_lanes, (at_doubles)x, (at_doubles)y, AT_LANES_8);
}

AT_INLINE at_vector at_high(at_vector x, at_vector y) {
  if (sizeof(at_real) == sizeof(float))
    return (at_vector)AT_SHUFFLE(at_float_lanes, (at_floats)x, (at_floats)y, AT_HIGH_LANES_4);
  return (at_vector)AT_SHUFFLE(at_double_lanes, (at_doubles)x, (at_doubles)y, AT_HIGH_LANES_8);
}

/*
 * to[i][j] = from[j * stride + i] for a square. Each round puts the halves of the vectors together, element by element (a perfect
 * shuffle); after as many as the side has powers of two, rows are columns.
 */
AT_INLINE void at_transpose_square(const at_real *from, size_t stride, at_real *to, size_t to_stride) {
  at_vector x[AT_VL], y[AT_VL];
  AT_UNROLL(16) for (int i = 0; i < AT_VL; i++) x[i] = *(const at_vector *)(from + i * stride);
  AT_UNROLL(4) for (int side = 1; side < AT_VL; side *= 2) {
    AT_UNROLL(8) for (int i = 0; i < AT_VL / 2; i++) {
      y[2 * i] = at_low(x[i], x[i + AT_VL / 2]);
      y[2 * i + 1] = at_high(x[i], x[i + AT_VL / 2]);
    }
    AT_UNROLL(16) for (int i = 0; i < AT_VL; i++) x[i] = y[i];
  }
  AT_UNROLL(16) for (int i = 0; i < AT_VL; i++) *(at_vector *)(to + i * to_stride) = x[i];
}

#endif
