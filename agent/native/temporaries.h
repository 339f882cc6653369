/*
 * The temporaries engine: recursion over somebody's GEMM, with combinations of blocks in temporary matrices. A generated program
 * defines AT_REAL (float or double) and AT_GEMM (the member of at_runtime that multiplies it), includes this file, and then defines
 * for every level one at_algorithm whose three combine functions are straight-line code from the factorization's u, v and w.
 *
 * Start reading at at_multiply, at the end. One level of <n,m,p;R>, for A M x K and B K x N, cuts A into n x m blocks, B into m x p
 * and C into n x p (grid.h). Then
 *   1. one pass over A computes all R combinations of its blocks, one over B those of B's;
 *   2. the R products are computed by the next level, or by the GEMM;
 *   3. one pass over the products computes all blocks of C.
 * A combination that is a single block inside the matrix is used where it is, and a block of C that is a single product not used
 * elsewhere is computed in its place; their coefficients move into the GEMM's alpha.
 *
 * A pass goes block-row by block-row, in chunks of columns that stay in the first-level cache while the R sums are formed.
 */
#ifndef AT_TEMPORARIES_H
#define AT_TEMPORARIES_H

#include "candidate.h"
#include "grid.h"
#include <string.h>

/* Tells the compiler that the iterations of the next loop are independent. */
#if defined(__clang__)
#define AT_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define AT_INDEPENDENT _Pragma("GCC ivdep")
#endif

/* Bytes of the chunks of all matrices that a pass reads, which should stay in the first-level cache. */
#define AT_CHUNK_BYTES 16384

/*
 * Straight-line sums. source[x]: blocks of an operand, or products; target[y]: where sum y goes; width[y]: how many
 * elements of it are wanted, 0 for none.
 */
typedef void at_combine_fn(const size_t *width, const at_real *const *source, at_real *const *target);

typedef struct {
  int n, m, p, rank;
  /* For each product the one block its combination consists of, or -1; blocks of A are i*m+j, of B j*p+k. */
  const int *single_a, *single_b;
  /* For each product the block of C (i*p+k) that consists of nothing else and is its only use, or -1. */
  const int *single_c;
  /* For each product the coefficients of its single blocks multiplied. */
  const at_real *alpha;
  at_combine_fn *combine_a, *combine_b, *combine_c;
} at_algorithm;

/*
 * Leading dimension of a temporary with this many columns: whole cache lines, and never a multiple of 4 KiB, at which
 * the rows of a column would compete for the same cache sets.
 */
static inline size_t at_stride(size_t columns) {
  size_t line = 64 / sizeof(at_real), stride = at_ceil(columns, line) * line;
  return stride * sizeof(at_real) % 4096 == 0 ? stride + line : stride;
}

static inline at_grid at_cut(at_real *data, size_t height, size_t width, size_t stride, int blocks_down, int blocks_across) {
  return (at_grid){data, height, width, stride, 0, at_ceil(height, blocks_down), at_ceil(width, blocks_across), blocks_down,
                   blocks_across};
}

/* How many of so many elements of a row, from (i, j) of block x on, lie inside the matrix. */
static inline size_t at_row_inside(const at_grid *grid, int x, size_t i, size_t j, size_t width) {
  size_t rows = 1, columns = width;
  at_clip(grid, x, i, j, &rows, &columns);
  return rows == 0 ? 0 : columns;
}

/* Whether block x lies wholly inside the matrix. */
static inline int at_whole(const at_grid *grid, int x) {
  return (x / grid->blocks_across + 1) * grid->block_height <= grid->height &&
         (x % grid->blocks_across + 1) * grid->block_width <= grid->width;
}

/* Columns a pass handles at a time when it reads this many blocks. */
static inline size_t at_chunk(int sources) {
  size_t chunk = AT_CHUNK_BYTES / sizeof(at_real) / sources / 64 * 64;
  return chunk < 64 ? 64 : chunk;
}

