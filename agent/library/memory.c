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

void fastmm_release(void) { free(exchange_kept(NULL)); }
