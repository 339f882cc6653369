/*
 * A generated program from its three kernels: all operands from A, all operands from B, all products in one call of
 * cuBLAS, C from the products. AT_N, AT_M, AT_P and AT_RANK are those of all levels together.
 */
#ifndef AT_PROGRAM_CUH
#define AT_PROGRAM_CUH

#include "elements.cuh"

/* Columns and rows of packs of one group of threads. */
enum { AT_GROUP_COLUMNS = 32, AT_GROUP_ROWS = 8 };
/* What CUDA allows. */
static const size_t AT_MAX_GRID_ROWS = 65535;

/* One block product, its rows padded to whole lines. */
struct at_geometry {
  size_t m, k, n;
};

static size_t at_ceil(size_t size, size_t part) { return (size + part - 1) / part; }

static at_geometry at_geometry_of(size_t m, size_t k, size_t n) {
  return {at_ceil(m, AT_N), at_ceil(at_ceil(k, AT_M), AT_LINE) * AT_LINE,
          at_ceil(at_ceil(n, AT_P), AT_LINE) * AT_LINE};
}

/* Bytes of all matrices of one kind, rounded up so that the next ones are aligned too. */
static size_t at_bytes(size_t rows, size_t columns, size_t element) {
  return at_ceil(AT_RANK * rows * columns * element, 256) * 256;
}

static size_t at_workspace_bytes(size_t m, size_t k, size_t n) {
  const at_geometry block = at_geometry_of(m, k, n);
  return at_bytes(block.m, block.k, sizeof(at_element)) + at_bytes(block.k, block.n, sizeof(at_element)) +
         at_bytes(block.m, block.n, sizeof(at_real));
}

template <typename T>
static bool at_launch(cudaStream_t stream, void (*whole)(at_matrix, T *), void (*ragged)(at_matrix, T *), size_t down,
                      size_t across, at_matrix matrix, T *others) {
  const bool is_whole = matrix.rows == down * matrix.block_rows && matrix.columns == across * matrix.block_columns;
  const size_t grid_rows = at_ceil(matrix.block_rows, AT_GROUP_ROWS);
  cudaLaunchConfig_t config = {};
  config.blockDim = dim3(AT_GROUP_COLUMNS, AT_GROUP_ROWS);
  config.gridDim = dim3((unsigned)at_ceil(matrix.block_columns, AT_GROUP_COLUMNS * AT_PACK),
                        (unsigned)(grid_rows < AT_MAX_GRID_ROWS ? grid_rows : AT_MAX_GRID_ROWS));
  config.stream = stream;
  return cudaLaunchKernelEx(&config, is_whole ? whole : ragged, matrix, others) == cudaSuccess;
}

static bool at_multiply(const at_cuda_runtime *runtime, size_t m, size_t k, size_t n, const void *a, const void *b,
                        void *c, void *workspace) {
  const at_geometry block = at_geometry_of(m, k, n);
  const auto begin = [&](at_cuda_phase phase) {
    if (runtime->begin != NULL) runtime->begin(runtime, phase);
  };
  char *const left = (char *)workspace;
  char *const right = left + at_bytes(block.m, block.k, sizeof(at_element));
  char *const products = right + at_bytes(block.k, block.n, sizeof(at_element));
  /* A and B are only read. */
  const at_matrix of_a = {(at_element *)a, m, k, block.m, block.k};
  const at_matrix of_b = {(at_element *)b, k, n, block.k, block.n};
  const at_matrix of_c = {(at_element *)c, m, n, block.m, block.n};
  const at_cuda_products all = {AT_RANK, block.m, block.k, block.n, left, right, products};

  begin(AT_CUDA_SPLIT);
  if (!at_launch(runtime->stream, at_split_a<true>, at_split_a<false>, AT_N, AT_M, of_a, (at_element *)left)) return false;
  if (!at_launch(runtime->stream, at_split_b<true>, at_split_b<false>, AT_M, AT_P, of_b, (at_element *)right)) return false;
  begin(AT_CUDA_MULTIPLY);
  if (!runtime->multiply(runtime, &all)) return false;
  begin(AT_CUDA_COMBINE);
  return at_launch(runtime->stream, at_merge_c<true>, at_merge_c<false>, AT_N, AT_P, of_c, (const at_real *)products);
}

extern "C" {
extern const at_cuda_program_t at_cuda_program;
const at_cuda_program_t at_cuda_program = {AT_CUDA_ABI_VERSION, AT_FORMAT, at_workspace_bytes, at_multiply};
}

#endif
