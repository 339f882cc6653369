/* cuBLAS in one math mode: the baseline's product, and what generated programs are lent. */
#ifndef AT_CUDA_BASELINE_H
#define AT_CUDA_BASELINE_H

#include "cuda_candidate.h"
#include "device.h"

#include <cublas_v2.h>

extern "C" {
#include "../clock.h"
}

typedef struct {
  /* First: a program's pointer to it is one to all of this. */
  at_cuda_runtime runtime;
  cublasHandle_t handle;
  int format;
  int multiprocessors;
  cublasComputeType_t compute;
} at_baseline;

static cudaDataType_t at_type_of(int format) {
  return format == AT_F64 ? CUDA_R_64F : format == AT_F32 ? CUDA_R_32F : format == AT_F16 ? CUDA_R_16F : CUDA_R_16BF;
}

/* The factors of C = alpha A B + beta C, in the format of the sums. */
typedef union {
  float f32;
  double f64;
} at_factor;

static at_factor at_factor_of(int format, int value) {
  at_factor factor;
  if (format == AT_F64) factor.f64 = value;
  else factor.f32 = (float)value;
  return factor;
}

/* cuBLAS's matrices are column-major: what it computes is C^T = B^T A^T. */
static bool at_batch(const at_cuda_runtime *runtime, const at_cuda_products *all) {
  const at_baseline *baseline = (const at_baseline *)runtime;
  const cudaDataType_t type = at_type_of(baseline->format);
  const cudaDataType_t product = baseline->format == AT_F64 ? CUDA_R_64F : CUDA_R_32F;
  const at_factor one = at_factor_of(baseline->format, 1), zero = at_factor_of(baseline->format, 0);
  return cublasGemmStridedBatchedEx(baseline->handle, CUBLAS_OP_N, CUBLAS_OP_N, (int)all->n, (int)all->m, (int)all->k,
                                    &one, all->b, type, (int)all->n, (long long)(all->k * all->n), all->a, type,
                                    (int)all->k, (long long)(all->m * all->k), &zero, all->products, product,
                                    (int)all->n, (long long)(all->m * all->n), (int)all->count, baseline->compute,
                                    CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS;
}

static bool at_baseline_product(const at_baseline *baseline, size_t m, size_t k, size_t n, const void *a, const void *b, void *c) {
  const cudaDataType_t type = at_type_of(baseline->format);
  const at_factor one = at_factor_of(baseline->format, 1), zero = at_factor_of(baseline->format, 0);
  return cublasGemmEx(baseline->handle, CUBLAS_OP_N, CUBLAS_OP_N, (int)n, (int)m, (int)k, &one, b, type, (int)n, a, type,
                      (int)k, &zero, c, type, (int)n, baseline->compute, CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS;
}

static const char *at_baseline_mode(const at_baseline *baseline) {
  return baseline->compute == CUBLAS_COMPUTE_32F_FAST_TF32 ? "operands in TF32"
         : baseline->format == AT_F64                      ? "sums in f64"
                                                         : "sums in f32";
}

static void at_baseline_open(at_baseline *baseline, const char *library, int format, int multiprocessors) {
  const bool tf32 = strcmp(library, "cublas-tf32") == 0;
  if (!tf32 && strcmp(library, "cublas") != 0) refuse("usage", "The library must be cublas or cublas-tf32.");
  if (tf32 && format != AT_F32) refuse("usage", "Only matrices in f32 have operands in TF32.");
  baseline->format = format;
  baseline->multiprocessors = multiprocessors;
  baseline->compute = format == AT_F64 ? CUBLAS_COMPUTE_64F : tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  require(cudaStreamCreate(&baseline->runtime.stream), "a stream");
  baseline->runtime.multiply = at_batch;
  baseline->runtime.begin = NULL;
  if (cublasCreate(&baseline->handle) != CUBLAS_STATUS_SUCCESS) refuse("load", "cuBLAS does not start on this device.");
  if (cublasSetStream(baseline->handle, baseline->runtime.stream) != CUBLAS_STATUS_SUCCESS)
    refuse("load", "cuBLAS takes no stream.");
}

static const char *at_baseline_version(char *buffer, size_t size) {
  int parts[3];
  for (int i = 0; i < 3; i++)
    if (cublasGetProperty((libraryPropertyType)i, &parts[i]) != CUBLAS_STATUS_SUCCESS) refuse("load", "cuBLAS does not answer.");
  snprintf(buffer, size, "%d.%d.%d", parts[0], parts[1], parts[2]);
  return buffer;
}

enum { AT_PEAK_CHAINS = 8, AT_PEAK_STEPS = 512, AT_PEAK_THREADS = 256, AT_PEAK_GROUPS = 8 };

/* Chains of multiply-adds in registers; what they come to is written only if it is nothing that they can come to. */
static __global__ void at_peak(float *never, float factor) {
  float x[AT_PEAK_CHAINS];
  for (int i = 0; i < AT_PEAK_CHAINS; i++) x[i] = (float)(threadIdx.x + i);
  for (int step = 0; step < AT_PEAK_STEPS; step++)
    for (int i = 0; i < AT_PEAK_CHAINS; i++) x[i] = x[i] * factor + 1;
  float sum = 0;
  for (int i = 0; i < AT_PEAK_CHAINS; i++) sum += x[i];
  if (sum == -1) *never = sum;
}

/* The multiply-add peak of the ordinary units in f32; 0, unknown, in modes where tensor cores multiply. */
static double at_baseline_peak_flops(const at_baseline *baseline, double seconds) {
  if (baseline->compute != CUBLAS_COMPUTE_32F || baseline->format != AT_F32) return 0;
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3((unsigned)(AT_PEAK_GROUPS * baseline->multiprocessors));
  config.blockDim = dim3(AT_PEAK_THREADS);
  config.stream = baseline->runtime.stream;
  const double flops_of_launch =
      2.0 * AT_PEAK_CHAINS * AT_PEAK_STEPS * AT_PEAK_THREADS * AT_PEAK_GROUPS * baseline->multiprocessors;
  double flops = 0, elapsed;
  const double start = at_seconds();
  do {
    for (int i = 0; i < 16; i++) require(cudaLaunchKernelEx(&config, at_peak, (float *)NULL, 0.999f), "the peak");
    require(cudaStreamSynchronize(baseline->runtime.stream), "the peak");
    flops += 16 * flops_of_launch;
    elapsed = at_seconds() - start;
  } while (elapsed < seconds);
  return flops / elapsed;
}

#endif
