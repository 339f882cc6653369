/* Clocks, in seconds. */
#ifndef AT_CLOCK_H
#define AT_CLOCK_H

#include <time.h>

static inline double at_clock(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

/* Time that passes. */
static inline double at_seconds(void) { return at_clock(CLOCK_MONOTONIC); }

/* Time that CPUs have spent on this process, all threads together. */
static inline double at_cpu_seconds(void) { return at_clock(CLOCK_PROCESS_CPUTIME_ID); }

/* Time that CPUs have spent on this thread. */
static inline double at_thread_seconds(void) { return at_clock(CLOCK_THREAD_CPUTIME_ID); }

#endif
