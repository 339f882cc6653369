/*
 * Calls a generated packed program with all that at_gemm (native/packed.h) offers beyond at_program_t: transposes, leading
 * dimensions, alpha and beta. It is compiled together with the program, by whichever compiler for whichever processor:
 *
 *   gcc -O3 -DPROGRAM='"program.c"' gemm-driver.c
 *   a.out RANGE TOLERANCE THREADS M,K,N …
 *
 * A, B and C hold whole numbers up to RANGE in size. Every element of the result is compared with the definition of the
 * product in float64; it may differ by TOLERANCE times the largest possible result, 0 for not at all. Every matrix and the
 * workspace end where memory ends, so that reading or writing beyond them is a fault; what lies before and between the
 * rows must stay as it was, and must not matter: around A and B, and in a C that is not read, there are NaNs. The first
 * thing wrong is printed, and the exit status is 1.
 */
#define _GNU_SOURCE
#include PROGRAM
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
  double alpha, beta;
} scales;

/* Powers of two change no digit. */
static const scales SCALES[] = {{1, 0}, {-2, 0}, {1, 1}, {0.5, -4}};
/* Beyond the width of a matrix, elements of A, B and C. */
static const size_t PADDING[][3] = {{0, 0, 0}, {1, 3, 5}, {64, 17, 0}, {0, 0, 31}};
enum { COMBINATIONS = sizeof SCALES / sizeof *SCALES, LINE_BYTES = 64 };

/* What is being tried, for the message. */
static char trying[256];

static void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  printf("%s: ", trying);
  vprintf(format, values);
  printf("\n");
  exit(1);
}

static void on_fault(int signal) {
  (void)signal;
  const char message[] = ": reads or writes beyond a matrix or the workspace\n";
  if (write(STDOUT_FILENO, trying, strlen(trying)) < 0 || write(STDOUT_FILENO, message, sizeof message - 1) < 0) _exit(2);
  _exit(1);
}

/* The threads' shares one after the other, the last one first. */
static size_t threads = 1;
static void for_rows(const at_runtime *runtime, size_t rows, at_rows_fn *body, void *argument) {
  (void)runtime;
  for (size_t i = threads; i-- > 0;) body(argument, rows * i / threads, rows * (i + 1) / threads);
}

/* Memory that ends where so many bytes end and is followed by a page that cannot be touched. */
typedef struct {
  char *map;
  size_t mapped, whole;
  char *data;
} region;

static region allocate(size_t bytes) {
  const size_t page = sysconf(_SC_PAGESIZE);
  region r = {.whole = at_ceil(bytes, page) * page};
  r.mapped = r.whole + page;
  r.map = mmap(NULL, r.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (r.map == MAP_FAILED || mprotect(r.map + r.whole, page, PROT_NONE) != 0) fail("there is no memory");
  r.data = r.map + r.whole - bytes;
  /* NaNs. */
  memset(r.map, 0xFF, r.whole);
  return r;
}

static void release(region r) { munmap(r.map, r.mapped); }

static int random_integer(int range) {
  static uint64_t state = 1;
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (int)((state >> 33) % (2 * range + 1)) - range;
}

/* A matrix as it lies in memory. */
typedef struct {
  region memory;
  at_real *data;
  size_t rows, columns, stride;
} matrix;

static matrix make(size_t rows, size_t columns, size_t padding, int range) {
  matrix x = {.rows = rows, .columns = columns, .stride = columns + padding};
  x.memory = allocate(((rows - 1) * x.stride + columns) * sizeof(at_real));
  x.data = (at_real *)x.memory.data;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) x.data[i * x.stride + j] = random_integer(range);
  return x;
}

/* Element (i, j) of the matrix or of its transpose. */
static double element(const matrix *x, int transposed, size_t i, size_t j) {
  return transposed ? x->data[j * x->stride + i] : x->data[i * x->stride + j];
}

