/*
 * One pass over A and one over B compute all R linear combinations of their blocks and write them packed, as a GEMM's
 * micro-kernel reads them; then, tile by tile of C's blocks, R plain products are computed from the packed operands and
 * one pass combines them into C. (Goto & van de Geijn 2008 for the packing; Benson & Ballard 2015 and Huang et al. 2016,
 * "Strassen's algorithm reloaded", for combining while packing.)
 *
 * A generated program defines, includes this file, and then defines the three straight-line transforms declared below:
 *   AT_REAL                      float or double
 *   AT_N, AT_M, AT_P, AT_RANK    all levels together as one <n,m,p> algorithm with that many products
 *   AT_MR, AT_LINES              most rows, and cache lines, of the register tile
 *   AT_KC                        greatest depth of the products between two updates of a register tile
 *   AT_TILE_ROWS, AT_TILE_COLUMNS  the largest tile of a block that is computed for all products at a time
 *   AT_STREAM_BYTES              packed operands larger than this, or a C larger than half, bypass the caches when they are written
 *   AT_NEAR_BYTES                all products of a near tile take at most so much; 0: no tile is near
 *
 * A line is 64 bytes, AT_LINE elements, whatever the vectors are. Layouts, for each product:
 *   A  [part of the depth][panel of rows][line of the part][row][AT_LINE]     broadcast from memory, so no transposition is needed
 *   B  [part of the depth][panel of AT_NR columns][row of the part][AT_NR]
 *   tile  [panel of rows][panel of columns][AT_MR][AT_NR]
 * The depth is cut into as few parts of about equal size as AT_KC allows. What the micro-kernel reads of a tile for one part lies
 * together: panels half a second-level cache apart would share a few of its sets.
 * A panel has AT_MR rows or one less, as many as share a block's rows evenly, so that hardly any row is computed in vain.
 * Blocks are cut like engine.h's, rounded up, and to whole panels of B across; what lies beyond the edge of a matrix counts as zero.
 */
#ifndef AT_PACKED_H
#define AT_PACKED_H

#include "runtime.h"
#include "vector.h"
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef AT_REAL at_real;
typedef at_real at_vector __attribute__((vector_size(AT_VECTOR_BYTES), aligned(sizeof(AT_REAL)), may_alias));

enum {
  AT_LINE = 64 / sizeof(at_real),
  AT_VL = AT_VECTOR_BYTES / sizeof(at_real),
  /* Vectors in a line. */
  AT_PARTS = 64 / AT_VECTOR_BYTES,
  AT_NR = AT_LINES * AT_LINE,
  AT_NV = AT_LINES * AT_PARTS,
  AT_MICRO = AT_MR * AT_NR,
  AT_LOW_MR = AT_MR > 1 ? AT_MR - 1 : 1,
  /* Lines of a row of A that a pass handles at a time; panels and rows of B, and rows of one that is transposed. */
  AT_A_LINES = 8,
  AT_B_PANELS = 4,
  AT_B_ROWS = 2,
  AT_B_ROWS_TRANSPOSED = 16,
  /* Rows of B, and lines of the products, that are asked for ahead of their use. */
  AT_B_AHEAD = 16,
  AT_FETCH_AHEAD = 4,
  /*
   * Which side's panel stays in the first-level cache while it meets all panels of the other in a tile. A step of the depth reads more of B
   * than of A, so B's, where it is narrow enough to fit: the other way, AVX2's products were measured to take 4 % longer.
   */
  AT_B_STAYS = AT_LINES == 1,
  /* Tiles for each of several threads, so that they finish at about the same time. */
  AT_TILES_PER_THREAD = 3,
  /* A near tile. */
  AT_NEAR_ROWS = 6 * AT_MR,
  AT_NEAR_COLUMNS = 3 * AT_NR,
  AT_HAS_NEAR = AT_RANK * AT_NEAR_ROWS * AT_NEAR_COLUMNS * sizeof(at_real) <= AT_NEAR_BYTES
};

/* A product is continued at a whole line of A's panel. */
_Static_assert(AT_KC % AT_LINE == 0, "AT_KC must be whole lines");

