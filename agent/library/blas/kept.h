/*
 * What each caller's BLAS is, once it has been found (next.c). It is in the way of every product, however small, so it is looked up without a
 * call, a lock or a copy. A copy would go through a vector register, and a compiler that does not optimize leaves the upper half of that in use
 * (no vzeroupper), which slows all SSE instructions of the BLAS.
 */
#ifndef FASTMM_KEPT_H
#define FASTMM_KEPT_H

#include "next.h"
#include <stddef.h>
#include <stdint.h>

/* By the place of the call. A line of the cache, so that no more of them is read. */
typedef struct {
  /* Written last; 0 for none. */
  uintptr_t place;
  int symbol;
  fastmm_target target;
} __attribute__((aligned(64))) fastmm_entry;
enum { FASTMM_ENTRIES = 2048, FASTMM_TRIES = 16 };
extern fastmm_entry fastmm_entries[FASTMM_ENTRIES] __attribute__((visibility("hidden")));

static inline fastmm_entry *fastmm_entry_of(int symbol, uintptr_t place, size_t number) {
  return &fastmm_entries[((place ^ place >> 11 ^ (uintptr_t)symbol * 97) + number) % FASTMM_ENTRIES];
}

static inline const fastmm_target *fastmm_target_in(const fastmm_entry *e, int symbol, const void *return_address) {
  const uintptr_t place = __atomic_load_n(&e->place, __ATOMIC_ACQUIRE);
  return place == (uintptr_t)return_address && e->symbol == symbol ? &e->target : NULL;
}

/* Looks in the first entry alone. NULL: fastmm_next may still know it. */
static inline const fastmm_target *fastmm_kept(int symbol, const void *return_address) {
  return fastmm_target_in(fastmm_entry_of(symbol, (uintptr_t)return_address, 0), symbol, return_address);
}

#endif
