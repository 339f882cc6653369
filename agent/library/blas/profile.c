#define _GNU_SOURCE
#include "profile.h"
#include "json.h"
#include "names.h"
#include "thread_count.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* Seconds between two writings at least, and how many times as long as the last one took. */
static const double least_pause = 0.05, pause_per_second = 20;

static double next_due;
/* Whether it has changed since it was written, is complete, could not be written. */
static int has_changed, is_over, has_failed;

void fastmm_profile_start_again(void) {
  next_due = 0;
  has_changed = is_over = has_failed = 0;
}

/* The file of this process. Returns 0 if the name is too long. */
static int path_of(const char *pattern, char *path, size_t size) {
  char id[24];
  snprintf(id, sizeof id, "%ld", (long)getpid());
  size_t length = 0;
  int has_id = 0;
  for (const char *s = pattern; *s != '\0'; s++) {
    const int is_mark = s[0] == '%' && s[1] == 'p';
    const char *part = is_mark ? id : s;
    const size_t bytes = is_mark ? strlen(id) : 1;
    if (length + bytes >= size) return 0;
    memcpy(path + length, part, bytes);
    length += bytes;
    has_id |= is_mark;
    s += is_mark;
  }
  path[length] = '\0';
  return has_id || snprintf(path + length, size - length, ".%s", id) < (int)(size - length);
}

/* Reads the beginning of a file of /proc. Returns its length. */
static size_t read_start(const char *path, char *text, size_t size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  size_t length = 0;
  if (file >= 0) {
    for (ssize_t more = 1; more > 0 && length < size - 1; length += more > 0 ? (size_t)more : 0)
      more = read(file, text + length, size - 1 - length);
    close(file);
  }
  text[length] = '\0';
  return length;
}

static void write_host(void) {
  char text[8192];
  struct utsname name;
  read_start("/proc/cpuinfo", text, sizeof text);
  char *cpu = strstr(text, "model name");
  if (cpu != NULL) cpu = strchr(cpu, ':');
  if (cpu != NULL) {
    cpu += 1 + (cpu[1] == ' ');
    cpu[strcspn(cpu, "\n")] = '\0';
  }
  fastmm_json_print("  \"host\": {\"cpu\": ");
  fastmm_json_string(cpu);
  fastmm_json_print(", \"architecture\": ");
  fastmm_json_string(uname(&name) == 0 ? name.machine : NULL);
  fastmm_json_print(", \"cpus\": %d},\n", fastmm_processors());
}

static void write_program(void) {
  char text[16384];
  const ssize_t path_length = readlink("/proc/self/exe", text, sizeof text - 1);
  text[path_length > 0 ? path_length : 0] = '\0';
  fastmm_json_print("  \"program\": {\"executable\": ");
  fastmm_json_string(path_length > 0 ? text : NULL);
  fastmm_json_print(", \"arguments\": [");
  const size_t length = read_start("/proc/self/cmdline", text, sizeof text);
  for (size_t from = 0; from < length; from += strlen(text + from) + 1) {
    if (from > 0) fastmm_json_print(", ");
    fastmm_json_string(text + from);
  }
  fastmm_json_print("], \"pid\": %ld, \"parent\": %ld},\n", (long)getpid(), (long)getppid());
}

static const char *boolean(int value) { return value ? "true" : "false"; }

/* A transposition or layout that is none has no name. */
static const char *transposition(int value) { return value < 0 ? "null" : boolean(value); }

static void write_count(const fastmm_count *count) {
  static const char *const reasons[] = FASTMM_REASON_NAMES;
  const fastmm_group *g = &count->group;
  const char *symbol = fastmm_symbol_name(g->symbol);
  const int is_double = strstr(symbol, "dgemm") != NULL, is_taken = g->reason == FASTMM_NO_REASON;
  fastmm_json_print("{\"function\": \"%s\", \"symbol\": \"%s\", \"dtype\": \"%s\", \"layout\": %s, \"transA\": %s, \"transB\": %s, ",
                    is_double ? "dgemm" : "sgemm", symbol, is_double ? "f64" : "f32",
                    g->is_column_major < 0 ? "null" : g->is_column_major ? "\"column\"" : "\"row\"", transposition(g->transa),
                    transposition(g->transb));
  fastmm_json_print("\"m\": %lld, \"n\": %lld, \"k\": %lld, \"threads\": %d, \"blas\": ", (long long)g->m, (long long)g->n, (long long)g->k,
                    g->threads);
  if (g->library < 0) fastmm_json_print("null");
  else fastmm_json_print("%d", g->library);
  fastmm_json_print(", \"went\": \"%s\", \"reason\": ", is_taken ? "algorithm" : g->has_blas ? "blas" : "plain");
  fastmm_json_string(is_taken ? NULL : reasons[g->reason]);
  fastmm_json_print(", \"algorithm\": ");
  fastmm_json_string(g->algorithm);
  fastmm_json_print(", \"calls\": %llu, \"seconds\": %.9f, \"leastSeconds\": %.9f, \"sampled\": ", (unsigned long long)count->calls,
                    count->seconds, count->least_seconds);
  if (count->sampled == 0) fastmm_json_print("null}");
  else fastmm_json_print("{\"calls\": %llu, \"seconds\": %.9f, \"blasSeconds\": %.9f}}", (unsigned long long)count->sampled,
                         count->sampled_seconds, count->blas_seconds);
}