/* Straight-line code on lines. A value x is AT_PARTS vectors x_0, x_1 …; P: where a line lies. */
#if AT_VECTOR_BYTES == 64
#define AT_EACH(F, ...) F(0, __VA_ARGS__)
#elif AT_VECTOR_BYTES == 32
#define AT_EACH(F, ...) F(0, __VA_ARGS__) F(1, __VA_ARGS__)
#else
#define AT_EACH(F, ...) F(0, __VA_ARGS__) F(1, __VA_ARGS__) F(2, __VA_ARGS__) F(3, __VA_ARGS__)
#endif
#define AT_LOAD_PART(i, x, p) const at_vector x##_##i = *(const at_vector *)((p) + i * AT_VL);
#define AT_ADD_PART(i, x, a, b) const at_vector x##_##i = a##_##i + b##_##i;
#define AT_SUB_PART(i, x, a, b) const at_vector x##_##i = a##_##i - b##_##i;
#define AT_SCALE_PART(i, x, f, a) const at_vector x##_##i = (at_real)(f) * a##_##i;
#define AT_COMBINE_PART(i, x, f, a, g, b) const at_vector x##_##i = (at_real)(f) * a##_##i + (at_real)(g) * b##_##i;
/* Of a stream that is read in order: what comes next is asked for. */
#define AT_FETCH(x, p) __builtin_prefetch((p) + AT_FETCH_AHEAD * AT_LINE, 0, 2); AT_EACH(AT_LOAD_PART, x, p)
#define AT_STORE_PART(i, p, x) *(at_vector *)((p) + i * AT_VL) = x##_##i;
#define AT_STREAM_PART(i, p, x) at_stream((p) + i * AT_VL, x##_##i);
/* Of one row of several, a row further on being asked for. */
#define AT_LOAD(x, p) __builtin_prefetch((p) + source_row_step); AT_EACH(AT_LOAD_PART, x, p)
#define AT_ADD(...) AT_EACH(AT_ADD_PART, __VA_ARGS__)
#define AT_SUB(...) AT_EACH(AT_SUB_PART, __VA_ARGS__)
#define AT_SCALE(...) AT_EACH(AT_SCALE_PART, __VA_ARGS__)
#define AT_COMBINE(...) AT_EACH(AT_COMBINE_PART, __VA_ARGS__)
/* Past the caches if the pass says so, which takes aligned memory. */
#define AT_WRITE(p, x) \
  if (stream) { AT_EACH(AT_STREAM_PART, p, x) } else { AT_EACH(AT_STORE_PART, p, x) }
/* To one row of several of C, the next one being asked for: what does not go past the caches must be there to be written. */
#define AT_PUT(p, x) \
  if (stream) { AT_EACH(AT_STREAM_PART, p, x) } \
  else { __builtin_prefetch((p) + target_row_step, 1); AT_EACH(AT_STORE_PART, p, x) }

static inline void at_stream(at_real *target, at_vector value) {
#if defined(__AVX512F__)
  _mm512_stream_si512((__m512i *)target, (__m512i)value);
#elif defined(__AVX__)
  _mm256_stream_si256((__m256i *)target, (__m256i)value);
#elif defined(__x86_64__)
  _mm_stream_si128((__m128i *)target, (__m128i)value);
#else
  *(at_vector *)target = value;
#endif
}

