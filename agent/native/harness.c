/*
 * The measuring child. The agent starts it in a process group and an empty folder of its own, and drives it by the lines that
 * protocol.h describes.
 *
 *   harness BLAS FORMAT M K N SEED MEMORY_BYTES CPU_SECONDS CPU[,CPU…] [SIDE[:BYTES]=PROGRAM | SIDE@BLAS …]
 * FORMAT is f32 or f64, with :nt, :tn or :tt after it where B, A or both lie transposed; BLAS is a shared library or "portable", a PROGRAM a shared object with at_program (candidate.h). A SIDE is a
 * letter: B is the first BLAS, the baseline, any other one a program or a further BLAS. BYTES bounds the workspace of a program that can
 * do with less. The first answer says what was loaded.
 *
 * It dies with its parent: by a signal where the system has one for that (Linux), else at the end of its input.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "matrices.h"
#include "peak.h"
#include "protocol.h"
#include "reply.h"
#include "sides.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { MAX_CPUS = 1024 };

/* More than any BLAS known looks for work in vain, seconds. */
#define PATIENCE 1.0

static at_matrices matrices;
static void *kept;

static size_t bytes_of_c(void) { return matrices.m * matrices.n * matrices.element_bytes; }

static void fill_integers(int range) {
  at_fill_integers(&matrices, range);
  reply("{}");
}

static void fill_uniform(void) {
  at_fill_uniform(&matrices);
  reply("{}");
}

static void fill_positive(void) {
  at_fill_positive(&matrices);
  reply("{}");
}

static void fill_scaled(void) {
  at_fill_scaled(&matrices, AT_EXPONENTS);
  reply("{}");
}

static void run(char letter) {
  at_poison(matrices.c, bytes_of_c());
  at_poison(workspace, workspace_bytes);
  double start = at_seconds();
  multiply(letter, &matrices);
  reply("{\"seconds\":%.9g}", at_seconds() - start);
}

static void keep(void) {
  if (kept == NULL) kept = at_allocate(bytes_of_c());
  if (kept == NULL) refuse_memory("There is", "a copy of C", bytes_of_c());
  memcpy(kept, matrices.c, bytes_of_c());
  reply("{}");
}

static void compare(void) {
  if (kept == NULL) refuse("usage", "Nothing was kept to compare with.");
  at_difference d = at_compare(&matrices, kept);
  reply("{\"different\":%zu,\"row\":%zu,\"column\":%zu,\"value\":%.17g,\"expected\":%.17g,\"relativeError\":%.9g}",
        d.different, d.row, d.column, json_number(d.value), json_number(d.expected), json_number(d.relative_error));
}

static void error_of_c(void) {
  at_errors errors;
  if (at_errors_of_c(&matrices, &errors) != 0) refuse("memory", "There is no memory for the reference rows.");
  reply("{\"relativeError\":%.9g,\"componentwiseError\":%.9g,\"rows\":%zu}", json_number(errors.relative),
        json_number(errors.componentwise), matrices.reference_rows);
}

static void show(char letter) {
  const at_matrices *x = &matrices;
  const void *matrix = letter == 'A' ? x->a : letter == 'B' ? x->b : x->c;
  const size_t rows = letter == 'B' ? x->k : x->m, columns = letter == 'A' ? x->k : x->n;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      const size_t index = letter == 'A' ? at_index_a(x, i, j) : letter == 'B' ? at_index_b(x, i, j) : i * x->n + j;
      say("%c%.17g", i + j == 0 ? '[' : ',', json_number(at_element(x, matrix, index)));
    }
  reply("]");
}

static void warm_up(char letter, long runs, double seconds) {
  double start = at_seconds(), elapsed;
  long count = 0;
  do {
    multiply(letter, &matrices);
    count++;
    elapsed = at_seconds() - start;
  } while (count < runs || elapsed < seconds);
  reply("{\"runs\":%ld,\"seconds\":%.9g}", count, elapsed / count);
}

static void sample(char letter, long runs) {
  at_threads_await_others(PATIENCE);
  double cpu = at_cpu_seconds(), start = at_seconds();
  for (long i = 0; i < runs; i++) multiply(letter, &matrices);
  double elapsed = at_seconds() - start;
  reply("{\"seconds\":%.9g,\"cpuSeconds\":%.9g}", elapsed / runs, (at_cpu_seconds() - cpu) / runs);
}

