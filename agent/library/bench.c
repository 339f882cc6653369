/*
 * How much faster than the fallback (the BLAS, or the plain product) the library is, both in this process, on the same
 * matrices, with the same threads, in random order round by round:
 *   bench [size, or MxKxN [threads [rounds]]]
 * A speed-up is the fallback's time over the library's, the median over the rounds with an interval between order
 * statistics that holds it with at least 95 % confidence whatever the distribution.
 */
#include "fallback.h"
#include "fastmm.h"
#include "memory.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Fewer rounds have no such interval. */
enum { LEAST_ROUNDS = 6, MOST_ROUNDS = 1000 };

#if FASTMM_IS_DISPATCH
enum { FALLBACK, GEMM_AUTOMATIC, CONTENDERS };
#else
enum { FALLBACK, GEMM_AUTOMATIC, GEMM_WITH_WORKSPACE, GEMM_PACKED_B, CONTENDERS };
#endif
static const char *const contender_names[] = {"", "", "_with_workspace", "_packed_b"};

/* C is m x n, and k the length of a sum. */
typedef struct {
  size_t m, k, n;
} shape;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* How many of the sorted values to leave out at either end: P(fewer than that many of n below the median) <= 2.5 %. */
static int left_out(int n) {
  double probability = pow(0.5, n), sum = probability;
  int count = 0;
  while (sum <= 0.025) {
    count++;
    probability *= (double)(n - count + 1) / count;
    sum += probability;
  }
  return count > 0 ? count - 1 : 0;
}

static double median(const double *sorted, int n) { return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2; }

static void shuffle(int *order, int n) {
  for (int i = n - 1; i > 0; i--) {
    const int j = rand() % (i + 1), kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

static void report(const char *name, shape s, int rounds, double times[CONTENDERS][MOST_ROUNDS]) {
  const double operations = 2.0 * s.m * s.k * s.n;
  for (int x = 0; x < CONTENDERS; x++) {
    double sorted[MOST_ROUNDS], ratios[MOST_ROUNDS];
    for (int r = 0; r < rounds; r++) {
      sorted[r] = times[x][r];
      ratios[r] = times[FALLBACK][r] / times[x][r];
    }
    qsort(sorted, rounds, sizeof *sorted, compare);
    qsort(ratios, rounds, sizeof *ratios, compare);
    const double gflops = operations / median(sorted, rounds) / 1e9;
    if (x == FALLBACK) {
      printf("%s: the %s, %.1f GFLOP/s\n", name, fastmm_fallback_name, gflops);
      continue;
    }
    const int out = left_out(rounds);
    printf("  fastmm_%s%-16s %8.1f GFLOP/s  speed-up %.3f [%.3f, %.3f]\n", name, contender_names[x], gflops,
           median(ratios, rounds), ratios[out], ratios[rounds - 1 - out]);
  }
}

#if FASTMM_HAS_F32
#define REAL float
#define GEMM(suffix) fastmm_sgemm##suffix
#define FALLBACK_GEMM fastmm_fallback_sgemm
#define BENCH bench_sgemm
#define NAME "sgemm"
#include "bench_type.h"
#endif

#if FASTMM_HAS_F64
#define REAL double
#define GEMM(suffix) fastmm_dgemm##suffix
#define FALLBACK_GEMM fastmm_fallback_dgemm
#define BENCH bench_dgemm
#define NAME "dgemm"
#include "bench_type.h"
#endif

/* The BLAS must use as many threads as the library; it reads their number when it is loaded. */
static void set_blas_threads(char **arguments, const char *threads) {
  static const char *const names[] = {"OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS",
                                      "VECLIB_MAXIMUM_THREADS"};
  if (getenv("FASTMM_BENCH") != NULL) return;
  setenv("FASTMM_BENCH", "1", 1);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) setenv(names[i], threads, 1);
  execvp(arguments[0], arguments);
  perror("bench cannot start itself again with the number of threads");
  exit(1);
}

/* "2048" or "2048x1024x512" (m x k x n); zeros for anything else. */
static shape shape_of(const char *text) {
  size_t m, k, n;
  char rest;
  if (sscanf(text, "%zux%zux%zu%c", &m, &k, &n, &rest) == 3) return (shape){m, k, n};
  if (sscanf(text, "%zu%c", &m, &rest) == 1) return (shape){m, m, m};
  return (shape){0, 0, 0};
}

static int is_dimension(size_t x) { return x >= 1 && x <= 65536; }

int main(int count, char **arguments) {
  const shape s = shape_of(count > 1 ? arguments[1] : "2048");
  const long threads = count > 2 ? atol(arguments[2]) : 1, rounds = count > 3 ? atol(arguments[3]) : 15;
  if (!is_dimension(s.m) || !is_dimension(s.k) || !is_dimension(s.n) || threads < 1 || threads > FASTMM_MAX_THREADS ||
      rounds < LEAST_ROUNDS || rounds > MOST_ROUNDS) {
    fprintf(stderr, "usage: bench [size or MxKxN, each 1 to 65536 [threads, 1 to %d [rounds, %d to %d]]]\n",
            FASTMM_MAX_THREADS, LEAST_ROUNDS, MOST_ROUNDS);
    return 2;
  }
  set_blas_threads(arguments, count > 2 ? arguments[2] : "1");
  printf("%s, %zu x %zu x %zu, %ld thread%s, %ld rounds\n", FASTMM_ALGORITHM, s.m, s.k, s.n, threads,
         threads == 1 ? "" : "s", rounds);
  int status = 0;
#if FASTMM_HAS_F32
  status |= bench_sgemm(s, threads, rounds);
#endif
#if FASTMM_HAS_F64
  status |= bench_dgemm(s, threads, rounds);
#endif
  return status;
}
