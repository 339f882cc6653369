/*
 * The measuring child for programs in CUDA. It understands the lines that ../protocol.h describes.
 *
 *   harness LIBRARY FORMAT M K N SEED MEMORY_BYTES CPU_SECONDS CPU[,CPU...] [SIDE=PROGRAM ...]
 *   harness --describe
 *
 * LIBRARY is cublas, or cublas-tf32, where all products of matrices in f32, the baseline's and the programs', are computed
 * from operands rounded to TF32. FORMAT is f32, f64, f16 or bf16; sums of halves are in f32. Times are between two CUDA
 * events around the runs: nothing is copied to or from the device meanwhile.
 */
#include "../clock.h"
#include "../protocol.h"
#include "../reply.h"
#include "baseline.h"
#include "cuda_candidate.h"
#include "device.h"
#include "host_matrices.h"

#include <dlfcn.h>
#include <signal.h>
#include <sys/prctl.h>

enum { MAX_SIDES = 25 };

typedef struct {
  char letter;
  const at_cuda_program_t *program;
} at_side;

static at_host_matrices matrices;
static at_baseline baseline;
static at_side sides[MAX_SIDES];
static int side_count;
static void *workspace, *kept;
static size_t workspace_bytes;
static cudaEvent_t marks[AT_CUDA_PHASES + 1];

static const at_cuda_program_t *load_program(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) refuse("load", dlerror());
  const at_cuda_program_t *program = (const at_cuda_program_t *)dlsym(library, "at_cuda_program");
  if (program == NULL) refuse("load", "The program exports no at_cuda_program.");
  if (program->abi_version != AT_CUDA_ABI_VERSION || program->format != matrices.format)
    refuse("load", "The program has another version or number format.");
  const size_t bytes = program->workspace_bytes(matrices.m, matrices.k, matrices.n);
  if (bytes > workspace_bytes) workspace_bytes = bytes;
  return program;
}

static void load_side(const char *argument) {
  if (side_count == MAX_SIDES || argument[0] == '\0' || argument[1] != '=')
    refuse("usage", "A side is LETTER=PROGRAM.");
  sides[side_count++] = {argument[0], load_program(argument + 2)};
}

static const at_cuda_program_t *find_side(char letter) {
  for (int i = 0; i < side_count; i++)
    if (sides[i].letter == letter) return sides[i].program;
  refuse("usage", "There is no such side.");
}

/* Only starts it. */
static void multiply(char letter) {
  const at_host_matrices *x = &matrices;
  const bool started =
      letter == 'B' ? at_baseline_product(&baseline, x->m, x->k, x->n, x->a, x->b, x->c)
                    : find_side(letter)->multiply(&baseline.runtime, x->m, x->k, x->n, x->a, x->b, x->c, workspace);
  if (!started) fail("cuBLAS or a kernel did not start", cudaGetLastError());
}

static void mark(int which) { require(cudaEventRecord(marks[which], baseline.runtime.stream), "an event"); }

static double seconds_between(int first, int last) {
  float milliseconds;
  require(cudaEventSynchronize(marks[last]), "the product");
  require(cudaEventElapsedTime(&milliseconds, marks[first], marks[last]), "the time of the product");
  return milliseconds / 1e3;
}

/* So many in a row, seconds of one. */
static double timed(char letter, long runs) {
  mark(0);
  for (long i = 0; i < runs; i++) multiply(letter);
  mark(1);
  return seconds_between(0, 1) / runs;
}

static void fill_integers(int range) {
  at_fill_integers(&matrices.host, range);
  at_host_upload(&matrices);
  reply("{}");
}

static void fill_uniform(void) { fill_integers(0); }

static void fill_positive(void) {
  at_fill_positive(&matrices.host);
  at_host_upload(&matrices);
  reply("{}");
}

static void fill_scaled(void) {
  at_fill_scaled(&matrices.host, matrices.element_bytes == 2 ? AT_EXPONENTS_OF_HALVES : AT_EXPONENTS);
  at_host_upload(&matrices);
  reply("{}");
}

static void run(char letter) {
  at_host_poison_c(&matrices);
  require(cudaMemset(workspace, 0xff, workspace_bytes), "the workspace");
  reply("{\"seconds\":%.9g}", timed(letter, 1));
}

static void keep(void) {
  const size_t bytes = matrices.m * matrices.n * matrices.host.element_bytes;
  if (kept == NULL) kept = at_allocate(bytes);
  if (kept == NULL) refuse_memory("There is", "a copy of C", bytes);
  at_host_fetch_c(&matrices);
  memcpy(kept, matrices.host.c, bytes);
  reply("{}");
}

static void compare(void) {
  if (kept == NULL) refuse("usage", "Nothing was kept to compare with.");
  at_host_fetch_c(&matrices);
  const at_difference d = at_compare(&matrices.host, kept);
  reply("{\"different\":%zu,\"row\":%zu,\"column\":%zu,\"value\":%.17g,\"expected\":%.17g,\"relativeError\":%.9g}",
        d.different, d.row, d.column, json_number(d.value), json_number(d.expected), json_number(d.relative_error));
}

static void error_of_c(void) {
  at_errors errors;
  at_host_fetch_c(&matrices);
  if (at_errors_of_c(&matrices.host, &errors) != 0) refuse("memory", "There is no memory for the reference rows.");
  reply("{\"relativeError\":%.9g,\"componentwiseError\":%.9g,\"rows\":%zu}", json_number(errors.relative),
        json_number(errors.componentwise), matrices.host.reference_rows);
}