/* Whether all bytes from `from` up to `to` are still those of allocate(). */
static int untouched(const void *from, const void *to) {
  for (const unsigned char *p = from; p < (const unsigned char *)to; p++)
    if (*p != 0xFF) return 0;
  return 1;
}

/* Parts of the workspace that a product would take by itself, which it is bounded to. */
static const size_t SHARES[] = {1, 3, 8};

static void check(size_t m, size_t k, size_t n, int ta, int tb, const scales *s, const size_t *padding, int range,
                  double tolerance, size_t share) {
  snprintf(trying, sizeof trying, "%zux%zux%zu%s%s, alpha %g, beta %g, padding %zu %zu %zu, %zu threads, workspace / %zu", m, k, n,
           ta ? ", A transposed" : "", tb ? ", B transposed" : "", s->alpha, s->beta, padding[0], padding[1], padding[2],
           threads, share);
  const matrix a = ta ? make(k, m, padding[0], range) : make(m, k, padding[0], range);
  const matrix b = tb ? make(n, k, padding[1], range) : make(k, n, padding[1], range);
  const matrix c = make(m, n, padding[2], range);
  double *expected = malloc(m * n * sizeof *expected);
  if (expected == NULL) fail("there is no memory");
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = 0, *old = expected + i * n + j;
      for (size_t l = 0; l < k; l++) sum += element(&a, ta, i, l) * element(&b, tb, l, j);
      *old = s->alpha * sum + s->beta * element(&c, 0, i, j);
      if (s->beta == 0) c.data[i * c.stride + j] = NAN;
    }

  const size_t limit = at_workspace_bytes(m, k, n, threads, SIZE_MAX) / share;
  const size_t bytes = at_workspace_bytes(m, k, n, threads, limit);
  const region workspace = allocate(bytes);
  if (bytes % LINE_BYTES != 0) fail("a workspace of %zu bytes is not whole lines", bytes);
  const at_runtime runtime = {.threads = threads, .for_rows = for_rows};
  at_gemm(&runtime, m, n, k, s->alpha, a.data, a.stride, ta, b.data, b.stride, tb, s->beta, c.data, c.stride,
          workspace.data, limit);

  const double allowed = tolerance * (fabs(s->alpha) * range * range * k + fabs(s->beta) * range);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      const double got = element(&c, 0, i, j), wanted = expected[i * n + j];
      /* Also where it is NaN. */
      if (!(fabs(got - wanted) <= allowed)) fail("element %zu,%zu is %.17g, not %.17g", i, j, got, wanted);
    }
  int clean = untouched(c.memory.map, c.data) && untouched(workspace.map, workspace.data);
  for (size_t i = 0; i + 1 < m; i++) clean &= untouched(c.data + i * c.stride + n, c.data + (i + 1) * c.stride);
  if (!clean) fail("something was written outside C and the workspace");

  free(expected);
  release(workspace);
  release(a.memory);
  release(b.memory);
  release(c.memory);
}

int main(int count, char **argument) {
  signal(SIGSEGV, on_fault);
  signal(SIGBUS, on_fault);
  if (count < 5) fail("usage: RANGE TOLERANCE THREADS M,K,N …");
  const int range = atoi(argument[1]);
  const double tolerance = atof(argument[2]);
  const size_t most_threads = atoi(argument[3]);
  int products = 0;
  for (int i = 4; i < count; i++) {
    size_t m, k, n;
    if (sscanf(argument[i], "%zu,%zu,%zu", &m, &k, &n) != 3) fail("%s is not M,K,N", argument[i]);
    /* Every pair of transposes with every pair of scales; the paddings and threads take turns. */
    for (int transposes = 0; transposes < 4; transposes++)
      for (int s = 0; s < COMBINATIONS; s++, products++) {
        threads = 1 + products % most_threads;
        check(m, k, n, transposes & 1, transposes >> 1, &SCALES[s], PADDING[(s + transposes + i) % COMBINATIONS], range,
              tolerance, SHARES[(products / 2) % (sizeof SHARES / sizeof *SHARES)]);
      }
  }
  printf("%d products are right\n", products);
  return 0;
}
