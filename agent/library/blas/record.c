#define _GNU_SOURCE
#include "record.h"
#include "pool.h"
#include "profile.h"
#include "report.h"
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double fastmm_now(void) { return seconds_of(CLOCK_MONOTONIC); }

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
void fastmm_record_lock(void) { pthread_mutex_lock(&lock); }
void fastmm_record_unlock(void) { pthread_mutex_unlock(&lock); }

static fastmm_record record;
/* Places of the table by hash: one more than the number of a count, or 0. */
enum { PLACES = 2 * FASTMM_MOST_GROUPS };
static uint16_t places[PLACES];

/* The process that the record is of, while it is not finished. */
static pid_t owner;

static void start(void) {
  owner = getpid();
  record.start = fastmm_now();
  record.started = seconds_of(CLOCK_REALTIME);
  record.groups = 0;
  record.sampling_seconds = 0;
  memset(record.others, 0, sizeof record.others);
  memset(&record.left, 0, sizeof record.left);
  memset(places, 0, sizeof places);
}

void fastmm_start_record(const fastmm_settings *settings) {
  record.settings = settings;
  start();
}

void fastmm_record_start_again(void) {
  start();
  fastmm_profile_start_again();
}

static void add(fastmm_count *count, double seconds) {
  count->least_seconds = count->calls == 0 || seconds < count->least_seconds ? seconds : count->least_seconds;
  count->calls++;
  count->seconds += seconds;
}

static int is_same(const fastmm_group *a, const fastmm_group *b) {
  return a->symbol == b->symbol && a->is_column_major == b->is_column_major && a->transa == b->transa && a->transb == b->transb &&
         a->m == b->m && a->n == b->n && a->k == b->k && a->threads == b->threads && a->library == b->library &&
         a->has_blas == b->has_blas && a->reason == b->reason && a->algorithm == b->algorithm;
}

/* The count of a group, in the table from now on; `left` if there is no place. Under the lock. */
static fastmm_count *count_of(const fastmm_group *group) {
  uint64_t hash = 0;
  const int64_t parts[] = {group->symbol, group->m, group->n, group->k, group->transa * 2 + group->transb, group->reason};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) hash = (hash ^ (uint64_t)parts[i]) * 0x9e3779b97f4a7c15ULL;
  for (size_t place = (hash >> 32) % PLACES;; place = (place + 1) % PLACES) {
    if (places[place] != 0) {
      fastmm_count *count = &record.counts[places[place] - 1];
      if (is_same(&count->group, group)) return count;
      continue;
    }
    if (record.groups == FASTMM_MOST_GROUPS) return &record.left;
    fastmm_count *count = &record.counts[record.groups];
    *count = (fastmm_count){.group = *group};
    places[place] = (uint16_t)++record.groups;
    return count;
  }
}

static fastmm_group group_of(const fastmm_product *p, const fastmm_target *target, const fastmm_taken *taken) {
  return (fastmm_group){p->symbol, p->is_column_major, p->transa, p->transb, p->m, p->n, p->k, taken->threads, target->library,
                        target->function != NULL, taken->reason, taken->algorithm};
}

/* Writes the profile, or has that done when it is due: a program that multiplies no more may be killed. Gives the lock back. */
static void end_recording(double now) {
  const double wait = fastmm_profile_if_due(&record, now);
  pthread_mutex_unlock(&lock);
  if (wait > 0) fastmm_pool_later(FASTMM_WRITE_PROFILE, wait);
}

double fastmm_record_product(const fastmm_product *p, const fastmm_target *target, const fastmm_taken *taken, double from, uint64_t *calls) {
  *calls = 0;
  if (!record.settings->observes) return 0;
  const double now = fastmm_now(), seconds = now - from;
  const fastmm_count one = {.group = group_of(p, target, taken), .calls = 1, .seconds = seconds, .least_seconds = seconds};
  if (record.settings->verbose == 2) fastmm_report_call(&one);
  pthread_mutex_lock(&lock);
  fastmm_count *count = count_of(&one.group);
  add(count, seconds);
  if (count != &record.left) *calls = count->calls;
  end_recording(now);
  return seconds;
}

void fastmm_record_sample(const fastmm_product *p, const fastmm_target *target, const fastmm_taken *taken, double seconds, double blas_seconds) {
  const fastmm_group group = group_of(p, target, taken);
  pthread_mutex_lock(&lock);
  fastmm_count *count = count_of(&group);
  count->sampled++;
  count->sampled_seconds += seconds;
  count->blas_seconds += blas_seconds;
  record.sampling_seconds += blas_seconds;
  pthread_mutex_unlock(&lock);
}

void fastmm_record_other(int watched, double from) {
  if (!record.settings->observes) return;
  const double now = fastmm_now();
  pthread_mutex_lock(&lock);
  add(&record.others[watched], now - from);
  end_recording(now);
}

void fastmm_record_write(void) {
  pthread_mutex_lock(&lock);
  fastmm_profile_if_changed(&record);
  pthread_mutex_unlock(&lock);
}

void fastmm_record_finish(void) {
  /* The child of a vfork has the memory of its parent. */
  if (record.settings == NULL || !record.settings->observes || owner != getpid()) return;
  /* A thread that is ended in the middle of a call may have the lock for ever. */
  if (pthread_mutex_trylock(&lock) != 0) {
    const struct timespec moment = {.tv_nsec = 100000000};
    nanosleep(&moment, NULL);
    if (pthread_mutex_trylock(&lock) != 0) return;
  }
  owner = 0;
  fastmm_profile_at_end(&record);
  if (record.settings->verbose > 0) fastmm_report(&record);
  pthread_mutex_unlock(&lock);
}

__attribute__((destructor)) static void finish(void) { fastmm_record_finish(); }
