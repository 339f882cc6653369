/* The library against a plain product in higher precision; exits with 1 if anything is wrong. See test_type.h. */
#include "fastmm.h"
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int checks, failures;

static void check(int holds, const char *what) {
  checks++;
  if (holds) return;
  failures++;
  printf("wrong: %s\n", what);
}

/* Reproducible numbers in [-1, 1) (Knuth's 64-bit linear congruential generator). */
static unsigned long long state = 1;
static double random_number(void) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(state >> 11) * 0x1p-52 - 1;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* How a product is asked for. */
typedef enum { AUTOMATIC, WITH_WORKSPACE, PACKED_B, WAYS } way;
static const char *const way_names[WAYS] = {"automatic", "with workspace", "packed B"};

typedef struct {
  fastmm_transpose transa, transb;
  size_t m, n, k;
  double alpha, beta;
  size_t threads;
  way way;
} product;

/* What lies around a matrix and must stay as it is. */
enum { GUARD = 64, PADDING = 3 };
static const double UNTOUCHED = 12345;

/* Above this many multiplications only some rows are compared. */
static const double COMPARED_FULLY = 4e6;
enum { COMPARED_ROWS = 16 };

/* Products larger than this take a test too long. */
enum { LARGEST = 4096 };

#if FASTMM_HAS_F32
#define REAL float
#define EPSILON FLT_EPSILON
#define GEMM(suffix) fastmm_sgemm##suffix
#define CROSSOVER FASTMM_CROSSOVER_F32
#define TEST(name) f32_##name
#include "test_type.h"
#endif

#if FASTMM_HAS_F64
#define REAL double
#define EPSILON DBL_EPSILON
#define GEMM(suffix) fastmm_dgemm##suffix
#define CROSSOVER FASTMM_CROSSOVER_F64
#define TEST(name) f64_##name
#include "test_type.h"
#endif

int main(void) {
#if FASTMM_HAS_F32
  f32_all();
#endif
#if FASTMM_HAS_F64
  f64_all();
#endif
  printf("%d checks, %d failed\n", checks, failures);
  return failures > 0;
}
