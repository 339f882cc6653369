/*
 * The contract between the measuring child (harness.cu) and a generated program: the program is a shared object that
 * exports at_cuda_program, and the child lends it cuBLAS. Matrices are row-major without padding, in the memory of
 * the device, aligned to 256 bytes.
 */
#ifndef AT_CUDA_CANDIDATE_H
#define AT_CUDA_CANDIDATE_H

#include <cuda_runtime.h>

#include <stddef.h>

/* To be raised when anything below changes. */
#define AT_CUDA_ABI_VERSION 1

/* Number formats of the matrices. */
#define AT_F32 1
#define AT_F64 2
#define AT_F16 3
#define AT_BF16 4

/* The phases of a program, in this order. */
enum at_cuda_phase { AT_CUDA_SPLIT, AT_CUDA_MULTIPLY, AT_CUDA_COMBINE, AT_CUDA_PHASES };

/* The operands of `count` products, one after the other, in the format of the matrices; products of halves are in f32. */
typedef struct {
  size_t count, m, k, n;
  const void *a, *b;
  void *products;
} at_cuda_products;

typedef struct at_cuda_runtime at_cuda_runtime;
struct at_cuda_runtime {
  cudaStream_t stream;
  /* Computes all of them in one call; false if cuBLAS refuses. */
  bool (*multiply)(const at_cuda_runtime *runtime, const at_cuda_products *products);
  /* Called when a phase begins; NULL if nobody wants to know. */
  void (*begin)(const at_cuda_runtime *runtime, at_cuda_phase phase);
};

/* What a generated program exports under the name "at_cuda_program". */
typedef struct {
  int abi_version;
  int format;
  /* Bytes of temporary memory for a product of these dimensions. */
  size_t (*workspace_bytes)(size_t m, size_t k, size_t n);
  /* Starts C = A B on the runtime's stream; false if a kernel or cuBLAS could not be started. */
  bool (*multiply)(const at_cuda_runtime *runtime, size_t m, size_t k, size_t n, const void *a, const void *b, void *c,
                   void *workspace);
} at_cuda_program_t;

#endif