static void phases(char letter, long runs) {
  double spent[AT_PHASES] = {0};
  at_threads_await_others(PATIENCE);
  at_blas_time_phases(spent);
  double start = at_thread_seconds();
  for (long i = 0; i < runs; i++) multiply(letter, &matrices);
  double elapsed = at_thread_seconds() - start;
  at_blas_time_phases(NULL);
  reply("{\"total\":%.9g,\"pack\":%.9g,\"multiply\":%.9g,\"combine\":%.9g}", elapsed / runs,
        spent[AT_PHASE_PACK] / runs, spent[AT_PHASE_MULTIPLY] / runs, spent[AT_PHASE_COMBINE] / runs);
}

static void bind_threads(void) { reply("{\"bound\":%d}", at_threads_bind_others()); }

static void peak(double seconds) {
  at_threads_await_others(PATIENCE);
  reply("{\"gflops\":%.9g}", at_peak_flops(matrices.element_bytes, seconds) / 1e9);
}

/* A tighter limit that the agent was started with stays. */
static void limit(int resource, rlim_t value, rlim_t grace) {
  struct rlimit limits;
  if (getrlimit(resource, &limits) != 0) refuse("system", "A resource limit cannot be read.");
  if (value + grace < limits.rlim_max) limits.rlim_max = value + grace;
  limits.rlim_cur = value < limits.rlim_max ? value : limits.rlim_max;
  if (setrlimit(resource, &limits) != 0) refuse("system", "A resource limit cannot be set.");
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
  if (strncmp(format, "f32", 3) == 0) return sizeof(float);
  if (strncmp(format, "f64", 3) == 0) return sizeof(double);
  refuse("usage", "The format must be f32 or f64.");
}

/* Reads what follows the format. */
static void lay_out(const char *format) {
  const char *letters = format + 3;
  if (*letters == '\0') return;
  if (strcmp(letters, ":nt") != 0 && strcmp(letters, ":tn") != 0 && strcmp(letters, ":tt") != 0)
    refuse("usage", "After the format comes :nt, :tn or :tt.");
  matrices.a_transposed = letters[1] == 't';
  matrices.b_transposed = letters[2] == 't';
}

int main(int count, char **argument) {
  static int cpus[MAX_CPUS];
  int threads = 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  reply_open();
  if (count < 10) refuse("usage", "Too few arguments; see harness.c.");

  for (char *cpu = strtok(argument[9], ","); cpu != NULL && threads < MAX_CPUS; cpu = strtok(NULL, ","))
    cpus[threads++] = atoi(cpu);
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_FSIZE, 1 << 20, 0);
  limit(RLIMIT_AS, number(argument[7]), 0);
  /* At the first limit comes SIGXCPU, which tells what happened; at the second SIGKILL, which does not. */
  limit(RLIMIT_CPU, number(argument[8]), 5);
  if (at_threads_start(cpus, threads) != 0) refuse("system", "The threads cannot be started on the given CPUs.");

  baseline = load_blas(argument[1]);
  if (at_matrices_allocate(&matrices, number(argument[3]), number(argument[4]), number(argument[5]),
                           element_bytes(argument[2]),
                           number(argument[6])) != 0)
    refuse_memory("There is", "the matrices", matrices.element_bytes * (matrices.m * matrices.k + matrices.k * matrices.n +
                                                            matrices.m * matrices.n));
  lay_out(argument[2]);
  for (int i = 10; i < count; i++) load_side(argument[i], &matrices);
  workspace = at_allocate(workspace_bytes);
  if (workspace == NULL) refuse_memory("There is", "the workspace", workspace_bytes);
  /* Every side finds all pages in place. */
  at_poison(workspace, workspace_bytes);
  at_poison(matrices.c, bytes_of_c());
  at_fill_uniform(&matrices);

  char name[64], version[128], configuration[256];
  reply("{\"name\":\"%s\",\"version\":\"%s\",\"configuration\":\"%s\",\"workspaceBytes\":%zu,\"hugePageKilobytes\":%ld}",
        plain(name, sizeof name, baseline->name), plain(version, sizeof version, baseline->version),
        plain(configuration, sizeof configuration, baseline->configuration), workspace_bytes, huge_page_kilobytes());
  obey_all();
  return 0;
}