/* What was streamed is visible to other threads from here on. */
static inline void at_stream_end(void) {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

/*
 * Lets the address of every product be computed anew from the last one's in each round of a transform's loop: it is an addition. GCC
 * would else compute all of them before the loop, keep them in memory, and load each one for its access.
 */
#define AT_NOT_KEPT(step) __asm__("" : "+r"(step))

/*
 * The generated transforms. Each handles rows x lines lines of every block at once; a row step is the distance in elements
 * of two rows, a line step that of two neighbouring lines (AT_LINE in the caller's matrices), a product step that of two
 * products. source[x] and target[x] are where block x of an operand or of C begins.
 */
typedef void at_split_fn(size_t rows, size_t lines, const at_real *const *source, size_t source_row_step,
                         at_real *packed, size_t product_step, size_t packed_row_step, size_t packed_line_step);
static at_split_fn at_split_a, at_split_b, at_split_a_streaming, at_split_b_streaming;
typedef void at_merge_fn(size_t rows, size_t lines, const at_real *products, size_t product_step,
                         at_real *const *target, size_t target_row_step);
static at_merge_fn at_merge_c, at_merge_c_streaming;

static inline size_t at_min(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t at_max(size_t a, size_t b) { return a > b ? a : b; }
static inline size_t at_ceil(size_t a, size_t b) { return (a + b - 1) / b; }

/*
 * Elements from one product to the next: an odd number of lines, so that any 64 products in a row begin in 64 different lines of a page.
 * With two of them, as half pages make, splits were measured to take 1.6 times as long.
 */
static inline size_t at_product_step(size_t elements) { return (elements / AT_LINE | 1) * AT_LINE; }

/* How a product of these dimensions is cut up. */
typedef struct {
  size_t m, k, n;                      /* of the whole product */
  size_t rows, depth, columns;         /* of one block product */
  size_t part;                         /* depth of a part, whole lines; the last one may have less */
  size_t row_panels, column_panels;    /* of one block */
  size_t a_step, b_step, tile_step;    /* elements from one product to the next */
  size_t tile_row_panels, tile_column_panels; /* of a tile */
  size_t tiles_down, tiles_across;
  /*
   * Near tiles are small, so that all products of one are still in the caches when they are combined. They pay only where a block
   * product is short enough to be computed in one go, since its panels are read more often.
   */
  int near;
} at_shape;

/* The largest number of panels of the given width in a tile, the tiles being of about equal size. */
static inline size_t at_balanced(size_t panels, size_t tiles) { return at_ceil(panels, at_max(1, at_min(tiles, panels))); }

static inline at_shape at_shape_of(size_t m, size_t k, size_t n, size_t threads) {
  at_shape s = {.m = m, .k = k, .n = n};
  s.rows = at_ceil(m, AT_N);
  s.depth = at_ceil(k, AT_M);
  /* Whole panels, of which no more are needed: all blocks then begin at a line of the caches if the first one does and rows are whole lines. */
  s.columns = at_ceil(n, AT_P * AT_NR) * AT_NR;
  s.row_panels = at_ceil(s.rows, AT_MR);
  s.column_panels = s.columns / AT_NR;
  s.part = at_ceil(s.depth, at_ceil(s.depth, AT_KC) * AT_LINE) * AT_LINE;
  s.a_step = at_product_step(s.row_panels * AT_MR * at_ceil(s.depth, AT_LINE) * AT_LINE);
  s.b_step = at_product_step(s.column_panels * AT_NR * s.depth);
  s.near = AT_HAS_NEAR && s.depth <= AT_KC;
  const size_t columns = s.near ? at_min(AT_NEAR_COLUMNS, AT_TILE_COLUMNS) : AT_TILE_COLUMNS;
  const size_t rows = s.near ? at_min(AT_NEAR_ROWS, AT_TILE_ROWS) : AT_TILE_ROWS;
  s.tile_column_panels = at_balanced(s.column_panels, at_ceil(s.column_panels * AT_NR, columns));
  s.tiles_across = at_ceil(s.column_panels, s.tile_column_panels);
  size_t down = at_ceil(s.row_panels * AT_MR, rows);
  if (threads > 1) down = at_max(down, at_ceil(AT_TILES_PER_THREAD * threads, s.tiles_across));
  s.tile_row_panels = at_balanced(s.row_panels, down);
  s.tiles_down = at_ceil(s.row_panels, s.tile_row_panels);
  s.tile_step = at_product_step(s.tile_row_panels * s.tile_column_panels * AT_MICRO);
  return s;
}

/* Elements of workspace: the packed operands, and one tile of every product for each thread. */
static inline size_t at_packed_elements(const at_shape *s) { return AT_RANK * (s->a_step + s->b_step); }
static inline size_t at_workspace(const at_shape *s, size_t threads) {
  return at_packed_elements(s) + threads * AT_RANK * s->tile_step;
}

/* A part of a block's depth, from `first` on: a whole line of A's panels. */
typedef struct {
  size_t first, depth, lines;
} at_part_of_depth;

static inline at_part_of_depth at_part_from(const at_shape *s, size_t first) {
  const size_t depth = at_min(s->part, s->depth - first);
  return (at_part_of_depth){first, depth, at_ceil(depth, AT_LINE)};
}

/* Elements from a product's beginning to panel q of the part. */
static inline size_t at_a_panel(const at_shape *s, at_part_of_depth part, size_t q) {
  return AT_MR * (s->row_panels * part.first + q * part.lines * AT_LINE);
}
static inline size_t at_b_panel(const at_shape *s, at_part_of_depth part, size_t q) {
  return AT_NR * (s->column_panels * part.first + q * part.depth);
}

/* Row panel q of a block: rows first <= i < first + count, which the micro-kernel computes as `height` rows. */
typedef struct {
  size_t first, count, height;
} at_row_panel;

static inline at_row_panel at_row_panel_of(const at_shape *s, size_t q) {
  const size_t first = s->rows * q / s->row_panels, count = s->rows * (q + 1) / s->row_panels - first;
  return (at_row_panel){first, count, at_max(count, AT_LOW_MR)};
}

/* An operand or C as the caller has it. */
typedef struct {
  at_real *data;
  size_t height, width; /* as it counts, after transposition */
  size_t stride;
  int transposed;       /* element (i, j) is at j * stride + i */
  size_t block_height, block_width;
  int blocks_down, blocks_across;
} at_grid;

/* Whether every line of every block begins where a line of the caches does. */
static inline int at_is_aligned(const at_grid *g) {
  return ((uintptr_t)g->data | g->stride * sizeof(at_real) | g->block_width * sizeof(at_real)) % 64 == 0;
}

static inline at_real *at_at(const at_grid *g, size_t i, size_t j) {
  return g->data + (g->transposed ? j * g->stride + i : i * g->stride + j);
}

/* Where block x begins, from row i and column j of the block on. */
static inline at_real *at_block(const at_grid *g, int x, size_t i, size_t j) {
  return at_at(g, x / g->blocks_across * g->block_height + i, x % g->blocks_across * g->block_width + j);
}

/* Whether so many rows and columns from row i and column j on lie, in every block, inside the matrix. */
static inline int at_inside(const at_grid *g, size_t i, size_t j, size_t rows, size_t columns) {
  return (g->blocks_down - 1) * g->block_height + i + rows <= g->height &&
         (g->blocks_across - 1) * g->block_width + j + columns <= g->width;
}

/* How many of so many rows and columns, from row i and column j of block x on, lie inside both the block and the matrix. */
static inline void at_part(const at_grid *g, int x, size_t i, size_t j, size_t *rows, size_t *columns) {
  const size_t top = x / g->blocks_across * g->block_height, left = x % g->blocks_across * g->block_width;
  const size_t bottom = at_min(g->height, top + g->block_height), right = at_min(g->width, left + g->block_width);
  *rows = top + i < bottom ? at_min(*rows, bottom - top - i) : 0;
  *columns = left + j < right ? at_min(*columns, right - left - j) : 0;
}

enum {
  AT_MAX_ROWS = AT_MR > AT_B_ROWS_TRANSPOSED ? AT_MR : AT_B_ROWS_TRANSPOSED,
  AT_BLOCKS_OF_OPERAND = AT_N * AT_M > AT_M * AT_P ? AT_N * AT_M : AT_M * AT_P,
  AT_BLOCKS_OF_C = AT_N * AT_P
};

/* One line of each of so many rows of every block, with zeros beyond the edge and the right way round. */
static void at_copy_lines(const at_grid *g, size_t i, size_t j, size_t rows,
                          at_real copies[][AT_MAX_ROWS][AT_LINE]) {
  for (int x = 0; x < g->blocks_down * g->blocks_across; x++) {
    size_t height = rows, width = AT_LINE;
    at_part(g, x, i, j, &height, &width);
    if (height < rows || width < AT_LINE) memset(copies[x], 0, sizeof copies[x]);
    if (height == 0 || width == 0) continue;
    const at_real *block = at_block(g, x, i, j);
    if (g->transposed)
      for (size_t c = 0; c < width; c++)
        for (size_t r = 0; r < height; r++) copies[x][r][c] = block[c * g->stride + r];
    else
      for (size_t r = 0; r < height; r++)
        for (size_t c = 0; c < width; c++) copies[x][r][c] = block[r * g->stride + c];
  }
}

/* rows x lines lines of all combinations of an operand's blocks, from row i and column j of the blocks on. */
static void at_split(const at_grid *g, at_split_fn *split, size_t i, size_t j, size_t rows, size_t lines,
                     at_real *packed, size_t product_step, size_t packed_row_step, size_t packed_line_step) {
  const at_real *source[AT_BLOCKS_OF_OPERAND];
  const int blocks = g->blocks_down * g->blocks_across;
  if (!g->transposed && at_inside(g, i, j, rows, lines * AT_LINE)) {
    for (int x = 0; x < blocks; x++) source[x] = at_block(g, x, i, j);
    split(rows, lines, source, g->stride, packed, product_step, packed_row_step, packed_line_step);
    return;
  }
  at_real copies[AT_BLOCKS_OF_OPERAND][AT_MAX_ROWS][AT_LINE] __attribute__((aligned(64)));
  for (int x = 0; x < blocks; x++) source[x] = copies[x][0];
  for (size_t l = 0; l < lines; l++) {
    at_copy_lines(g, i, j + l * AT_LINE, rows, copies);
    split(rows, 1, source, AT_LINE, packed + l * packed_line_step, product_step, packed_row_step, packed_line_step);
  }
}

/* alpha and beta of C = alpha A B + beta C. */
typedef struct {
  at_real alpha, beta;
} at_scale;

/* A register tile of so many rows of all blocks of C, from row i and column j of the blocks on. */
static void at_merge(const at_grid *g, at_merge_fn *merge, const at_scale *scale, size_t i, size_t j, size_t rows,
                     const at_real *products, size_t product_step) {
  at_real *target[AT_BLOCKS_OF_C];
  /* What is inside the matrix in the last block is inside every block, and overwrites nothing of the next one. */
  if (scale->alpha == 1 && scale->beta == 0 && at_inside(g, i, j, rows, AT_NR)) {
    for (int x = 0; x < AT_BLOCKS_OF_C; x++) target[x] = at_block(g, x, i, j);
    merge(rows, AT_LINES, products, product_step, target, g->stride);
    return;
  }
  at_real copies[AT_BLOCKS_OF_C][AT_MR][AT_LINE] __attribute__((aligned(64)));
  for (int x = 0; x < AT_BLOCKS_OF_C; x++) target[x] = copies[x][0];
  for (size_t l = 0; l < AT_LINES; l++, j += AT_LINE) {
    at_merge_c(rows, 1, products + l * AT_LINE, product_step, target, AT_LINE);
    for (int x = 0; x < AT_BLOCKS_OF_C; x++) {
      size_t height = rows, width = AT_LINE;
      at_part(g, x, i, j, &height, &width);
      if (height == 0 || width == 0) continue;
      at_real *block = at_block(g, x, i, j);
      for (size_t r = 0; r < height; r++)
        for (size_t c = 0; c < width; c++) {
          at_real *element = block + r * g->stride + c, value = scale->alpha * copies[x][r][c];
          *element = scale->beta == 0 ? value : value + scale->beta * *element;
        }
    }
  }
}

/*
 * Keeps a value in a register: two operations then share one load. `volatile` also keeps these in their order: GCC would else
 * load the elements of several rows or steps ahead, for which there are no registers, and spill sums. 64-byte vectors have
 * registers to spare.
 */
#if defined(__AVX512F__)
#define AT_IN_REGISTER(x) __asm__("" : "+v"(x))
#elif defined(__x86_64__)
#define AT_IN_REGISTER(x) __asm__ volatile("" : "+x"(x))
#elif defined(__aarch64__)
#define AT_IN_REGISTER(x) __asm__ volatile("" : "+w"(x))
#else
#define AT_IN_REGISTER(x) (void)0
#endif

/*
 * Says that a value is needed up to here, so that a multiply-add that is its last use does not put the sum in its register: GCC does,
 * and then moves all sums back at the end of a step, half as many moves as multiply-adds.
 */
#if defined(__AVX512F__)
#define AT_STILL_USED(x) __asm__("" : : "v"(x))
#else
#define AT_STILL_USED(x) (void)0
#endif

#define AT_UNROLL(N) AT_UNROLL_(GCC unroll N)
#define AT_UNROLL_(X) _Pragma(#X)

/*
 * Steps of the depth in one round of the micro-kernel's loop, and whether a step asks for its panels ahead. With 32-byte
 * vectors a step takes six cycles: asking was measured to cost 5 % of them, and the processor fetches in order by itself.
 * 64-byte ones gain by asking, and nothing by unrolling.
 */
#if defined(__FMA__) && AT_VECTOR_BYTES == 32
#define AT_STEPS AT_LINE
#define AT_ASKS 0
#else
#define AT_STEPS 1
#define AT_ASKS 1
#endif

#define AT_INLINE static inline __attribute__((always_inline))

/* Unrolled before `height` is known to be a constant, too. */
#define AT_ROWS(I, HEIGHT) AT_UNROLL(32) for (int I = 0; I < AT_MR; I++) if (I < HEIGHT)

/* One step of the depth: element l of every row of A's line times a row of B. */
AT_INLINE void at_kernel_step(const int height, const at_real *restrict a, size_t l, const at_real *restrict b,
                              at_vector sum[AT_MR][AT_NV]) {
  at_vector right[AT_NV];
  AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) right[j] = *(const at_vector *)(b + j * AT_VL);
  AT_ROWS(i, height) {
    at_vector left = a[i * AT_LINE + l] - (at_vector){0};
    AT_IN_REGISTER(left);
    AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) sum[i][j] += left * right[j];
    AT_STILL_USED(left);
  }
  AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) AT_STILL_USED(right[j]);
}