static void write_others(const fastmm_record *record) {
  int is_first = 1;
  for (int i = 0; i < FASTMM_WATCHED_COUNT; i++) {
    const fastmm_count *count = &record->others[i];
    if (count->calls == 0) continue;
    fastmm_json_print("%s\n    {\"symbol\": \"%s\", \"calls\": %llu, \"seconds\": %.9f}", is_first ? "" : ",", fastmm_watched_name(i),
                      (unsigned long long)count->calls, count->seconds);
    is_first = 0;
  }
}

static void write_libraries(void) {
  for (int i = 0; i < fastmm_library_count(); i++) {
    const fastmm_library library = fastmm_get_library(i);
    fastmm_json_print("%s\n    {\"path\": ", i == 0 ? "" : ",");
    fastmm_json_string(library.path);
    fastmm_json_print(", \"config\": ");
    fastmm_json_string(library.config);
    fastmm_json_print("}");
  }
}

static void write_all(const fastmm_record *record, int is_complete) {
  struct timespec cpu;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
#ifdef FASTMM_RECORDER
  const char *library = "recorder";
#else
  const char *library = "blas";
#endif
  fastmm_json_print("{\n  \"format\": \"alphatensor-edge-gemm-profile\",\n  \"version\": 1,\n  \"library\": \"%s\",\n  \"mode\": \"%s\",\n", library,
                    record->settings->mode_name);
  fastmm_json_print("  \"complete\": %s,\n", boolean(is_complete));
  write_host();
  write_program();
  fastmm_json_print("  \"started\": %.6f,\n  \"seconds\": %.6f,\n  \"cpuSeconds\": %.6f,\n", record->started, fastmm_now() - record->start,
                    (double)cpu.tv_sec + 1e-9 * (double)cpu.tv_nsec);
  fastmm_json_print("  \"samplingSeconds\": %.6f,\n", record->sampling_seconds);
  fastmm_json_print("  \"products\": [");
  for (size_t i = 0; i < record->groups; i++) {
    fastmm_json_print("%s\n    ", i == 0 ? "" : ",");
    write_count(&record->counts[i]);
  }
  fastmm_json_print("\n  ],\n  \"others\": [");
  write_others(record);
  fastmm_json_print("\n  ],\n  \"libraries\": [");
  write_libraries();
  fastmm_json_print("\n  ],\n  \"left\": {\"calls\": %llu, \"seconds\": %.9f}\n}\n", (unsigned long long)record->left.calls, record->left.seconds);
}

static void write_profile(const fastmm_record *record, int is_complete) {
  char path[4096], new[4096 + 8];
  const double start = fastmm_now();
  has_changed = 0;
  is_over = is_complete;
  if (!path_of(record->settings->profile, path, sizeof path)) errno = ENAMETOOLONG, has_failed = 1;
  else {
    snprintf(new, sizeof new, "%s.new", path);
    has_failed = !fastmm_json_open(new);
    if (!has_failed) {
      write_all(record, is_complete);
      has_failed = !fastmm_json_close() || rename(new, path) != 0;
    }
  }
  /* Said once; what the program prints is for others. */
  if (has_failed) fprintf(stderr, "fastmm: the profile cannot be written to %s (%s).\n", record->settings->profile, strerror(errno));
  const double end = fastmm_now(), pause = pause_per_second * (end - start);
  next_due = end + (pause > least_pause ? pause : least_pause);
}

static int is_wanted(const fastmm_record *record) { return record->settings->profile != NULL && !is_over && !has_failed; }

double fastmm_profile_if_due(const fastmm_record *record, double now) {
  if (!is_wanted(record)) return 0;
  const double wait = next_due - now;
  if (wait <= 0) write_profile(record, 0);
  if (wait <= 0 || has_changed) return 0;
  has_changed = 1;
  return wait;
}

void fastmm_profile_if_changed(const fastmm_record *record) {
  if (has_changed && is_wanted(record)) write_profile(record, 0);
}

void fastmm_profile_at_end(const fastmm_record *record) {
  if (is_wanted(record)) write_profile(record, 1);
}
