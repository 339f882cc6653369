#define _GNU_SOURCE
#include "threads.h"
#include "clock.h"

#include <dirent.h>
#include "wait.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int threads = 1;
static const int *cpus;
static pid_t *worker_ids;

/*
 * The pass in progress; a worker takes part when the round changes and is done when it has counted `busy` down. Both are waited for in a
 * loop for a while before the thread sleeps, because waking up takes a good part of a pass; the libraries compared with do the same.
 */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t started = PTHREAD_COND_INITIALIZER, finished = PTHREAD_COND_INITIALIZER;
static size_t round_number, busy;
static struct {
  size_t rows;
  at_rows_fn *body;
  void *argument;
} pass;

static int bind_to(pid_t thread, const int *cpu, int count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < count; i++) CPU_SET(cpu[i], &set);
  return sched_setaffinity(thread, sizeof set, &set);
}

static void do_share(int index) {
  size_t first = pass.rows * index / threads, last = pass.rows * (index + 1) / threads;
  if (first < last) pass.body(pass.argument, first, last);
}

static void count_down(void) {
  if (__atomic_sub_fetch(&busy, 1, __ATOMIC_ACQ_REL) > 0) return;
  pthread_mutex_lock(&mutex);
  pthread_cond_signal(&finished);
  pthread_mutex_unlock(&mutex);
}

static void *worker(void *argument) {
  int index = (int)(size_t)argument;
  size_t seen = 0;
  bind_to(0, &cpus[index], 1);
  worker_ids[index] = (pid_t)syscall(SYS_gettid);
  count_down();
  for (;; seen++) {
    if (!at_changes(&round_number, seen)) {
      pthread_mutex_lock(&mutex);
      while (at_now_at(&round_number) == seen) pthread_cond_wait(&started, &mutex);
      pthread_mutex_unlock(&mutex);
    }
    do_share(index);
    count_down();
  }
  return NULL;
}

static void wait_for_others(void) {
  if (at_reaches_zero(&busy)) return;
  pthread_mutex_lock(&mutex);
  while (at_now_at(&busy) > 0) pthread_cond_wait(&finished, &mutex);
  pthread_mutex_unlock(&mutex);
}

int at_threads_start(const int *cpu, int count) {
  threads = count;
  cpus = cpu;
  worker_ids = calloc(count, sizeof *worker_ids);
  if (worker_ids == NULL || bind_to(0, cpu, count) != 0) return -1;
  busy = count - 1;
  for (int i = 1; i < count; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker, (void *)(size_t)i) != 0) return -1;
    pthread_detach(thread);
  }
  wait_for_others();
  return 0;
}

int at_threads_count(void) { return threads; }

void at_for_rows(const at_runtime *runtime, size_t rows, at_rows_fn *body, void *argument) {
  (void)runtime;
  if (threads == 1 || rows < 2) {
    body(argument, 0, rows);
    return;
  }
  pass.rows = rows;
  pass.body = body;
  pass.argument = argument;
  __atomic_store_n(&busy, threads - 1, __ATOMIC_RELAXED);
  pthread_mutex_lock(&mutex);
  __atomic_add_fetch(&round_number, 1, __ATOMIC_RELEASE);
  pthread_cond_broadcast(&started);
  pthread_mutex_unlock(&mutex);
  do_share(0);
  wait_for_others();
}

static int is_ours(pid_t id) {
  if (id == getpid()) return 1;
  for (int i = 1; i < threads; i++)
    if (worker_ids[i] == id) return 1;
  return 0;
}

enum { MOST = 4096 };

/* Lists the threads that are not ours; returns how many there are, of which at most MOST are listed. */
static int list_others(pid_t *others) {
  int count = 0;
  DIR *tasks = opendir("/proc/self/task");
  if (tasks == NULL) return 0;
  for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
    pid_t id = (pid_t)atoi(entry->d_name);
    if (id <= 0 || is_ours(id)) continue;
    if (count < MOST) others[count] = id;
    count++;
  }
  closedir(tasks);
  return count;
}

int at_threads_bind_others(void) {
  static pid_t others[MOST];
  int count = list_others(others);
  /* Each library starts its threads at once, and the system lists threads in the order of their start. */
  if (threads == 1 || count > MOST || count % (threads - 1) != 0) return 0;
  for (int i = 0; i < count; i++) bind_to(others[i], &cpus[1 + i % (threads - 1)], 1);
  return count;
}

/* Whether the thread runs or could. In its line the state follows the name, which may have spaces and brackets in it. */
static int is_running(pid_t thread) {
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
  FILE *file = fopen(path, "r");
  if (file == NULL) return 0;
  const char *name_end = fgets(line, sizeof line, file) == NULL ? NULL : strrchr(line, ')');
  fclose(file);
  return name_end != NULL && name_end[1] == ' ' && name_end[2] == 'R';
}

void at_threads_await_others(double seconds) {
  static pid_t others[MOST];
  const struct timespec pause = {0, 500000};
  double end = at_seconds() + seconds;
  if (threads == 1) return;
  for (int i = 0, count = list_others(others); i < count && i < MOST; i++)
    while (is_running(others[i]) && at_seconds() < end) nanosleep(&pause, NULL);
}