/* So many lines from here on to ask for, for each line of the depth. */
typedef struct {
  const at_real *from;
  size_t lines;
} at_ahead;

/*
 * The micro-kernel: tile (+)= the product of a panel of A and a panel of B, height x AT_NR in registers throughout. On the
 * way it asks for what is read and written soon: its own panels a little further on, the tile, and what
 * `next_a` and `next_b` say.
 */
AT_INLINE void at_kernel_of(const int height, size_t depth, const at_real *restrict a, const at_real *restrict b, at_real *restrict tile,
                      int first, at_ahead next_a, at_ahead next_b) {
  at_vector sum[AT_MR][AT_NV];
  AT_ROWS(i, height) {
    AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) sum[i][j] = (at_vector){0};
  }
  const at_real *tile_ahead = tile;
  for (; depth >= AT_LINE; depth -= AT_LINE, a += height * AT_LINE) {
    for (size_t l = 0; l < next_a.lines; l++, next_a.from += AT_LINE) __builtin_prefetch(next_a.from, 0, 2);
    for (size_t l = 0; l < next_b.lines; l++, next_b.from += AT_LINE) __builtin_prefetch(next_b.from, 0, 2);
    __builtin_prefetch(tile_ahead, 1);
    tile_ahead += AT_LINE;
    AT_UNROLL(AT_STEPS) for (size_t l = 0; l < AT_LINE; l++, b += AT_NR) {
      if (AT_ASKS) {
        AT_UNROLL(8) for (int j = 0; j < AT_LINES; j++) __builtin_prefetch(b + AT_B_AHEAD * AT_NR + j * AT_LINE);
        __builtin_prefetch(a + (height + l) * AT_LINE);
      }
      at_kernel_step(height, a, l, b, sum);
    }
  }
  AT_UNROLL(1) for (size_t l = 0; l < depth; l++, b += AT_NR) at_kernel_step(height, a, l, b, sum);
  if (first) {
    AT_ROWS(i, height) {
      AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) *(at_vector *)(tile + i * AT_NR + j * AT_VL) = sum[i][j];
    }
  } else {
    AT_ROWS(i, height) {
      AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) *(at_vector *)(tile + i * AT_NR + j * AT_VL) += sum[i][j];
    }
  }
}

