#define _GNU_SOURCE
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

/* In huge pages where the system has them to give: with small ones the table of pages would cost more than the additions. */
void *fastmm_allocate(size_t bytes) {
  const size_t huge_page = (size_t)2 << 20;
  void *memory;
  if (posix_memalign(&memory, bytes < huge_page ? FASTMM_ALIGNMENT : huge_page, bytes) != 0) return NULL;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (bytes >= huge_page) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

/* Precedes a workspace. */
typedef struct {
  size_t bytes;
} block;

/*
 * The workspace of an earlier product, for the next one: fresh pages take the system as long as a good part of a product
 * takes. One at most; it changes hands by a single atomic exchange, so that whoever holds it has it alone.
 */
static block *kept;

static block *exchange_kept(block *other) { return __atomic_exchange_n(&kept, other, __ATOMIC_ACQ_REL); }

void *fastmm_take_workspace(size_t bytes) {
  block *taken = exchange_kept(NULL);
  if (taken == NULL || taken->bytes < bytes) {
    free(taken);
    taken = bytes > SIZE_MAX - FASTMM_ALIGNMENT ? NULL : fastmm_allocate(FASTMM_ALIGNMENT + bytes);
    if (taken == NULL) return NULL;
    taken->bytes = bytes;
  }
  return (char *)taken + FASTMM_ALIGNMENT;
}

void fastmm_give_back_workspace(void *workspace) { free(exchange_kept((block *)((char *)workspace - FASTMM_ALIGNMENT))); }

/* The bound, as the bits of a double, which change hands as a whole. */
typedef union {
  double times;
  uint64_t bits;
} bound;
static bound set_bound = {FASTMM_WORKSPACE_TIMES};

void fastmm_bound_workspace(double times) {
  const bound b = {times};
  __atomic_store_n(&set_bound.bits, b.bits, __ATOMIC_RELAXED);
}

size_t fastmm_workspace_bound(size_t m, size_t k, size_t n, size_t element_bytes) {
  bound b;
  b.bits = __atomic_load_n(&set_bound.bits, __ATOMIC_RELAXED);
  const double matrices = (double)m * k + (double)k * n + (double)m * n, most = b.times * matrices * element_bytes;
  return b.times > 0 && most < (double)SIZE_MAX ? (size_t)most : SIZE_MAX;
}

void fastmm_release(void) { free(exchange_kept(NULL)); }
