/*
 * The measuring child. The agent starts it in a process group and an empty folder of its own and drives it by lines on
 * standard input; every line is answered by one line of JSON on standard output.
 *
 *   harness BLAS FORMAT M K N SEED MEMORY_BYTES CPU_SECONDS CPU[,CPU…] [SIDE=PROGRAM | SIDE@BLAS …]
 *
 * FORMAT is f32 or f64; BLAS is a shared library or "portable", a PROGRAM a shared object with at_program (candidate.h). A side is one letter: V
 * is the first BLAS, any other one a program or a further BLAS. The first answer says what was loaded. Then:
 *
 *   integers RANGE            fills A and B with whole numbers up to RANGE in size
 *   uniform                   fills A and B with numbers in [-1, 1)
 *   run SIDE                  one product into a C of NaNs, with a workspace of NaNs
 *   keep                      copies C aside for compare
 *   compare                   C against what was kept, every element
 *   error                     C against float64, some rows (matrices.h)
 *   show MATRIX               all elements of A, B or C, row by row
 *   warmup SIDE RUNS SECONDS  at least as many runs and as much time
 *   sample SIDE RUNS          the time of one of so many runs in a row
 *   phases SIDE RUNS          the first thread's processor time of one of so many runs, and of its phases, as far as the
 *                             program tells them apart
 *   bind                      binds the BLAS's threads, one a CPU
 *   peak SECONDS              the multiply-add peak
 *
 * It dies with its parent: by a signal where the system has one for that (Linux), else at the end of its input.
 */
#define _GNU_SOURCE
#include "blas.h"
#include "candidate.h"
#include "clock.h"
#include "matrices.h"
#include "peak.h"
#include "threads.h"

#include <dlfcn.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MAX_CPUS = 1024, MAX_SIDES = 25, EXIT_REFUSED = 3 };

typedef struct {
  char letter;
  /* One of the two. */
  const at_program_t *program;
  const at_blas *blas;
} at_side;

static FILE *replies;
static const at_blas *blas;
static at_matrices matrices;
static at_side sides[MAX_SIDES];
static int side_count;
static void *workspace, *kept;
static size_t workspace_bytes;

static void reply(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(replies, format, values);
  va_end(values);
  fputc('\n', replies);
  fflush(replies);
}

/* A JSON string; what would need escaping becomes a space. */
static const char *plain(char *buffer, size_t size, const char *text) {
  size_t i = 0;
  for (; text != NULL && text[i] != '\0' && i + 1 < size; i++)
    buffer[i] = text[i] < ' ' || text[i] == '"' || text[i] == '\\' ? ' ' : text[i];
  buffer[i] = '\0';
  return buffer;
}

/* Ends the process with a reason: "usage", "load", "memory" or "system". */
static void refuse(const char *reason, const char *message) {
  char buffer[512];
  reply("{\"refused\":\"%s\",\"message\":\"%s\"}", reason, plain(buffer, sizeof buffer, message));
  exit(EXIT_REFUSED);
}

/* JSON has no infinity. */
static double json_number(double value) { return isfinite(value) ? value : 1e300; }

static void refuse_memory(const char *what, size_t bytes) {
  char message[128];
  snprintf(message, sizeof message, "There is no memory for %s (%zu MiB).", what, (bytes + (1 << 20) - 1) >> 20);
  refuse("memory", message);
}

/* A tighter limit that the agent was started with stays. */
static void limit(int resource, rlim_t value, rlim_t grace) {
  struct rlimit limits;
  if (getrlimit(resource, &limits) != 0) refuse("system", "A resource limit cannot be read.");
  if (value + grace < limits.rlim_max) limits.rlim_max = value + grace;
  limits.rlim_cur = value < limits.rlim_max ? value : limits.rlim_max;
  if (setrlimit(resource, &limits) != 0) refuse("system", "A resource limit cannot be set.");
}

static const at_program_t *load_program(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) refuse("load", dlerror());
  const at_program_t *program = dlsym(library, "at_program");
  if (program == NULL) refuse("load", "The program exports no at_program.");
  if (program->abi_version != AT_ABI_VERSION || program->element_bytes != matrices.element_bytes)
    refuse("load", "The program is of another version or element type.");
  size_t bytes = program->workspace_bytes(matrices.m, matrices.k, matrices.n, blas->runtime.threads);
  if (bytes > workspace_bytes) workspace_bytes = bytes;
  return program;
}

static const at_blas *load_blas(const char *path) {
  const char *problem = "";
  const at_blas *loaded = at_blas_load(path, at_threads_count(), &problem);
  if (loaded == NULL) refuse("load", problem);
  return loaded;
}