typedef void at_kernel_fn(size_t depth, const at_real *restrict a, const at_real *restrict b, at_real *restrict tile,
                          int first, at_ahead next_a, at_ahead next_b);
#define AT_KERNEL(NAME, HEIGHT) \
  static __attribute__((noinline)) void NAME(size_t depth, const at_real *restrict a, const at_real *restrict b, \
                                             at_real *restrict tile, int first, at_ahead next_a, at_ahead next_b) { \
    at_kernel_of(HEIGHT, depth, a, b, tile, first, next_a, next_b); \
  }
AT_KERNEL(at_kernel_full, AT_MR)
AT_KERNEL(at_kernel_low, AT_LOW_MR)

/* Everything the passes share. */
typedef struct {
  const at_runtime *runtime;
  at_shape shape;
  at_grid a, b, c;
  at_scale scale;
  at_merge_fn *merge;
  at_real *a_packed, *b_packed, *tiles;
  size_t next_tile;
  int stream;
} at_task;

static inline double at_now(const at_task *t) { return t->runtime->phase_seconds == NULL ? 0 : t->runtime->seconds(); }

/* Row panels first <= q < last of all of A's combinations. */
static void at_pack_a(void *argument, size_t first, size_t last) {
  const at_task *t = argument;
  const at_shape *s = &t->shape;
  at_split_fn *split = t->stream ? at_split_a_streaming : at_split_a;
  for (size_t q = first; q < last; q++) {
    const at_row_panel p = at_row_panel_of(s, q);
    const size_t line = p.height * AT_LINE;
    for (size_t from = 0; from < s->depth; from += s->part) {
      const at_part_of_depth part = at_part_from(s, from);
      at_real *panel = t->a_packed + at_a_panel(s, part, q);
      for (size_t l = 0; l < part.lines; l += AT_A_LINES)
        at_split(&t->a, split, p.first, from + l * AT_LINE, p.count, at_min(AT_A_LINES, part.lines - l), panel + l * line,
                 s->a_step, AT_LINE, line);
    }
  }
  at_stream_end();
}

