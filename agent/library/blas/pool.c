#define _GNU_SOURCE
#include "pool.h"
#include "memory_release.h"
#include "record.h"
#include "thread_count.h"
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

/* The stack of a thread: see library/threads.h. */
enum { STACK_BYTES = 4 << 20 };
/* Looks for the next pass, or for the others' end, before sleeping: passes of a product follow each other. Some 20 microseconds. */
enum { LOOKS = 400 };

/* One pass of a product; lives on its caller's stack, which stays until no thread is inside. */
typedef struct {
  fastmm_share_fn *body;
  void *argument;
  size_t rows, shares;
  /* The first share that nobody has taken. */
  size_t next;
  /* Threads that may still come; threads inside. Under the lock. */
  size_t places, inside;
} pass;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t there_is_work, one_has_left;
static int has_conditions;
static pass *current;
/* Rises with every pass. */
static unsigned long passes;
static size_t threads;
static pthread_t ids[FASTMM_MOST_THREADS];
static int is_ending;
/* When each chore is to be done, by fastmm_now; 0: never. */
static double due[FASTMM_CHORES];

/* Under the lock. */
static void make_conditions(void) {
  if (has_conditions) return;
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&there_is_work, &attributes);
  pthread_cond_init(&one_has_left, &attributes);
  pthread_condattr_destroy(&attributes);
  has_conditions = 1;
}

static inline void pause_a_little(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void do_share(const pass *p, size_t share) {
  p->body(p->argument, p->rows * share / p->shares, p->rows * (share + 1) / p->shares);
}

static void do_shares(pass *p) {
  for (;;) {
    const size_t share = __atomic_fetch_add(&p->next, 1, __ATOMIC_RELAXED);
    if (share >= p->shares) return;
    do_share(p, share);
  }
}

/* The chore that is due first, FASTMM_CHORES if there is none. Under the lock. */
static int next_chore(void) {
  int next = FASTMM_CHORES;
  for (int i = 0; i < FASTMM_CHORES; i++)
    if (due[i] > 0 && (next == FASTMM_CHORES || due[i] < due[next])) next = i;
  return next;
}

static void do_chore(int chore) {
  due[chore] = 0;
  pthread_mutex_unlock(&lock);
  if (chore == FASTMM_RELEASE_MEMORY) fastmm_release_memory();
  else fastmm_record_write();
  pthread_mutex_lock(&lock);
}

/* Sleeps until there is a pass to help with, or the end, and does chores meanwhile. Under the lock. */
static void sleep_until_work(void) {
  while (!is_ending && (current == NULL || current->places == 0)) {
    const int chore = next_chore();
    if (chore == FASTMM_CHORES) pthread_cond_wait(&there_is_work, &lock);
    else if (due[chore] <= fastmm_now()) do_chore(chore);
    else {
      const double at = due[chore];
      const struct timespec until = {.tv_sec = (time_t)at, .tv_nsec = (long)((at - (double)(time_t)at) * 1e9)};
      pthread_cond_timedwait(&there_is_work, &lock, &until);
    }
  }
}

static void *work(void *argument) {
  unsigned long seen = 0;
  fenv_t environment;
  (void)argument;
  /* A trap of the thread that started this one; see threads.h. The rest of its environment is right. */
  feholdexcept(&environment);
  pthread_mutex_lock(&lock);
  for (;;) {
    sleep_until_work();
    if (is_ending) break;
    pass *p = current;
    p->places--;
    __atomic_add_fetch(&p->inside, 1, __ATOMIC_RELAXED);
    seen = passes;
    pthread_mutex_unlock(&lock);
    do_shares(p);
    pthread_mutex_lock(&lock);
    /* The last thing that is done to the pass: its caller may be waiting for it in a loop. */
    const int is_last = __atomic_sub_fetch(&p->inside, 1, __ATOMIC_RELEASE) == 0;
    if (is_last) pthread_cond_signal(&one_has_left);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < LOOKS && __atomic_load_n(&passes, __ATOMIC_RELAXED) == seen; i++) pause_a_little();
    pthread_mutex_lock(&lock);
  }
  pthread_mutex_unlock(&lock);
  return NULL;
}