static void load_side(const char *argument) {
  if (side_count == MAX_SIDES || argument[0] == '\0' || (argument[1] != '=' && argument[1] != '@'))
    refuse("usage", "A side is LETTER=PROGRAM or LETTER@BLAS.");
  at_side *side = &sides[side_count++];
  side->letter = argument[0];
  if (argument[1] == '=') side->program = load_program(argument + 2);
  else side->blas = load_blas(argument + 2);
}

static const at_side *find_side(char letter) {
  for (int i = 0; i < side_count; i++)
    if (sides[i].letter == letter) return &sides[i];
  refuse("usage", "There is no such side.");
  return NULL;
}

static void multiply_with(const at_blas *library) {
  const at_matrices *x = &matrices;
  at_blas_select(library);
  if (x->element_bytes == sizeof(float))
    library->runtime.sgemm(x->m, x->n, x->k, 1, x->a, x->k, x->b, x->n, x->c, x->n);
  else
    library->runtime.dgemm(x->m, x->n, x->k, 1, x->a, x->k, x->b, x->n, x->c, x->n);
  at_blas_select(blas);
}

static void multiply(char letter) {
  const at_matrices *x = &matrices;
  if (letter == 'B') {
    multiply_with(blas);
    return;
  }
  const at_side *side = find_side(letter);
  if (side->blas != NULL) multiply_with(side->blas);
  else side->program->multiply(&blas->runtime, x->m, x->k, x->n, x->a, x->k, x->b, x->n, x->c, x->n, workspace);
}

static void run(char letter) {
  at_poison(matrices.c, matrices.m * matrices.n * matrices.element_bytes);
  at_poison(workspace, workspace_bytes);
  double start = at_seconds();
  multiply(letter);
  reply("{\"seconds\":%.9g}", at_seconds() - start);
}

static void keep(void) {
  size_t bytes = matrices.m * matrices.n * matrices.element_bytes;
  if (kept == NULL) kept = at_allocate(bytes);
  if (kept == NULL) refuse_memory("a copy of C", bytes);
  memcpy(kept, matrices.c, bytes);
  reply("{}");
}

static void compare(void) {
  if (kept == NULL) refuse("usage", "Nothing was kept to compare with.");
  at_difference d = at_compare(&matrices, kept);
  reply("{\"different\":%zu,\"row\":%zu,\"column\":%zu,\"value\":%.17g,\"expected\":%.17g,\"relativeError\":%.9g}",
        d.different, d.row, d.column, json_number(d.value), json_number(d.expected), json_number(d.relative_error));
}

static void error_of_c(void) {
  size_t rows;
  double error = at_relative_error(&matrices, &rows);
  if (error < 0) refuse("memory", "There is no memory for the reference rows.");
  reply("{\"relativeError\":%.9g,\"rows\":%zu}", json_number(error), rows);
}

static void show(char letter) {
  const at_matrices *x = &matrices;
  const void *matrix = letter == 'A' ? x->a : letter == 'B' ? x->b : x->c;
  const size_t count = letter == 'A' ? x->m * x->k : letter == 'B' ? x->k * x->n : x->m * x->n;
  for (size_t i = 0; i < count; i++) fprintf(replies, "%c%.17g", i == 0 ? '[' : ',', json_number(at_element(x, matrix, i)));
  reply("]");
}

static void warm_up(char letter, long runs, double seconds) {
  double start = at_seconds(), elapsed;
  long count = 0;
  do {
    multiply(letter);
    count++;
    elapsed = at_seconds() - start;
  } while (count < runs || elapsed < seconds);
  reply("{\"runs\":%ld,\"seconds\":%.9g}", count, elapsed / count);
}

static void sample(char letter, long runs) {
  double cpu = at_cpu_seconds(), start = at_seconds();
  for (long i = 0; i < runs; i++) multiply(letter);
  double elapsed = at_seconds() - start;
  reply("{\"seconds\":%.9g,\"cpuSeconds\":%.9g}", elapsed / runs, (at_cpu_seconds() - cpu) / runs);
}

static void phases(char letter, long runs) {
  double spent[AT_PHASES] = {0};
  at_blas_time_phases(spent);
  double start = at_thread_seconds();
  for (long i = 0; i < runs; i++) multiply(letter);
  double elapsed = at_thread_seconds() - start;
  at_blas_time_phases(NULL);
  reply("{\"total\":%.9g,\"pack\":%.9g,\"multiply\":%.9g,\"combine\":%.9g}", elapsed / runs,
        spent[AT_PHASE_PACK] / runs, spent[AT_PHASE_MULTIPLY] / runs, spent[AT_PHASE_COMBINE] / runs);
}