/* Column panels first <= q < last of all of B's combinations. */
static void at_pack_b(void *argument, size_t first, size_t last) {
  const at_task *t = argument;
  const at_shape *s = &t->shape;
  at_split_fn *split = t->stream ? at_split_b_streaming : at_split_b;
  /* Either way in the order in which B lies in memory, some lines at a time. */
  const size_t rows = t->b.transposed ? AT_B_ROWS_TRANSPOSED : AT_B_ROWS;
  for (; first < last; first += AT_B_PANELS)
    for (size_t from = 0; from < s->depth; from += s->part) {
      const at_part_of_depth part = at_part_from(s, from);
      for (size_t l = 0; l < part.depth; l += rows)
        for (size_t q = first; q < at_min(last, first + AT_B_PANELS); q++)
          at_split(&t->b, split, from + l, q * AT_NR, at_min(rows, part.depth - l), AT_LINES,
                   t->b_packed + at_b_panel(s, part, q) + l * AT_NR, s->b_step, AT_NR, AT_LINE);
    }
  at_stream_end();
}

/* One tile of product r. */
static void at_product(const at_task *t, size_t r, size_t row_panel, size_t row_panels, size_t column_panel,
                       size_t column_panels, at_real *tile) {
  const at_shape *s = &t->shape;
  const at_real *a_product = t->a_packed + r * s->a_step, *b_product = t->b_packed + r * s->b_step;
  /*
   * What is asked for, evenly spread over the calls that come before: the next panel of the side that stays, and of the other side
   * each panel of the next part or of the next product.
   */
  const size_t a_lines = at_ceil(AT_MR, column_panels), b_lines = at_ceil(AT_NR, row_panels);
  for (size_t from = 0; from < s->depth; from += s->part) {
    const int is_last = from + s->part >= s->depth;
    const at_part_of_depth part = at_part_from(s, from), next = at_part_from(s, is_last ? 0 : from + s->part);
    const size_t a_panel = AT_MR * part.lines * AT_LINE, b_panel = AT_NR * part.depth;
    const at_real *a = a_product + at_a_panel(s, part, row_panel), *b = b_product + at_b_panel(s, part, column_panel);
    const at_real *a_after = a_product + (is_last ? s->a_step : 0) + at_a_panel(s, next, row_panel);
    const at_real *b_after = b_product + (is_last ? s->b_step : 0) + at_b_panel(s, next, column_panel);
    for (size_t x = 0; x < row_panels * column_panels; x++) {
      const size_t i = AT_B_STAYS ? x % row_panels : x / column_panels, j = AT_B_STAYS ? x / row_panels : x % column_panels;
      const at_real *a_asked = AT_B_STAYS           ? a_after + i * AT_MR * next.lines * AT_LINE
                               : i + 1 < row_panels ? a + (i + 1) * a_panel
                                                    : a_after;
      const at_real *b_asked = !AT_B_STAYS             ? b_after + j * AT_NR * next.depth
                               : j + 1 < column_panels ? b + (j + 1) * b_panel
                                                       : b_after;
      const at_ahead next_a = {a_asked + j * part.lines * a_lines * AT_LINE, a_lines};
      const at_ahead next_b = {b_asked + i * part.lines * b_lines * AT_LINE, b_lines};
      at_kernel_fn *kernel = at_row_panel_of(s, row_panel + i).height == AT_MR ? at_kernel_full : at_kernel_low;
      kernel(part.depth, a + i * a_panel, b + j * b_panel, tile + (i * column_panels + j) * AT_MICRO, from == 0, next_a, next_b);
    }
  }
}

