/*
 * What the generated transforms are written in: a pack of neighbouring elements of a row that one thread holds, where it is read
 * and where it is written. AT_FORMAT is the format of the matrices, AT_PACK the elements in a pack; sums are in at_real.
 */
#ifndef AT_ELEMENTS_CUH
#define AT_ELEMENTS_CUH

#include "cuda_candidate.h"

#if AT_FORMAT == AT_F64
typedef double at_element;
typedef double at_real;
#elif AT_FORMAT == AT_F32
typedef float at_element;
typedef float at_real;
#elif AT_FORMAT == AT_F16
#include <cuda_fp16.h>
typedef __half at_element;
typedef float at_real;
#elif AT_FORMAT == AT_BF16
#include <cuda_bf16.h>
typedef __nv_bfloat16 at_element;
typedef float at_real;
#else
#error "AT_FORMAT must be one of cuda_candidate.h"
#endif

/* Elements in 16 bytes: rows of blocks are padded to whole ones, which is what fast loads and tensor cores want. */
enum { AT_LINE = 16 / sizeof(at_element) };
static_assert(AT_LINE % AT_PACK == 0, "a row of a block must be a whole number of packs");

#if AT_FORMAT == AT_F16
static inline __device__ at_real at_widen(at_element x) { return __half2float(x); }
static inline __device__ void at_round(at_real x, at_element *to) { *to = __float2half_rn(x); }
#elif AT_FORMAT == AT_BF16
static inline __device__ at_real at_widen(at_element x) { return __bfloat162float(x); }
static inline __device__ void at_round(at_real x, at_element *to) { *to = __float2bfloat16_rn(x); }
#else
static inline __device__ void at_round(at_real x, at_element *to) { *to = x; }
#endif
static inline __device__ at_real at_widen(at_real x) { return x; }
#if AT_FORMAT == AT_F16 || AT_FORMAT == AT_BF16
static inline __device__ void at_round(at_real x, at_real *to) { *to = x; }
#endif

struct at_pack {
  at_real x[AT_PACK];
};

template <typename T> struct alignas(AT_PACK * sizeof(T)) at_vector {
  T x[AT_PACK];
};

/* A matrix, and the size of the blocks that it is cut into: beyond its edge there are zeros, and nothing is written. */
struct at_matrix {
  at_element *first;
  size_t rows, columns, block_rows, block_columns;
};

/* A pack in a block of a matrix; WHOLE: no block reaches over the edge. */
template <bool WHOLE> struct at_in_matrix {
  const at_matrix &matrix;
  size_t y, x;
};

/* A pack in one of the operands, or in one of the products. */
template <typename T> struct at_in_product {
  T *at;
};

template <typename T> __device__ inline at_pack at_read(const at_in_product<T> &place) {
  const at_vector<T> vector = *reinterpret_cast<const at_vector<T> *>(place.at);
  at_pack value;
  for (int e = 0; e < AT_PACK; e++) value.x[e] = at_widen(vector.x[e]);
  return value;
}

template <typename T> __device__ inline void at_write(const at_in_product<T> &place, const at_pack &value) {
  at_vector<T> vector;
  for (int e = 0; e < AT_PACK; e++) at_round(value.x[e], &vector.x[e]);
  *reinterpret_cast<at_vector<T> *>(place.at) = vector;
}

template <bool WHOLE> __device__ inline at_pack at_read(const at_in_matrix<WHOLE> &place) {
  const at_matrix &matrix = place.matrix;
  at_element *at = matrix.first + place.y * matrix.columns + place.x;
  if constexpr (WHOLE) {
    return at_read(at_in_product<at_element>{at});
  } else {
    at_pack value;
    for (int e = 0; e < AT_PACK; e++)
      value.x[e] = place.y < matrix.rows && place.x + e < matrix.columns ? at_widen(at[e]) : at_real(0);
    return value;
  }
}

template <bool WHOLE> __device__ inline void at_write(const at_in_matrix<WHOLE> &place, const at_pack &value) {
  const at_matrix &matrix = place.matrix;
  at_element *at = matrix.first + place.y * matrix.columns + place.x;
  if constexpr (WHOLE) {
    at_write(at_in_product<at_element>{at}, value);
  } else {
    for (int e = 0; e < AT_PACK; e++)
      if (place.y < matrix.rows && place.x + e < matrix.columns) at_round(value.x[e], &at[e]);
  }
}

__device__ inline at_pack at_combine(at_real left, const at_pack &a, at_real right, const at_pack &b) {
  at_pack value;
  for (int e = 0; e < AT_PACK; e++) value.x[e] = left * a.x[e] + right * b.x[e];
  return value;
}

__device__ inline at_pack at_scale(at_real factor, const at_pack &a) {
  at_pack value;
  for (int e = 0; e < AT_PACK; e++) value.x[e] = factor * a.x[e];
  return value;
}

/* A thread handles the same packs of every block. */
#define AT_FOR_EACH_PACK(matrix)                                                                                       \
  for (size_t row = blockIdx.y * blockDim.y + threadIdx.y; row < matrix.block_rows; row += gridDim.y * blockDim.y)     \
    for (size_t column = (blockIdx.x * blockDim.x + threadIdx.x) * AT_PACK; column < matrix.block_columns;             \
         column += (size_t)gridDim.x * blockDim.x * AT_PACK)

#define AT_BLOCK(i, j) \
  (at_in_matrix<WHOLE>{matrix, i * matrix.block_rows + row, j * matrix.block_columns + column})
#define AT_OPERAND(r) (at_in_product<at_element>{operands + (r * matrix.block_rows + row) * matrix.block_columns + column})
#define AT_PRODUCT(r) \
  (at_in_product<const at_real>{products + (r * matrix.block_rows + row) * matrix.block_columns + column})

#define AT_LOAD_BLOCK(value, place) const at_pack value = at_read(place);
#define AT_STORE_PRODUCT(place, value) at_write(place, value);
#define AT_LOAD_PRODUCT AT_LOAD_BLOCK
#define AT_STORE_BLOCK AT_STORE_PRODUCT
#define AT_ADD(value, a, b) const at_pack value = at_combine(1, a, 1, b);
#define AT_SUB(value, a, b) const at_pack value = at_combine(1, a, -1, b);
#define AT_SCALE(value, factor, a) const at_pack value = at_scale(factor, a);
#define AT_COMBINE(value, left, a, right, b) const at_pack value = at_combine(left, a, right, b);

#endif
