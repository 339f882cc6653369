/* The library against a plain product in higher precision; exits with 1 if anything is wrong. See test_type.h. */
#include "fastmm.h"
#include <fenv.h>
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

/* Which function computes a product. */
typedef enum { AUTOMATIC, WITH_WORKSPACE, PACKED_B, WAYS } way;
static const char *const way_names[WAYS] = {"automatic", "with workspace", "packed B"};

typedef struct {
  fastmm_transpose transa, transb;
  size_t m, n, k;
  double alpha, beta;
  size_t threads;
  way way;
} product;

/* No transpose, A's, B's, both. */
enum { TRANSPOSES = 4 };

/* Elements around a matrix, which must stay as they are, and their value. */
enum { GUARD = 64, PADDING = 3 };
static const double UNTOUCHED = 12345;

/* Above this many multiplications only some rows are compared. */
static const double COMPARED_FULLY = 4e6;
enum { COMPARED_ROWS = 16 };

/* Above this many multiplications two ways to the same product are not compared. */
enum { COMPARED_WHOLE = 1100000000 };

/* A product of this size or more would take the test too long. */
enum { LARGEST = 4096 };

#include "test_cases.h"

int main(void) {
  ALL_TESTS
  printf("%d checks, %d failed\n", checks, failures);
  return failures > 0;
}
