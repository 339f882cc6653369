/* As much of cuBLAS as native/cuda uses, as plain loops: C is written, never read, and TF32 rounds its operands. */
#ifndef CUBLAS_EMULATION_H
#define CUBLAS_EMULATION_H

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

enum cublasStatus_t { CUBLAS_STATUS_SUCCESS = 0, CUBLAS_STATUS_INVALID_VALUE = 7 };
enum cublasOperation_t { CUBLAS_OP_N = 0 };
enum cublasGemmAlgo_t { CUBLAS_GEMM_DEFAULT = -1 };
enum cublasComputeType_t { CUBLAS_COMPUTE_32F = 68, CUBLAS_COMPUTE_64F = 70, CUBLAS_COMPUTE_32F_FAST_TF32 = 77 };
enum cudaDataType_t { CUDA_R_32F = 0, CUDA_R_64F = 1, CUDA_R_16F = 2, CUDA_R_16BF = 14 };
enum libraryPropertyType { MAJOR_VERSION, MINOR_VERSION, PATCH_LEVEL };
typedef struct at_emulated_cublas *cublasHandle_t;

static inline cublasStatus_t cublasCreate(cublasHandle_t *handle) { return *handle = NULL, CUBLAS_STATUS_SUCCESS; }
static inline cublasStatus_t cublasSetStream(cublasHandle_t, cudaStream_t) { return CUBLAS_STATUS_SUCCESS; }
static inline cublasStatus_t cublasGetProperty(libraryPropertyType, int *value) { return *value = 0, CUBLAS_STATUS_SUCCESS; }

static inline double at_emulated_get(const void *matrix, cudaDataType_t type, size_t i) {
  switch (type) {
    case CUDA_R_64F: return ((const double *)matrix)[i];
    case CUDA_R_16F: return __half2float(((const __half *)matrix)[i]);
    case CUDA_R_16BF: return __bfloat162float(((const __nv_bfloat16 *)matrix)[i]);
    default: return ((const float *)matrix)[i];
  }
}

static inline void at_emulated_set(void *matrix, cudaDataType_t type, size_t i, double value) {
  switch (type) {
    case CUDA_R_64F: ((double *)matrix)[i] = value; break;
    case CUDA_R_16F: ((__half *)matrix)[i] = __float2half_rn((float)value); break;
    case CUDA_R_16BF: ((__nv_bfloat16 *)matrix)[i] = __float2bfloat16_rn((float)value); break;
    default: ((float *)matrix)[i] = (float)value;
  }
}

/* Ten bits behind the point, ties away from zero. */
static inline float at_emulated_tf32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = (bits + 0x1000) & ~(uint32_t)0x1fff;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* Column-major C = alpha A B, where beta is 0; the strides are counted in elements. */
static inline cublasStatus_t cublasGemmStridedBatchedEx(
    cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k, const void *alpha, const void *a,
    cudaDataType_t a_type, int lda, long long a_step, const void *b, cudaDataType_t b_type, int ldb, long long b_step,
    const void *beta, void *c, cudaDataType_t c_type, int ldc, long long c_step, int count, cublasComputeType_t compute,
    cublasGemmAlgo_t) {
  const bool is_double = compute == CUBLAS_COMPUTE_64F;
  const double one = is_double ? *(const double *)alpha : *(const float *)alpha;
  if ((is_double ? *(const double *)beta : *(const float *)beta) != 0) return CUBLAS_STATUS_INVALID_VALUE;
  if (lda < m || ldb < k || ldc < m || is_double != (a_type == CUDA_R_64F)) return CUBLAS_STATUS_INVALID_VALUE;
  const bool is_tf32 = compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  const auto get = [&](const void *matrix, cudaDataType_t type, size_t i) {
    const double value = at_emulated_get(matrix, type, i);
    return is_tf32 ? at_emulated_tf32((float)value) : value;
  };
  for (int which = 0; which < count; which++)
    for (int j = 0; j < n; j++)
      for (int i = 0; i < m; i++) {
        double sum = 0;
        for (int l = 0; l < k; l++) {
          const double product = get(a, a_type, which * a_step + (size_t)l * lda + i) *
                                 get(b, b_type, which * b_step + (size_t)j * ldb + l);
          sum = is_double ? sum + product : (float)(sum + product);
        }
        at_emulated_set(c, c_type, which * c_step + (size_t)j * ldc + i, one * sum);
      }
  return CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n,
                                          int k, const void *alpha, const void *a, cudaDataType_t a_type, int lda,
                                          const void *b, cudaDataType_t b_type, int ldb, const void *beta, void *c,
                                          cudaDataType_t c_type, int ldc, cublasComputeType_t compute,
                                          cublasGemmAlgo_t algorithm) {
  return cublasGemmStridedBatchedEx(handle, op_a, op_b, m, n, k, alpha, a, a_type, lda, 0, b, b_type, ldb, 0, beta, c, c_type,
                                    ldc, 0, 1, compute, algorithm);
}

#endif