/*
 * Columns that a split handles at a time: a chunk of every block may be copied onto the stack, which may be one of 64 KiB.
 */
static inline size_t at_split_chunk(int blocks) {
  const size_t most = at_max(1, AT_CHUNK_BYTES / sizeof(at_real) / blocks);
  return at_min(at_chunk(blocks), most < 16 ? most : most / 16 * 16);
}

/* Gives every product of a matrix its place: in the matrix itself, or next in the workspace. Returns the rest of the workspace. */
static at_real *at_place(const at_grid *grid, int rank, const int *single, at_real *workspace, at_real **product,
                         size_t *stride) {
  for (int r = 0; r < rank; r++) {
    if (single[r] >= 0 && at_whole(grid, single[r])) {
      product[r] = at_block(grid, single[r], 0, 0);
      stride[r] = grid->stride;
    } else {
      product[r] = workspace;
      stride[r] = at_stride(grid->block_width);
      workspace += grid->block_height * stride[r];
    }
  }
  return workspace;
}

/* Elements of workspace that at_place takes. */
static size_t at_placed(const at_grid *grid, int rank, const int *single) {
  size_t elements = 0;
  for (int r = 0; r < rank; r++)
    if (single[r] < 0 || !at_whole(grid, single[r])) elements += grid->block_height * at_stride(grid->block_width);
  return elements;
}

/* A pass over the rows of all blocks of a matrix. */
typedef struct {
  const at_grid *grid;
  int blocks, rank;
  const int *single;
  at_real *const *product;
  at_combine_fn *combine;
} at_pass;

/* Whether product r lies in the matrix itself, so that the pass has nothing to do for it. */
static inline int at_in_place(const at_pass *pass, int r) {
  return pass->single[r] >= 0 && at_whole(pass->grid, pass->single[r]);
}

/* Pass 1: the rows first <= i < last of all combinations of an operand's blocks, an at_rows_fn on a pass. */
static void at_split_rows(void *argument, size_t first, size_t last) {
  const at_pass *pass = argument;
  const at_grid *grid = pass->grid;
  const int rank = pass->rank, blocks = pass->blocks;
  const size_t stride = at_stride(grid->block_width), chunk = at_split_chunk(blocks);
  const at_real *source[blocks];
  at_real *target[rank];
  size_t width[rank];
  at_real padded[blocks * chunk];
  for (size_t i = first; i < last; i++) {
    for (size_t j = 0; j < grid->block_width; j += chunk) {
      const size_t wanted = at_min(chunk, grid->block_width - j);
      for (int x = 0; x < blocks; x++) {
        const size_t inside = at_row_inside(grid, x, i, j, wanted);
        if (inside == wanted) {
          source[x] = at_block(grid, x, i, j);
          continue;
        }
        /* A copy of the row, with zeros beyond the edge. */
        at_real *row = padded + x * chunk;
        if (inside > 0) memcpy(row, at_block(grid, x, i, j), inside * sizeof(at_real));
        memset(row + inside, 0, (wanted - inside) * sizeof(at_real));
        source[x] = row;
      }
      for (int r = 0; r < rank; r++) {
        width[r] = at_in_place(pass, r) ? 0 : wanted;
        target[r] = width[r] > 0 ? pass->product[r] + i * stride + j : NULL;
      }
      pass->combine(width, source, target);
    }
  }
}

/* Pass 3: the rows first <= i < last of all blocks of C that are not in their place already, an at_rows_fn on a pass. */
static void at_merge_rows(void *argument, size_t first, size_t last) {
  const at_pass *pass = argument;
  const at_grid *grid = pass->grid;
  const int rank = pass->rank, blocks = pass->blocks;
  const size_t stride = at_stride(grid->block_width), chunk = at_chunk(rank);
  const at_real *source[rank];
  at_real *target[blocks];
  size_t width[blocks];
  for (size_t i = first; i < last; i++) {
    for (size_t j = 0; j < grid->block_width; j += chunk) {
      const size_t wanted = at_min(chunk, grid->block_width - j);
      for (int x = 0; x < blocks; x++) {
        width[x] = at_row_inside(grid, x, i, j, wanted);
        target[x] = width[x] > 0 ? at_block(grid, x, i, j) : NULL;
      }
      for (int r = 0; r < rank; r++) {
        source[r] = NULL;
        if (at_in_place(pass, r)) width[pass->single[r]] = 0;
        else source[r] = pass->product[r] + i * stride + j;
      }
      pass->combine(width, source, target);
    }
  }
}