/* Tiles, as long as there are any. */
static void at_multiply_tiles(void *argument, size_t first, size_t last) {
  at_task *t = argument;
  const at_shape *s = &t->shape;
  (void)last;
  at_real *tile = t->tiles + first * AT_RANK * s->tile_step;
  double *phases = first == 0 ? t->runtime->phase_seconds : NULL;
  for (;;) {
    const size_t index = __atomic_fetch_add(&t->next_tile, 1, __ATOMIC_RELAXED);
    if (index >= s->tiles_down * s->tiles_across) break;
    const size_t row_panel = index / s->tiles_across * s->tile_row_panels;
    const size_t column_panel = index % s->tiles_across * s->tile_column_panels;
    const size_t row_panels = at_min(s->tile_row_panels, s->row_panels - row_panel);
    const size_t column_panels = at_min(s->tile_column_panels, s->column_panels - column_panel);
    const double start = at_now(t);
    for (size_t r = 0; r < AT_RANK; r++)
      at_product(t, r, row_panel, row_panels, column_panel, column_panels, tile + r * s->tile_step);
    const double middle = at_now(t);
    for (size_t i = 0; i < row_panels; i++) {
      const at_row_panel p = at_row_panel_of(s, row_panel + i);
      for (size_t j = 0; j < column_panels; j++)
        at_merge(&t->c, t->merge, &t->scale, p.first, (column_panel + j) * AT_NR, p.count,
                 tile + (i * column_panels + j) * AT_MICRO, s->tile_step);
    }
    if (phases != NULL) {
      phases[AT_PHASE_MULTIPLY] += middle - start;
      phases[AT_PHASE_COMBINE] += at_now(t) - middle;
    }
  }
  at_stream_end();
}

