#define _GNU_SOURCE
#include "settings.h"
#include "fork.h"
#include "record.h"
#include "thread_count.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nothing this small can be worth an algorithm: on one core it takes some 10 microseconds, and to choose costs a part of one. */
static const double worth_asking = 1 << 20;

double fastmm_unseen_below = 0;

static fastmm_settings settings;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void refuse(const char *name, const char *value, const char *allowed) {
  fprintf(stderr, "fastmm: %s=%s is not known and has no effect; write %s.\n", name, value, allowed);
}

static void read_mode(void) {
  static const char *const names[] = {"default", "off", "fast", "accurate", "always"};
  const char *text = getenv("FASTMM_MODE");
  settings.mode = FASTMM_MODE_DEFAULT;
  if (text != NULL && *text != '\0') {
    for (int i = FASTMM_MODE_OFF; i <= FASTMM_MODE_ALWAYS; i++)
      if (strcmp(text, names[i]) == 0) settings.mode = (fastmm_blas_mode)i;
    if (settings.mode == FASTMM_MODE_DEFAULT) refuse("FASTMM_MODE", text, "off, fast, accurate or always");
  }
#ifdef FASTMM_RECORDER
  settings.mode = FASTMM_MODE_OFF;
#endif
  settings.mode_name = names[settings.mode];
}

/* A whole number from least to most, or 0 where there is none. */
static int read_number(const char *name, int least, int most) {
  const char *text = getenv(name);
  if (text == NULL || *text == '\0') return 0;
  char *end;
  const long value = strtol(text, &end, 10);
  if (*end == '\0' && value >= least && value <= most) return (int)value;
  char allowed[64];
  snprintf(allowed, sizeof allowed, "a whole number from %d to %d", least, most);
  refuse(name, text, allowed);
  return 0;
}

static void read_settings(void) {
  read_mode();
  settings.threads = read_number("FASTMM_NUM_THREADS", 1, FASTMM_MOST_THREADS);
  settings.verbose = read_number("FASTMM_VERBOSE", 0, 2);
  const char *profile = getenv("FASTMM_PROFILE");
  settings.profile = profile != NULL && *profile != '\0' ? strdup(profile) : NULL;
  settings.sample = read_number("FASTMM_SAMPLE", 1, 1000000);
  settings.observes = settings.verbose > 0 || settings.profile != NULL;
  fastmm_note_processors();
  fastmm_start_record(&settings);
  fastmm_prepare_for_fork();
  double unseen = settings.observes ? 0 : settings.mode == FASTMM_MODE_OFF ? INFINITY : settings.mode == FASTMM_MODE_ALWAYS ? 2 : worth_asking;
  __atomic_store(&fastmm_unseen_below, &unseen, __ATOMIC_RELEASE);
}

const fastmm_settings *fastmm_get_settings(void) {
  pthread_once(&once, read_settings);
  return &settings;
}

__attribute__((constructor)) static void read_when_loaded(void) { fastmm_get_settings(); }
