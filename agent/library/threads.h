/* The threads of one call, which end with it; in the BLAS of products, those of all calls (blas/pool.h). */
#ifndef FASTMM_THREADS_H
#define FASTMM_THREADS_H

#include "fastmm.h"
#include "runtime.h"
#include <fenv.h>

/*
 * While a team computes there are no floating-point exceptions, and afterwards the flags are what they were. Beside the blocks there are
 * lines that belong to no element of C, and anything may be in them: what is computed of it must not be seen as an overflow or an invalid
 * operation. NumPy warns of those, and programs may have a trap on them.
 */

#ifdef FASTMM_IS_BLAS

#include "blas/pool.h"

typedef struct {
  at_runtime runtime;
  fenv_t environment;
} at_team;

/* See at_runtime.for_rows. */
static void at_for_rows(const at_runtime *runtime, size_t rows, at_rows_fn *body, void *argument) {
  fastmm_pool_run(runtime->threads, rows, body, argument);
}

static inline void at_team_start(at_team *team, size_t threads) {
  team->runtime = (at_runtime){.threads = threads, .for_rows = at_for_rows};
  feholdexcept(&team->environment);
}
static inline void at_team_end(at_team *team) { fesetenv(&team->environment); }

#else

#include "wait.h"
#include <pthread.h>

/*
 * A pass has a share for each thread. Whoever is free takes the next one, the caller too, so that nothing waits for a thread that the
 * system is slow to start or does not give at all.
 */
typedef struct {
  /* What the engine is lent; first, so that a pass finds its team. */
  at_runtime runtime;
  fenv_t environment;
  at_rows_fn *body;
  void *argument;
  size_t rows;
  size_t next_share, shares_undone;
  /* Changes with each pass, and at the end. */
  size_t round;
  int is_over;
  pthread_mutex_t mutex;
  pthread_cond_t passed, done;
  pthread_t threads[FASTMM_MAX_THREADS];
  size_t started;
} at_team;

/* A thread's stack holds one line of every block and what the compiler spills; the C library's default may be less. */
enum { AT_STACK_BYTES = 4 << 20 };

static void at_do_shares(at_team *team) {
  const size_t shares = team->runtime.threads;
  for (;;) {
    const size_t i = __atomic_fetch_add(&team->next_share, 1, __ATOMIC_ACQ_REL);
    if (i >= shares) return;
    const size_t first = team->rows * i / shares, last = team->rows * (i + 1) / shares;
    if (first < last) team->body(team->argument, first, last);
    if (__atomic_sub_fetch(&team->shares_undone, 1, __ATOMIC_ACQ_REL) > 0) continue;
    pthread_mutex_lock(&team->mutex);
    pthread_cond_signal(&team->done);
    pthread_mutex_unlock(&team->mutex);
  }
}

static void *at_member(void *argument) {
  at_team *team = argument;
  for (;;) {
    const size_t seen = at_now_at(&team->round);
    if (__atomic_load_n(&team->is_over, __ATOMIC_ACQUIRE)) return NULL;
    at_do_shares(team);
    if (at_changes(&team->round, seen)) continue;
    pthread_mutex_lock(&team->mutex);
    while (at_now_at(&team->round) == seen) pthread_cond_wait(&team->passed, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
  }
}

/* Wakes those up who wait for the next pass. */
static void at_next_round(at_team *team) {
  pthread_mutex_lock(&team->mutex);
  __atomic_add_fetch(&team->round, 1, __ATOMIC_RELEASE);
  pthread_cond_broadcast(&team->passed);
  pthread_mutex_unlock(&team->mutex);
}

/* See at_runtime.for_rows. */
static void at_for_rows(const at_runtime *runtime, size_t rows, at_rows_fn *body, void *argument) {
  at_team *team = (at_team *)runtime;
  if (runtime->threads == 1) {
    body(argument, 0, rows);
    return;
  }
  team->body = body;
  team->argument = argument;
  team->rows = rows;
  __atomic_store_n(&team->shares_undone, runtime->threads, __ATOMIC_RELAXED);
  /* From here on shares may be taken. */
  __atomic_store_n(&team->next_share, 0, __ATOMIC_RELEASE);
  at_next_round(team);
  at_do_shares(team);
  if (at_reaches_zero(&team->shares_undone)) return;
  pthread_mutex_lock(&team->mutex);
  while (at_now_at(&team->shares_undone) > 0) pthread_cond_wait(&team->done, &team->mutex);
  pthread_mutex_unlock(&team->mutex);
}

/* Starts so many threads, the caller among them, whose environment they have. They must be ended by at_team_end. */
static void at_team_start(at_team *team, size_t threads) {
  team->runtime = (at_runtime){.threads = threads, .for_rows = at_for_rows};
  feholdexcept(&team->environment);
  team->started = 0;
  if (threads == 1) return;
  /* There is no share to take yet. */
  team->next_share = threads;
  team->shares_undone = team->round = 0;
  team->is_over = 0;
  pthread_mutex_init(&team->mutex, NULL);
  pthread_cond_init(&team->passed, NULL);
  pthread_cond_init(&team->done, NULL);
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return;
  pthread_attr_setstacksize(&attributes, AT_STACK_BYTES);
  while (team->started + 1 < threads && pthread_create(&team->threads[team->started], &attributes, at_member, team) == 0)
    team->started++;
  pthread_attr_destroy(&attributes);
}

static void at_team_end(at_team *team) {
  fesetenv(&team->environment);
  if (team->runtime.threads == 1) return;
  __atomic_store_n(&team->is_over, 1, __ATOMIC_RELEASE);
  at_next_round(team);
  for (size_t i = 0; i < team->started; i++) pthread_join(team->threads[i], NULL);
  pthread_cond_destroy(&team->done);
  pthread_cond_destroy(&team->passed);
  pthread_mutex_destroy(&team->mutex);
}

#endif

#endif
