#define _GNU_SOURCE
#include "thread_count.h"
#include "settings.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int read_file(const char *path, char *text, size_t size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t length = read(file, text, size - 1);
  close(file);
  if (length < 0) return 0;
  text[length] = '\0';
  return 1;
}

/* Processors of a quota, rounded up; 0 for no limit. */
static int processors_of(long long quota, long long period) {
  if (quota <= 0 || period <= 0) return 0;
  const long long count = (quota + period - 1) / period;
  return count > FASTMM_MOST_THREADS ? 0 : (int)count;
}

static int smaller_limit(int a, int b) { return a == 0 || (b != 0 && b < a) ? b : a; }

/* The smallest quota of a cgroup and those above it; the path is cut off on the way. */
static int quota_from(const char *root, char *path, int is_v2) {
  int least = 0;
  for (;;) {
    char file[1400], text[128];
    long long quota = 0, period = 0;
    snprintf(file, sizeof file, is_v2 ? "%s%s/cpu.max" : "%s%s/cpu.cfs_quota_us", root, path);
    if (read_file(file, text, sizeof text)) {
      if (is_v2) {
        if (sscanf(text, "%lld %lld", &quota, &period) != 2) quota = 0;
      } else {
        quota = atoll(text);
        snprintf(file, sizeof file, "%s%s/cpu.cfs_period_us", root, path);
        period = read_file(file, text, sizeof text) ? atoll(text) : 0;
      }
      least = smaller_limit(least, processors_of(quota, period));
    }
    char *slash = strrchr(path, '/');
    if (slash == NULL) return least;
    *slash = '\0';
  }
}

static int quota;

/* /proc/self/cgroup has a line for each hierarchy, number:controllers:path. */
static void read_quota(void) {
  char text[8192], path[1024];
  if (!read_file("/proc/self/cgroup", text, sizeof text)) return;
  char *rest;
  for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    char *controllers = strchr(line, ':'), *from = controllers == NULL ? NULL : strchr(controllers + 1, ':');
    if (from == NULL || strlen(from + 1) >= sizeof path) continue;
    *from = '\0';
    const int is_v2 = controllers[1] == '\0';
    if (!is_v2 && strstr(controllers + 1, "cpu") == NULL) continue;
    strcpy(path, strcmp(from + 1, "/") == 0 ? "" : from + 1);
    quota = smaller_limit(quota, quota_from(is_v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu", path, is_v2));
  }
}

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

int fastmm_thread_count(const fastmm_target *blas, int *is_pinned) {
  const int processors = fastmm_processors(), most = processors < FASTMM_MOST_THREADS ? processors : FASTMM_MOST_THREADS;
  int count = fastmm_get_settings()->threads;
  *is_pinned = 0;
  if (count == 0) {
    count = threads_of(blas, most);
    const int allowed = allowed_processors();
    *is_pinned = allowed < processors_at_start && allowed < count;
  }
  return count < most ? count : most;
}