static void obey(const char *line) {
  char side;
  int range;
  long runs;
  double seconds;
  if (sscanf(line, "integers %d", &range) == 1) at_fill_integers(&matrices, range), reply("{}");
  else if (strcmp(line, "uniform\n") == 0) at_fill_uniform(&matrices), reply("{}");
  else if (sscanf(line, "run %c", &side) == 1) run(side);
  else if (strcmp(line, "keep\n") == 0) keep();
  else if (strcmp(line, "compare\n") == 0) compare();
  else if (strcmp(line, "error\n") == 0) error_of_c();
  else if (sscanf(line, "show %c", &side) == 1) show(side);
  else if (sscanf(line, "warmup %c %ld %lf", &side, &runs, &seconds) == 3) warm_up(side, runs, seconds);
  else if (sscanf(line, "sample %c %ld", &side, &runs) == 2 && runs > 0) sample(side, runs);
  else if (sscanf(line, "phases %c %ld", &side, &runs) == 2 && runs > 0) phases(side, runs);
  else if (strcmp(line, "bind\n") == 0) reply("{\"bound\":%d}", at_threads_bind_others());
  else if (sscanf(line, "peak %lf", &seconds) == 1)
    reply("{\"gflops\":%.9g}", at_peak_flops(matrices.element_bytes, seconds) / 1e9);
  else refuse("usage", line);
}

/* Kilobytes of this process on transparent huge pages; -1 where the system does not say. */
static long huge_page_kilobytes(void) {
  FILE *file = fopen("/proc/self/smaps_rollup", "r");
  long kilobytes = -1;
  if (file == NULL) return -1;
  for (char line[256]; fgets(line, sizeof line, file) != NULL;) sscanf(line, "AnonHugePages: %ld", &kilobytes);
  fclose(file);
  return kilobytes;
}

static size_t number(const char *text) { return strtoull(text, NULL, 10); }

static size_t element_bytes(const char *format) {
  if (strcmp(format, "f32") == 0) return sizeof(float);
  if (strcmp(format, "f64") == 0) return sizeof(double);
  refuse("usage", "The format must be f32 or f64.");
  return 0;
}

int main(int count, char **argument) {
  static int cpus[MAX_CPUS];
  int threads = 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  /* A library that prints must not spoil the answers. */
  replies = fdopen(dup(STDOUT_FILENO), "w");
  if (replies == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return 1;
  if (count < 10) refuse("usage", "Too few arguments; see harness.c.");

  for (char *cpu = strtok(argument[9], ","); cpu != NULL && threads < MAX_CPUS; cpu = strtok(NULL, ","))
    cpus[threads++] = atoi(cpu);
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_FSIZE, 1 << 20, 0);
  limit(RLIMIT_AS, number(argument[7]), 0);
  /* At the first limit comes SIGXCPU, which tells what happened; at the second SIGKILL, which does not. */
  limit(RLIMIT_CPU, number(argument[8]), 5);
  if (at_threads_start(cpus, threads) != 0) refuse("system", "The threads cannot be started on the given CPUs.");

  blas = load_blas(argument[1]);
  if (at_matrices_allocate(&matrices, number(argument[3]), number(argument[4]), number(argument[5]),
                           element_bytes(argument[2]),
                           number(argument[6])) != 0)
    refuse_memory("the matrices", matrices.element_bytes * (matrices.m * matrices.k + matrices.k * matrices.n +
                                                            matrices.m * matrices.n));
  for (int i = 10; i < count; i++) load_side(argument[i]);
  workspace = at_allocate(workspace_bytes);
  if (workspace == NULL) refuse_memory("the workspace", workspace_bytes);
  /* Both sides find all pages in place. */
  at_poison(workspace, workspace_bytes);
  at_poison(matrices.c, matrices.m * matrices.n * matrices.element_bytes);
  at_fill_uniform(&matrices);

  char name[64], version[128], configuration[256];
  reply("{\"name\":\"%s\",\"version\":\"%s\",\"configuration\":\"%s\",\"workspaceBytes\":%zu,\"hugePageKilobytes\":%ld}",
        plain(name, sizeof name, blas->name), plain(version, sizeof version, blas->version),
        plain(configuration, sizeof configuration, blas->configuration), workspace_bytes, huge_page_kilobytes());
  for (char line[256]; fgets(line, sizeof line, stdin) != NULL;) obey(line);
  return 0;
}
