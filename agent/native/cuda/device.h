/* Calls of CUDA that must succeed. */
#ifndef AT_CUDA_DEVICE_H
#define AT_CUDA_DEVICE_H

#include "../reply.h"

#include <cuda_runtime.h>

/* Ends the process over a fault. */
__attribute__((noreturn)) static inline void fail(const char *what, cudaError_t error) {
  fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(error));
  exit(1);
}

static inline void require(cudaError_t error, const char *what) {
  if (error != cudaSuccess) fail(what, error);
}

static inline void *at_device_allocate(size_t bytes, const char *what) {
  void *memory = NULL;
  if (cudaMalloc(&memory, bytes) != cudaSuccess) refuse_memory("The device has", what, bytes);
  return memory;
}

#endif
