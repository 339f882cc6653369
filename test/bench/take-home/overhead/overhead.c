/*
 * Small products through the library and straight to the BLAS, in one process: overhead BLAS SIZE CALLS ROUNDS SEED. It is linked with the
 * BLAS, whose path is the first argument, and runs with the library preloaded. Each round has a block of so many calls either way, in random
 * order, and prints the nanoseconds of a call: straight, and through the library. They are of the processor time of this thread, which
 * the load of the machine disturbs least.
 *
 * PRODUCT, the BLAS's name for cblas_sgemm, and INTEGER, its integers, come from the compiler's command line.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void product(int, int, int, INTEGER, INTEGER, INTEGER, float, const float *, INTEGER, const float *, INTEGER, float, float *,
                     INTEGER);
product PRODUCT;

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111 };

typedef struct {
  INTEGER size;
  long calls;
  float *a, *b, *c;
} block;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

static double nanoseconds_of_call(product *call, const block *x) {
  const double start = now();
  for (long i = 0; i < x->calls; i++)
    call(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, x->size, x->size, x->size, 1, x->a, x->size, x->b, x->size, 0, x->c, x->size);
  return (now() - start) / (double)x->calls;
}

static float *matrix(INTEGER size) {
  float *x = malloc((size_t)(size * size) * sizeof *x);
  if (x == NULL) exit(1);
  for (INTEGER i = 0; i < size * size; i++) x[i] = (float)rand() / (float)RAND_MAX - 0.5f;
  return x;
}

int main(int count, char **arguments) {
  if (count != 6) return 2;
  void *blas = dlopen(arguments[1], RTLD_LAZY | RTLD_NOLOAD), *found = blas == NULL ? NULL : dlsym(blas, TEXT(PRODUCT));
  product *straight, *through = PRODUCT;
  memcpy(&straight, &found, sizeof straight);
  if (straight == NULL || straight == through) {
    fprintf(stderr, straight == NULL ? "the BLAS has no " TEXT(PRODUCT) "\n" : "the library is not before the BLAS\n");
    return 1;
  }
  const long rounds = atol(arguments[4]);
  srand((unsigned)atol(arguments[5]));
  block x = {.size = atol(arguments[2]), .calls = atol(arguments[3])};
  x.a = matrix(x.size), x.b = matrix(x.size), x.c = matrix(x.size);
  /* The first round starts the BLAS, finds it for the library, and is not counted. */
  for (long round = -1; round < rounds; round++) {
    const int is_first = rand() % 2;
    double times[2];
    for (int i = 0; i < 2; i++) {
      const int is_through = i ^ is_first;
      times[is_through] = nanoseconds_of_call(is_through ? through : straight, &x);
    }
    if (round >= 0) printf("%.3f %.3f\n", times[0], times[1]);
  }
  return 0;
}