/* Starts threads until there are so many, or the system has no more to give. Under the lock. */
static void start_threads(size_t wanted) {
  if (threads >= wanted) return;
  pthread_attr_t attributes;
  sigset_t all, before;
  if (pthread_attr_init(&attributes) != 0) return;
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  /* The program's signals are for the program's threads. */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (threads < wanted && threads < FASTMM_MOST_THREADS && pthread_create(&ids[threads], &attributes, work, NULL) == 0) threads++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
}

/* Takes the threads for a pass, unless another one has them or there are none. */
static int take_threads(pass *p, size_t helpers) {
  pthread_mutex_lock(&lock);
  make_conditions();
  int is_taken = 0;
  if (current == NULL && !is_ending) {
    const size_t processors = (size_t)fastmm_processors();
    start_threads(helpers < processors ? helpers : processors - 1);
    p->places = helpers < threads ? helpers : threads;
    is_taken = p->places > 0;
    if (is_taken) {
      current = p;
      __atomic_store_n(&passes, passes + 1, __ATOMIC_RELAXED);
      for (size_t i = 0; i < p->places; i++) pthread_cond_signal(&there_is_work);
    }
  }
  pthread_mutex_unlock(&lock);
  return is_taken;
}

static void give_threads_back(pass *p) {
  for (int i = 0; i < LOOKS && __atomic_load_n(&p->inside, __ATOMIC_ACQUIRE) > 0; i++) pause_a_little();
  pthread_mutex_lock(&lock);
  /* Nobody comes in any more: all shares are taken. */
  current = NULL;
  while (__atomic_load_n(&p->inside, __ATOMIC_ACQUIRE) > 0) pthread_cond_wait(&one_has_left, &lock);
  pthread_mutex_unlock(&lock);
}

void fastmm_pool_run(size_t thread_count, size_t rows, fastmm_share_fn *body, void *argument) {
  const size_t shares = rows < thread_count ? rows : thread_count;
  pass p = {.body = body, .argument = argument, .rows = rows, .shares = shares};
  const int has_threads = shares > 1 && take_threads(&p, shares - 1);
  do_shares(&p);
  if (has_threads) give_threads_back(&p);
}

void fastmm_pool_later(fastmm_chore chore, double seconds) {
  const double at = fastmm_now() + seconds;
  pthread_mutex_lock(&lock);
  make_conditions();
  if (!is_ending) start_threads(1);
  /* Whoever sleeps for longer looks at the clock anew. */
  if (due[chore] == 0 || at < due[chore]) pthread_cond_signal(&there_is_work);
  due[chore] = at;
  pthread_mutex_unlock(&lock);
}

size_t fastmm_pool_threads(void) {
  pthread_mutex_lock(&lock);
  const size_t result = threads;
  pthread_mutex_unlock(&lock);
  return result;
}

/* Held while a process forks: several threads may want to at once. */
static pthread_mutex_t fork_lock = PTHREAD_MUTEX_INITIALIZER;

void fastmm_pool_before_fork(void) {
  pthread_mutex_lock(&fork_lock);
  pthread_mutex_lock(&lock);
  /* Another thread's product goes on in the parent with the threads it has. */
  if (current == NULL && threads > 0) {
    const size_t count = threads;
    is_ending = 1;
    pthread_cond_broadcast(&there_is_work);
    pthread_mutex_unlock(&lock);
    for (size_t i = 0; i < count; i++) pthread_join(ids[i], NULL);
    pthread_mutex_lock(&lock);
    threads = 0;
    is_ending = 0;
  }
}

void fastmm_pool_after_fork_in_parent(void) {
  if (next_chore() != FASTMM_CHORES) start_threads(1);
  pthread_mutex_unlock(&lock);
  pthread_mutex_unlock(&fork_lock);
}

void fastmm_pool_after_fork_in_child(void) {
  /* What the parent's threads waited for is of no use here; the memory that a product of theirs had is lost. */
  current = NULL;
  threads = 0;
  has_conditions = 0;
  is_ending = 0;
  due[FASTMM_WRITE_PROFILE] = 0;
  pthread_mutex_unlock(&lock);
  pthread_mutex_unlock(&fork_lock);
}
