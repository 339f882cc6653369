/*
 * The matrices on the device, and what the processor checks them with: copies in f64 or f32, halves widened to f32. A and B
 * are rounded to their format first, so that the error of a result is that of the product alone.
 */
#ifndef AT_HOST_MATRICES_H
#define AT_HOST_MATRICES_H

#include "cuda_candidate.h"
#include "device.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

extern "C" {
#include "../matrices.h"
}

typedef struct {
  size_t m, k, n;
  /* AT_F32, ... */
  int format;
  size_t element_bytes;
  /* On the device. */
  void *a, *b, *c;
  at_matrices host;
} at_host_matrices;

/* Elements that are converted at a time. */
static const size_t AT_STAGED = 1 << 20;

static inline float at_to_half(float x, __half *to) { return __half2float(*to = __float2half_rn(x)); }
static inline float at_to_half(float x, __nv_bfloat16 *to) { return __bfloat162float(*to = __float2bfloat16_rn(x)); }
static inline float at_from_half(__half x) { return __half2float(x); }
static inline float at_from_half(__nv_bfloat16 x) { return __bfloat162float(x); }

template <typename Half> static void at_upload_halves(float *from, void *to, size_t count) {
  Half *staged = (Half *)malloc(AT_STAGED * sizeof *staged);
  if (staged == NULL) refuse("memory", "There is no memory to convert a matrix.");
  for (size_t first = 0; first < count; first += AT_STAGED) {
    const size_t some = count - first < AT_STAGED ? count - first : AT_STAGED;
    for (size_t i = 0; i < some; i++) from[first + i] = at_to_half(from[first + i], &staged[i]);
    require(cudaMemcpy((Half *)to + first, staged, some * sizeof *staged, cudaMemcpyHostToDevice), "a matrix");
  }
  free(staged);
}

template <typename Half> static void at_download_halves(const void *from, float *to, size_t count) {
  Half *staged = (Half *)malloc(AT_STAGED * sizeof *staged);
  if (staged == NULL) refuse("memory", "There is no memory to convert a matrix.");
  for (size_t first = 0; first < count; first += AT_STAGED) {
    const size_t some = count - first < AT_STAGED ? count - first : AT_STAGED;
    require(cudaMemcpy(staged, (const Half *)from + first, some * sizeof *staged, cudaMemcpyDeviceToHost), "a matrix");
    for (size_t i = 0; i < some; i++) to[first + i] = at_from_half(staged[i]);
  }
  free(staged);
}

static void at_upload(const at_host_matrices *x, void *from, void *to, size_t count) {
  if (x->format == AT_F16) at_upload_halves<__half>((float *)from, to, count);
  else if (x->format == AT_BF16) at_upload_halves<__nv_bfloat16>((float *)from, to, count);
  else require(cudaMemcpy(to, from, count * x->element_bytes, cudaMemcpyHostToDevice), "a matrix");
}

/* After the copies of the host have been filled. */
static void at_host_upload(at_host_matrices *x) {
  at_upload(x, x->host.a, x->a, x->m * x->k);
  at_upload(x, x->host.b, x->b, x->k * x->n);
}

static void at_host_fetch_c(at_host_matrices *x) {
  const size_t count = x->m * x->n;
  if (x->format == AT_F16) at_download_halves<__half>(x->c, (float *)x->host.c, count);
  else if (x->format == AT_BF16) at_download_halves<__nv_bfloat16>(x->c, (float *)x->host.c, count);
  else require(cudaMemcpy(x->host.c, x->c, count * x->element_bytes, cudaMemcpyDeviceToHost), "the product");
}

/* Every element NaN: one that is not written cannot pass for right. */
static void at_host_poison_c(at_host_matrices *x) {
  require(cudaMemset(x->c, 0xff, x->m * x->n * x->element_bytes), "the product");
}

static int at_format_named(const char *name) {
  if (strcmp(name, "f32") == 0) return AT_F32;
  if (strcmp(name, "f64") == 0) return AT_F64;
  if (strcmp(name, "f16") == 0) return AT_F16;
  if (strcmp(name, "bf16") == 0) return AT_BF16;
  refuse("usage", "The format must be f32, f64, f16 or bf16.");
}

static void at_host_allocate(at_host_matrices *x, const char *format, size_t m, size_t k, size_t n, uint64_t seed) {
  x->m = m;
  x->k = k;
  x->n = n;
  x->format = at_format_named(format);
  x->element_bytes = x->format == AT_F64 ? 8 : x->format == AT_F32 ? 4 : 2;
  if (at_matrices_allocate(&x->host, m, k, n, x->format == AT_F64 ? 8 : 4, seed) != 0)
    refuse("memory", "There is no memory for the matrices.");
  x->a = at_device_allocate(m * k * x->element_bytes, "A");
  x->b = at_device_allocate(k * n * x->element_bytes, "B");
  x->c = at_device_allocate(m * n * x->element_bytes, "C");
}

#endif