static void show(char letter) {
  const at_matrices *x = &matrices.host;
  if (letter == 'C') at_host_fetch_c(&matrices);
  const void *matrix = letter == 'A' ? x->a : letter == 'B' ? x->b : x->c;
  const size_t count = letter == 'A' ? x->m * x->k : letter == 'B' ? x->k * x->n : x->m * x->n;
  for (size_t i = 0; i < count; i++) say("%c%.17g", i == 0 ? '[' : ',', json_number(at_element(x, matrix, i)));
  reply("]");
}

static void warm_up(char letter, long runs, double seconds) {
  const double start = at_seconds();
  double elapsed;
  long count = 0;
  do {
    timed(letter, 1);
    count++;
    elapsed = at_seconds() - start;
  } while (count < runs || elapsed < seconds);
  reply("{\"runs\":%ld,\"seconds\":%.9g}", count, elapsed / count);
}

static void sample(char letter, long runs) {
  const double cpu = at_cpu_seconds();
  const double seconds = timed(letter, runs);
  reply("{\"seconds\":%.9g,\"cpuSeconds\":%.9g}", seconds, (at_cpu_seconds() - cpu) / runs);
}

static void begin_phase(const at_cuda_runtime *, at_cuda_phase phase) { mark(phase); }

/* One run after the other, so that the events of one are read before those of the next are recorded. */
static void phases(char letter, long runs) {
  double spent[AT_CUDA_PHASES] = {0}, total = 0;
  baseline.runtime.begin = begin_phase;
  for (long i = 0; i < runs; i++) {
    mark(0);
    multiply(letter);
    mark(AT_CUDA_PHASES);
    total += seconds_between(0, AT_CUDA_PHASES);
    for (int phase = 0; letter != 'B' && phase < AT_CUDA_PHASES; phase++) spent[phase] += seconds_between(phase, phase + 1);
  }
  baseline.runtime.begin = NULL;
  reply("{\"total\":%.9g,\"pack\":%.9g,\"multiply\":%.9g,\"combine\":%.9g}", total / runs, spent[AT_CUDA_SPLIT] / runs,
        spent[AT_CUDA_MULTIPLY] / runs, spent[AT_CUDA_COMBINE] / runs);
}

/* There are no threads to bind. */
static void bind_threads(void) { reply("{\"bound\":0}"); }

static void peak(double seconds) { reply("{\"gflops\":%.9g}", at_baseline_peak_flops(&baseline, seconds) / 1e9); }

static cudaDeviceProp device_properties(void) {
  int count = 0, driver = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess || count == 0) refuse("system", error == cudaSuccess ? "There is no GPU." : cudaGetErrorString(error));
  /* While it waits for the device, the processor is free. */
  require(cudaSetDeviceFlags(cudaDeviceScheduleBlockingSync), "the device");
  cudaDeviceProp properties;
  require(cudaGetDeviceProperties(&properties, 0), "the device");
  require(cudaDriverGetVersion(&driver), "the driver");
  return properties;
}

static void describe(void) {
  const cudaDeviceProp device = device_properties();
  int driver = 0;
  size_t free_bytes = 0, total_bytes = 0;
  require(cudaDriverGetVersion(&driver), "the driver");
  require(cudaMemGetInfo(&free_bytes, &total_bytes), "the memory");
  char name[256], version[32];
  reply("{\"device\":\"%s\",\"capability\":\"%d%d\",\"memoryBytes\":%zu,\"freeBytes\":%zu,\"driver\":\"%d.%d\","
        "\"cublas\":\"%s\"}",
        plain(name, sizeof name, device.name), device.major, device.minor, total_bytes, free_bytes, driver / 1000,
        driver % 1000 / 10, at_baseline_version(version, sizeof version));
}

static int serve(int count, char **argument) {
  if (count < 10) refuse("usage", "Too few arguments; see harness.cu.");
  const cudaDeviceProp device = device_properties();
  at_host_allocate(&matrices, argument[2], strtoull(argument[3], NULL, 10), strtoull(argument[4], NULL, 10),
                   strtoull(argument[5], NULL, 10), strtoull(argument[6], NULL, 10));
  at_baseline_open(&baseline, argument[1], matrices.format, device.multiProcessorCount);
  for (cudaEvent_t &event : marks) require(cudaEventCreate(&event), "an event");
  for (int i = 10; i < count; i++) load_side(argument[i]);
  if (workspace_bytes > 0) workspace = at_device_allocate(workspace_bytes, "the workspace");
  at_fill_uniform(&matrices.host);
  at_host_upload(&matrices);

  char name[256], version[32];
  reply("{\"name\":\"cuBLAS\",\"version\":\"%s\",\"configuration\":\"%s\",\"workspaceBytes\":%zu,\"hugePageKilobytes\":-1,"
        "\"accelerator\":\"%s\"}",
        at_baseline_version(version, sizeof version), at_baseline_mode(&baseline), workspace_bytes,
        plain(name, sizeof name, device.name));
  obey_all();
  return 0;
}

int main(int count, char **argument) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  reply_open();
  if (count == 2 && strcmp(argument[1], "--describe") == 0) {
    describe();
    return 0;
  }
  return serve(count, argument);
}