/* Elements of workspace for the places and the strides of all products of a level, which many would be too much for the stack. */
static inline size_t at_table(int rank) {
  return at_ceil(3 * rank * (sizeof(at_real *) + sizeof(size_t)), 64) * 64 / sizeof(at_real);
}

/* Elements of workspace that at_multiply needs for the given levels, outermost first. */
static size_t at_workspace(const at_algorithm *const *level, int levels, size_t m, size_t k, size_t n) {
  if (levels == 0) return 0;
  const at_algorithm *g = *level;
  const at_grid a = at_cut(NULL, m, k, k, g->n, g->m), b = at_cut(NULL, k, n, n, g->m, g->p);
  const at_grid c = at_cut(NULL, m, n, n, g->n, g->p);
  return at_table(g->rank) + at_placed(&a, g->rank, g->single_a) + at_placed(&b, g->rank, g->single_b) +
         at_placed(&c, g->rank, g->single_c) +
         at_workspace(level + 1, levels - 1, a.block_height, a.block_width, b.block_width);
}

/* C = alpha A B by the given levels, outermost first. */
static void at_multiply(const at_runtime *runtime, const at_algorithm *const *level, int levels, size_t m, size_t k,
                        size_t n, at_real alpha, const at_real *a_data, size_t lda, const at_real *b_data, size_t ldb,
                        at_real *c_data, size_t ldc, at_real *workspace) {
  if (levels == 0) {
    runtime->AT_GEMM(m, n, k, alpha, a_data, lda, b_data, ldb, c_data, ldc);
    return;
  }
  const at_algorithm *g = *level;
  /* The grids of A and B are only read. */
  const at_grid a = at_cut((at_real *)a_data, m, k, lda, g->n, g->m), b = at_cut((at_real *)b_data, k, n, ldb, g->m, g->p);
  const at_grid c = at_cut(c_data, m, n, ldc, g->n, g->p);
  at_real **a_product = (at_real **)workspace, **b_product = a_product + g->rank, **c_product = b_product + g->rank;
  size_t *a_stride = (size_t *)(c_product + g->rank), *b_stride = a_stride + g->rank, *c_stride = b_stride + g->rank;
  workspace += at_table(g->rank);
  workspace = at_place(&a, g->rank, g->single_a, workspace, a_product, a_stride);
  workspace = at_place(&b, g->rank, g->single_b, workspace, b_product, b_stride);
  workspace = at_place(&c, g->rank, g->single_c, workspace, c_product, c_stride);

  at_pass split_a = {&a, g->n * g->m, g->rank, g->single_a, a_product, g->combine_a};
  at_pass split_b = {&b, g->m * g->p, g->rank, g->single_b, b_product, g->combine_b};
  at_pass merge_c = {&c, g->n * g->p, g->rank, g->single_c, c_product, g->combine_c};
  runtime->for_rows(runtime, a.block_height, at_split_rows, &split_a);
  runtime->for_rows(runtime, b.block_height, at_split_rows, &split_b);
  for (int r = 0; r < g->rank; r++)
    at_multiply(runtime, level + 1, levels - 1, a.block_height, a.block_width, b.block_width, alpha * g->alpha[r],
                a_product[r], a_stride[r], b_product[r], b_stride[r], c_product[r], c_stride[r], workspace);
  runtime->for_rows(runtime, c.block_height, at_merge_rows, &merge_c);
}

#endif
