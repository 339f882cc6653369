/*
 * Multiplies on a thread with a stack of 64 KiB, and prints how much of it was used: by a program (candidate.h), or with -DLIBRARY by an
 * exported library. Ends with 1 if a result is wrong.
 */
#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { STACK = 64 << 10, PAINT = 0x5a };
static size_t m, k, n;
static float *a, *b, *c, *workspace;
static int status;

#ifdef LIBRARY
#include "fastmm.h"

/* Transposed, scaled and added to C: the way that copies most. */
static void *multiply(void *unused) {
  status = fastmm_sgemm(FASTMM_TRANSPOSE, FASTMM_TRANSPOSE, m, n, k, 2, a, m, b, k, 1, c, n, 1);
  return unused;
}
static float a_at(size_t i, size_t l) { return a[l * m + i]; }
static float b_at(size_t l, size_t j) { return b[j * k + l]; }
static void prepare(void) {}
static const float ALPHA = 2, BETA = 1;
#else
#include "candidate.h"
extern const at_program_t at_program;

static void gemm(size_t rows, size_t columns, size_t depth, float alpha, const float *x, size_t ldx, const float *y, size_t ldy, float *z,
                 size_t ldz) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      float sum = 0;
      for (size_t l = 0; l < depth; l++) sum += x[i * ldx + l] * y[l * ldy + j];
      z[i * ldz + j] = alpha * sum;
    }
}
static void for_rows(const at_runtime *runtime, size_t rows, at_rows_fn *body, void *argument) {
  (void)runtime;
  body(argument, 0, rows);
}
static const at_runtime runtime = {.sgemm = gemm, .threads = 1, .for_rows = for_rows};

static void *multiply(void *unused) {
  at_program.multiply(&runtime, m, k, n, a, k, b, n, c, n, workspace, (size_t)-1);
  return unused;
}
static float a_at(size_t i, size_t l) { return a[i * k + l]; }
static float b_at(size_t l, size_t j) { return b[l * n + j]; }
static void prepare(void) {
  const size_t bytes = at_program.workspace_bytes(m, k, n, 1, (size_t)-1);
  workspace = aligned_alloc(64, (bytes / 64 + 1) * 64);
}
static const float ALPHA = 1, BETA = 0;
#endif

static float *matrix(size_t elements) {
  float *x = aligned_alloc(64, (elements / 16 + 1) * 64);
  for (size_t i = 0; i < elements; i++) x[i] = (float)(rand() % 3 - 1);
  return x;
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  m = strtoul(arguments[1], NULL, 10), k = strtoul(arguments[2], NULL, 10), n = strtoul(arguments[3], NULL, 10);
  a = matrix(m * k), b = matrix(k * n), c = matrix(m * n);
  float *before = malloc(m * n * sizeof *before);
  memcpy(before, c, m * n * sizeof *before);
  prepare();
  /* Below the stack lies a page that nobody may touch. */
  char *pages = mmap(NULL, STACK + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || mprotect(pages, 4096, PROT_NONE) != 0) return 2;
  char *stack = pages + 4096;
  memset(stack, PAINT, STACK);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, stack, STACK);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, multiply, NULL) != 0 || pthread_join(thread, NULL) != 0) return 2;
  size_t unused = 0;
  while (unused < STACK && stack[unused] == PAINT) unused++;
  printf("%zu bytes\n", STACK - unused);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      float sum = BETA * before[i * n + j];
      for (size_t l = 0; l < k; l++) sum += ALPHA * a_at(i, l) * b_at(l, j);
      if (fabsf(sum - c[i * n + j]) > 1e-3f * (float)k) return puts("wrong"), 1;
    }
  return status;
}