/* C = alpha A B + beta C as far as it is known without A and B. The grids of A and B are only read. */
static at_task at_task_of(const at_runtime *runtime, size_t m, size_t n, size_t k, at_real alpha, at_real beta, at_real *c,
                          size_t ldc) {
  at_task t = {.runtime = runtime, .shape = at_shape_of(m, k, n, runtime->threads), .scale = {alpha, beta}};
  const at_shape *s = &t.shape;
  t.c = (at_grid){c, m, n, ldc, 0, s->rows, s->columns, AT_N, AT_P};
  t.merge = m * n * sizeof(at_real) > (size_t)AT_STREAM_BYTES / 2 && at_is_aligned(&t.c) ? at_merge_c_streaming : at_merge_c;
  t.stream = at_packed_elements(s) * sizeof(at_real) > (size_t)AT_STREAM_BYTES;
  return t;
}

static inline void at_take_a(at_task *t, const at_real *a, size_t lda, int transposed) {
  const at_shape *s = &t->shape;
  t->a = (at_grid){(at_real *)a, s->m, s->k, lda, transposed, s->rows, s->depth, AT_N, AT_M};
}

static inline void at_take_b(at_task *t, const at_real *b, size_t ldb, int transposed) {
  const at_shape *s = &t->shape;
  t->b = (at_grid){(at_real *)b, s->k, s->n, ldb, transposed, s->depth, s->columns, AT_M, AT_P};
}

/* Packs A, and B if it is not packed yet, and multiplies. */
static void at_run(at_task *t, int b_is_packed) {
  const at_runtime *runtime = t->runtime;
  const double start = at_now(t);
  runtime->for_rows(runtime, t->shape.row_panels, at_pack_a, t);
  if (!b_is_packed) runtime->for_rows(runtime, t->shape.column_panels, at_pack_b, t);
  if (runtime->phase_seconds != NULL) runtime->phase_seconds[AT_PHASE_PACK] += at_now(t) - start;
  runtime->for_rows(runtime, runtime->threads, at_multiply_tiles, t);
}

/* C = beta C, which is not read if beta is 0. */
static void at_scale_c(size_t m, size_t n, at_real beta, at_real *c, size_t ldc) {
  if (beta == 1) return;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) c[i * ldc + j] = beta == 0 ? 0 : beta * c[i * ldc + j];
}

/*
 * C = alpha op(A) op(B) + beta C; as in the BLAS, C is not read if beta is 0, A and B are not if alpha is. The workspace is
 * aligned to 64 bytes.
 */
static void at_gemm(const at_runtime *runtime, size_t m, size_t n, size_t k, at_real alpha, const at_real *a, size_t lda,
                    int a_transposed, const at_real *b, size_t ldb, int b_transposed, at_real beta, at_real *c,
                    size_t ldc, void *workspace) {
  if (m == 0 || n == 0) return;
  if (k == 0 || alpha == 0) {
    at_scale_c(m, n, beta, c, ldc);
    return;
  }
  at_task t = at_task_of(runtime, m, n, k, alpha, beta, c, ldc);
  at_take_a(&t, a, lda, a_transposed);
  at_take_b(&t, b, ldb, b_transposed);
  t.a_packed = workspace;
  t.b_packed = t.a_packed + AT_RANK * t.shape.a_step;
  t.tiles = t.b_packed + AT_RANK * t.shape.b_step;
  at_run(&t, 0);
}

static size_t at_workspace_bytes(size_t m, size_t k, size_t n, size_t threads) {
  if (m == 0 || k == 0 || n == 0) return 0;
  const at_shape s = at_shape_of(m, k, n, threads);
  return at_workspace(&s, threads) * sizeof(at_real);
}

static inline void at_multiply(const at_runtime *runtime, size_t m, size_t k, size_t n, const void *a, size_t lda,
                               const void *b, size_t ldb, void *c, size_t ldc, void *workspace) {
  at_gemm(runtime, m, n, k, 1, a, lda, 0, b, ldb, 0, 0, c, ldc, workspace);
}

#endif
