#define _GNU_SOURCE
#include "thread_count.h"
#include "cgroup.h"
#include "settings.h"
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int processors_at_start = 1;

/* By the affinity of the calling thread. */
static int ask_for_processors(void) {
  cpu_set_t set;
  /* The set is too small for machines of more than 1024 processors. */
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

/*
 * The same, asked for again after a tick of the system's coarse clock (some milliseconds): the question takes a microsecond, which is a
 * few percent of the smallest products that might be taken.
 */
static int allowed_processors(void) {
  static __thread struct timespec asked_at __attribute__((tls_model("initial-exec")));
  static __thread int answer __attribute__((tls_model("initial-exec")));
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  if (answer == 0 || now.tv_nsec != asked_at.tv_nsec || now.tv_sec != asked_at.tv_sec) {
    answer = ask_for_processors();
    asked_at = now;
  }
  return answer;
}

void fastmm_note_processors(void) { processors_at_start = allowed_processors(); }

static int quota;
static void read_quota(void) { quota = fastmm_cgroup_processors("/proc/self/cgroup", "/sys/fs/cgroup"); }

int fastmm_processors(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, read_quota);
  const int allowed = allowed_processors();
  return quota > 0 && quota < allowed ? quota : allowed;
}

/* OMP_NUM_THREADS may be a list; its first number is that of the outermost level. */
static int threads_of_openmp(void) {
  const char *text = getenv("OMP_NUM_THREADS");
  const long value = text == NULL ? 0 : strtol(text, NULL, 10);
  return value >= 1 && value <= FASTMM_MOST_THREADS ? (int)value : 0;
}

/* As the BLAS would decide. */
static int threads_of(const fastmm_target *blas, int most) {
  /* The other threads of the region multiply, too. */
  if (blas != NULL && blas->is_in_parallel != NULL && blas->is_in_parallel()) return 1;
  int count = blas != NULL && blas->threads != NULL ? blas->threads() : threads_of_openmp();
  /* Some say 0 or less for one. */
  if (count < 1) count = blas != NULL && blas->threads != NULL ? 1 : most;
  return count;
}

/* What a program has set meanwhile; -1: nothing. */
static int chosen = -1;

void fastmm_choose_threads(int threads) {
  const int value = threads < 0 ? 0 : threads < FASTMM_MOST_THREADS ? threads : FASTMM_MOST_THREADS;
  __atomic_store_n(&chosen, value, __ATOMIC_RELAXED);
}

int fastmm_chosen_threads(void) {
  const int value = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
  return value >= 0 ? value : fastmm_get_settings()->threads;
}

int fastmm_threads_of_blas(const fastmm_target *blas) {
  const int processors = fastmm_processors(), most = processors < FASTMM_MOST_THREADS ? processors : FASTMM_MOST_THREADS;
  const int count = threads_of(blas, most);
  return count < most ? count : most;
}

int fastmm_thread_count(const fastmm_target *blas, int *is_pinned) {
  const int processors = fastmm_processors(), most = processors < FASTMM_MOST_THREADS ? processors : FASTMM_MOST_THREADS;
  int count = fastmm_chosen_threads();
  *is_pinned = 0;
  if (count == 0) {
    count = threads_of(blas, most);
    const int allowed = allowed_processors();
    *is_pinned = allowed < processors_at_start && allowed < count;
  }
  return count < most ? count : most;
}
