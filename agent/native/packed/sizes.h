/*
 * Sizes that are known when the program is compiled. A generated program defines
 *   AT_REAL                        float or double
 *   AT_N, AT_M, AT_P, AT_RANK      one <n,m,p> algorithm with so many products, whose transforms are straight-line code
 *   AT_OUTER_N, _M, _P, AT_STEPS   a level above it with so many products, each a step (steps.h); all 1 where there is none
 *   AT_MR, AT_NR_LINES             rows of the register tile, and cache lines in one of its rows
 *   AT_KC                          greatest depth of one call of the micro-kernel, in whole cache lines
 *   AT_TILE_ROWS, AT_TILE_COLUMNS  largest tile of a block for which all products are computed at a time
 *   AT_STREAM_BYTES                packed operands larger than this, or a C larger than half, are written past the caches
 *   AT_NEAR_BYTES                  all products of a near tile take at most so much (layout.h); 0: no tile is near
 */
#ifndef AT_PACKED_SIZES_H
#define AT_PACKED_SIZES_H

#include "../arithmetic.h"
#include "../vector.h"

#define AT_INLINE static inline __attribute__((always_inline))

#define AT_UNROLL(N) AT_UNROLL_(GCC unroll N)
#define AT_UNROLL_(X) _Pragma(#X)

typedef at_real at_vector __attribute__((vector_size(AT_VECTOR_BYTES), aligned(sizeof(AT_REAL)), may_alias));

enum {
  /* Elements in a cache line and in a vector; vectors in a line. A line is 64 bytes, whatever the vectors are. */
  AT_LINE = 64 / sizeof(at_real),
  AT_VL = AT_VECTOR_BYTES / sizeof(at_real),
  AT_LINE_VECTORS = 64 / AT_VECTOR_BYTES,
  /* The register tile: columns, vectors in a row, elements. A row panel has MR rows or one less. */
  AT_NR = AT_NR_LINES * AT_LINE,
  AT_NV = AT_NR_LINES * AT_LINE_VECTORS,
  AT_MICRO = AT_MR * AT_NR,
  AT_LOW_MR = AT_MR > 1 ? AT_MR - 1 : 1,
  /* What one call of a split handles: lines of a row of A; column panels of B, and rows of B or of one that is transposed. */
  AT_A_LINES = 8,
  AT_B_PANELS = 4,
  AT_B_ROWS = 2,
  AT_B_ROWS_TRANSPOSED = 16,
  /*
   * What one copy of lines or rows of all blocks may take of the stack. A product may be asked for on a thread of 64 KiB, and the compiler
   * keeps what the transforms have no registers for on the stack as well.
   */
  AT_STACK_BYTES_OF_COPIES = 16384,
  /* Prefetch distances: rows of a panel of B, and lines of the products. */
  AT_PREFETCH_B_ROWS = 16,
  AT_PREFETCH_PRODUCT_LINES = 4,
  /*
   * Which operand's panel stays in the first-level cache while it meets all panels of the other one in a tile. A step of the depth
   * reads more of B than of A, so it is B's where that is narrow enough to fit: the other way, AVX2's products were measured to
   * take 4 % longer.
   */
  AT_B_STAYS = AT_NR_LINES == 1,
  /* Tiles for each of several threads, so that the threads finish at about the same time. */
  AT_TILES_PER_THREAD = 3,
  /* Bounds on what is tried to make a product fit its workspace: slabs of an operand, and halvings of a tile. */
  AT_MOST_SLABS = 64,
  AT_MOST_HALVINGS = 6,
  /* A near tile. */
  AT_NEAR_ROWS = 6 * AT_MR,
  AT_NEAR_COLUMNS = 3 * AT_NR,
  /* The grids that both levels together cut A, B and C into. */
  AT_GRID_N = AT_OUTER_N * AT_N,
  AT_GRID_M = AT_OUTER_M * AT_M,
  AT_GRID_P = AT_OUTER_P * AT_P
};

_Static_assert(AT_KC % AT_LINE == 0, "AT_KC must be whole cache lines, because a product is continued at a line of A's panel");

#endif
