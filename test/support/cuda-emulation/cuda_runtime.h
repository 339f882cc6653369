/*
 * As much of CUDA's runtime as native/cuda and the programs generated for it use, on the processor: the memory of the device is
 * ordinary memory, the threads of a kernel run one after the other. For tests on machines without a GPU; nothing here says
 * how fast anything is.
 */
#ifndef CUDA_RUNTIME_EMULATION_H
#define CUDA_RUNTIME_EMULATION_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define __global__
#define __device__
#define __host__
#define __launch_bounds__(...)

enum cudaError_t { cudaSuccess = 0, cudaErrorMemoryAllocation = 2, cudaErrorInvalidConfiguration = 9 };
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2 };
enum { cudaDeviceScheduleBlockingSync = 4 };

static inline const char *cudaGetErrorString(cudaError_t error) { return error == cudaSuccess ? "no error" : "emulated error"; }
static inline cudaError_t cudaGetLastError() { return cudaSuccess; }

struct dim3 {
  unsigned x, y, z;
  dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
/* Of the whole process, also where a program is a shared object of its own. */
inline dim3 threadIdx(0, 0, 0), blockIdx(0, 0, 0), blockDim, gridDim;

typedef struct at_emulated_stream *cudaStream_t;
static inline cudaError_t cudaStreamCreate(cudaStream_t *stream) { return *stream = NULL, cudaSuccess; }
static inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }

typedef struct timespec *cudaEvent_t;
static inline cudaError_t cudaEventCreate(cudaEvent_t *event) {
  return *event = (cudaEvent_t)calloc(1, sizeof **event), cudaSuccess;
}
static inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  return clock_gettime(CLOCK_MONOTONIC, event), cudaSuccess;
}
static inline cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }
static inline cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t first, cudaEvent_t last) {
  const double elapsed = 1e3 * (last->tv_sec - first->tv_sec) + 1e-6 * (last->tv_nsec - first->tv_nsec);
  return *milliseconds = (float)elapsed, cudaSuccess;
}

/* As far from the end of the memory as a device's is from what follows: nothing; a sanitizer sees what reaches over it. */
static inline cudaError_t cudaMalloc(void **memory, size_t bytes) {
  return posix_memalign(memory, 256, bytes) == 0 ? cudaSuccess : cudaErrorMemoryAllocation;
}
static inline cudaError_t cudaMemset(void *memory, int value, size_t bytes) { return memset(memory, value, bytes), cudaSuccess; }
static inline cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind) {
  return memcpy(to, from, bytes), cudaSuccess;
}

static inline cudaError_t cudaMemGetInfo(size_t *available, size_t *total) {
  *total = (size_t)1 << 30;
  const char *wanted = getenv("AT_EMULATED_FREE_BYTES");
  return *available = wanted == NULL ? *total : strtoull(wanted, NULL, 10), cudaSuccess;
}

struct cudaDeviceProp {
  char name[256];
  int major, minor, multiProcessorCount;
};
static inline cudaError_t cudaGetDeviceCount(int *count) { return *count = 1, cudaSuccess; }
static inline cudaError_t cudaSetDeviceFlags(unsigned) { return cudaSuccess; }
static inline cudaError_t cudaDriverGetVersion(int *version) { return *version = 13000, cudaSuccess; }
static inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int) {
  *properties = {"emulated GPU", 0, 0, 1};
  return cudaSuccess;
}

struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes;
  cudaStream_t stream;
};

template <typename... Parameters, typename... Arguments>
static cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t *config, void (*kernel)(Parameters...), Arguments &&...arguments) {
  const dim3 grid = config->gridDim, block = config->blockDim;
  if (grid.x == 0 || grid.y == 0 || grid.y > 65535 || block.x * block.y * block.z > 1024) return cudaErrorInvalidConfiguration;
  gridDim = grid;
  blockDim = block;
  for (blockIdx.y = 0; blockIdx.y < grid.y; blockIdx.y++)
    for (blockIdx.x = 0; blockIdx.x < grid.x; blockIdx.x++)
      for (threadIdx.y = 0; threadIdx.y < block.y; threadIdx.y++)
        for (threadIdx.x = 0; threadIdx.x < block.x; threadIdx.x++) kernel(Parameters(arguments)...);
  return cudaSuccess;
}

#endif
