/* The threads of one call, which end with it; in the BLAS of products, those of all calls (blas/pool.h). */
#ifndef FASTMM_THREADS_H
#define FASTMM_THREADS_H

#include "fastmm.h"
#include "runtime.h"

#ifdef FASTMM_IS_BLAS

#include "blas/pool.h"

/* See at_runtime.for_rows. */
static void at_for_rows(const at_runtime *runtime, size_t rows, at_rows_fn *body, void *argument) {
  fastmm_pool_run(runtime->threads, rows, body, argument);
}

#else

#include <pthread.h>

typedef struct {
  at_rows_fn *body;
  void *argument;
  size_t first, last;
} at_share;

static void *at_do_share(void *argument) {
  const at_share *share = argument;
  share->body(share->argument, share->first, share->last);
  return NULL;
}

/* A thread's stack holds one line of every block and what the compiler spills; the C library's default may be less. */
enum { AT_STACK_BYTES = 4 << 20 };

/* See at_runtime.for_rows. The caller does every share that the system gives no thread for. */
static void at_for_rows(const at_runtime *runtime, size_t rows, at_rows_fn *body, void *argument) {
  const size_t count = rows < runtime->threads ? rows : runtime->threads;
  at_share shares[FASTMM_MAX_THREADS];
  pthread_t threads[FASTMM_MAX_THREADS];
  int started[FASTMM_MAX_THREADS];
  pthread_attr_t attributes;
  const int has_attributes = count > 1 && pthread_attr_init(&attributes) == 0;
  if (has_attributes) pthread_attr_setstacksize(&attributes, AT_STACK_BYTES);
  for (size_t i = 0; i < count; i++) {
    shares[i] = (at_share){body, argument, rows * i / count, rows * (i + 1) / count};
    started[i] = i > 0 && has_attributes && pthread_create(&threads[i], &attributes, at_do_share, &shares[i]) == 0;
  }
  for (size_t i = 0; i < count; i++)
    if (!started[i]) at_do_share(&shares[i]);
  for (size_t i = 0; i < count; i++)
    if (started[i]) pthread_join(threads[i], NULL);
  if (has_attributes) pthread_attr_destroy(&attributes);
}

#endif

static inline at_runtime at_runtime_of(size_t threads) {
  return (at_runtime){.threads = threads, .for_rows = at_for_rows};
}

#endif
