/*
 * The micro-kernel: an MR x NR tile of one product, kept in registers, (+)= a panel of A times a panel of B. In C with GNU vector
 * extensions; what is said to the compiler here is what makes it keep every sum in a register.
 *
 *   depth    steps of the depth, at most AT_KC
 *   a        [line of the depth][row][AT_LINE], aligned to 64 bytes
 *   b        [step of the depth][AT_NR], aligned to 64 bytes
 *   tile     [row][AT_NR], aligned to 64 bytes; overwritten if is_first, else added to
 *   next_a, next_b  what to prefetch on the way
 */
#ifndef AT_PACKED_MICRO_KERNEL_H
#define AT_PACKED_MICRO_KERNEL_H

#include "sizes.h"

/*
 * Keeps a value in a register, so that several operations share one load. `volatile` also keeps these in their order: GCC would
 * otherwise load elements of several rows or steps ahead, for which there are no registers, and spill sums. 64-byte vectors have
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
 * Keeps a value alive up to here, so that the multiply-add that uses it last does not put its sum into the value's register. GCC
 * does that, and then moves all sums back at the end of a step, half as many moves as multiply-adds.
 */
#if defined(__AVX512F__)
#define AT_STILL_USED(x) __asm__("" : : "v"(x))
#else
#define AT_STILL_USED(x) (void)0
#endif

/*
 * Steps of the depth in one round of the loop, and whether a step prefetches its panels further on. With 32-byte vectors a step takes
 * six cycles: prefetching was measured to cost 5 % of them, and the processor prefetches in order by itself. 64-byte vectors gain by
 * prefetching, and nothing by unrolling.
 */
#if defined(__FMA__) && AT_VECTOR_BYTES == 32
#define AT_UNROLLED_STEPS AT_LINE
#define AT_PREFETCHES_PANELS 0
#else
#define AT_UNROLLED_STEPS 1
#define AT_PREFETCHES_PANELS 1
#endif

/* Is unrolled before `mr` is known to be a constant, too. */
#define AT_EACH_ROW(I, MR) AT_UNROLL(32) for (int I = 0; I < AT_MR; I++) if (I < MR)

/* One step of the depth, a rank-1 update: element l of the line of every row of A times a row of B. */
AT_INLINE void at_rank_1_update(const int mr, const at_real *restrict a, size_t l, const at_real *restrict b,
                                at_vector sum[AT_MR][AT_NV]) {
  at_vector right[AT_NV];
  AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) right[j] = *(const at_vector *)(b + j * AT_VL);
  AT_EACH_ROW(i, mr) {
    at_vector left = a[i * AT_LINE + l] - (at_vector){0};
    AT_IN_REGISTER(left);
    AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) sum[i][j] += left * right[j];
    AT_STILL_USED(left);
  }
  AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) AT_STILL_USED(right[j]);
}

/* Prefetches so many lines, from `from` on, for each line of the depth. */
typedef struct {
  const at_real *from;
  size_t lines;
} at_prefetch;

/* Prefetches, beside next_a and next_b, the tile and its own panels a little further on. */
AT_INLINE void at_micro_kernel_of(const int mr, size_t depth, const at_real *restrict a, const at_real *restrict b, at_real *restrict tile,
                                  int is_first, at_prefetch next_a, at_prefetch next_b) {
  at_vector sum[AT_MR][AT_NV];
  AT_EACH_ROW(i, mr) {
    AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) sum[i][j] = (at_vector){0};
  }
  const at_real *tile_ahead = tile;
  for (; depth >= AT_LINE; depth -= AT_LINE, a += mr * AT_LINE) {
    for (size_t l = 0; l < next_a.lines; l++, next_a.from += AT_LINE) __builtin_prefetch(next_a.from, 0, 2);
    for (size_t l = 0; l < next_b.lines; l++, next_b.from += AT_LINE) __builtin_prefetch(next_b.from, 0, 2);
    __builtin_prefetch(tile_ahead, 1);
    tile_ahead += AT_LINE;
    AT_UNROLL(AT_UNROLLED_STEPS) for (size_t l = 0; l < AT_LINE; l++, b += AT_NR) {
      if (AT_PREFETCHES_PANELS) {
        AT_UNROLL(8) for (int j = 0; j < AT_NR_LINES; j++) __builtin_prefetch(b + AT_PREFETCH_B_ROWS * AT_NR + j * AT_LINE);
        __builtin_prefetch(a + (mr + l) * AT_LINE);
      }
      at_rank_1_update(mr, a, l, b, sum);
    }
  }
  AT_UNROLL(1) for (size_t l = 0; l < depth; l++, b += AT_NR) at_rank_1_update(mr, a, l, b, sum);
  if (is_first) {
    AT_EACH_ROW(i, mr) {
      AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) *(at_vector *)(tile + i * AT_NR + j * AT_VL) = sum[i][j];
    }
  } else {
    AT_EACH_ROW(i, mr) {
      AT_UNROLL(8) for (int j = 0; j < AT_NV; j++) *(at_vector *)(tile + i * AT_NR + j * AT_VL) += sum[i][j];
    }
  }
}

typedef void at_micro_kernel_fn(size_t depth, const at_real *restrict a, const at_real *restrict b, at_real *restrict tile,
                                int is_first, at_prefetch next_a, at_prefetch next_b);
#define AT_MICRO_KERNEL(NAME, MR) \
  static __attribute__((noinline)) void NAME(size_t depth, const at_real *restrict a, const at_real *restrict b, \
                                             at_real *restrict tile, int is_first, at_prefetch next_a, at_prefetch next_b) { \
    at_micro_kernel_of(MR, depth, a, b, tile, is_first, next_a, next_b); \
  }
/* For a row panel of AT_MR rows, and for one of a row less. */
AT_MICRO_KERNEL(at_micro_kernel_full, AT_MR)
AT_MICRO_KERNEL(at_micro_kernel_low, AT_LOW_MR)

#endif
