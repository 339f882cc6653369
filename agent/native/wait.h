/*
 * Waiting for another thread in a loop, for the time that putting a thread to sleep and waking it up would take. The values are written
 * with release.
 */
#ifndef AT_WAIT_H
#define AT_WAIT_H

#include <stddef.h>

/* About 50 microseconds; no longer, because others may be waiting for the processor. */
enum { AT_WAIT_ROUNDS = 1500 };

static inline size_t at_now_at(const size_t *value) { return __atomic_load_n(value, __ATOMIC_ACQUIRE); }

/* Tells the processor that this is a loop that waits. */
static inline void at_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

/* Whether the value becomes another one than this soon. */
static inline int at_changes(const size_t *value, size_t from) {
  for (int i = 0; i < AT_WAIT_ROUNDS; i++, at_pause())
    if (at_now_at(value) != from) return 1;
  return 0;
}

/* Whether the value becomes 0 soon. */
static inline int at_reaches_zero(const size_t *value) {
  for (int i = 0; i < AT_WAIT_ROUNDS; i++, at_pause())
    if (at_now_at(value) == 0) return 1;
  return 0;
}

#endif
