#define _GNU_SOURCE
#include "matrices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#define UNDER_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#else
#define UNDER_ADDRESS_SANITIZER 0
#endif

#if UNDER_ADDRESS_SANITIZER
/* The sanitizer guards what its own allocator gave, from the first byte that was not asked for on. */
void *at_allocate(size_t bytes) {
  void *memory;
  if (posix_memalign(&memory, 64, bytes) != 0) return NULL;
  return memset(memory, 0, bytes);
}
#else
enum { HUGE_PAGE = 2 << 20 };

void *at_allocate(size_t bytes) {
  size_t size = (bytes + HUGE_PAGE) / HUGE_PAGE * HUGE_PAGE;
  char *memory = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return NULL;
  memory += (HUGE_PAGE - (uintptr_t)memory % HUGE_PAGE) % HUGE_PAGE;
  madvise(memory, size, MADV_HUGEPAGE);
  return memory;
}
#endif

int at_matrices_allocate(at_matrices *x, size_t m, size_t k, size_t n, size_t element_bytes, uint64_t seed) {
  x->m = m;
  x->k = k;
  x->n = n;
  x->element_bytes = element_bytes;
  x->random_state = seed * 0x9e3779b97f4a7c15u + 1;
  x->a = at_allocate(m * k * element_bytes);
  x->b = at_allocate(k * n * element_bytes);
  x->c = at_allocate(m * n * element_bytes);
  return x->a != NULL && x->b != NULL && x->c != NULL ? 0 : -1;
}

/* splitmix64 (Steele, Lea & Flood 2014). */
static uint64_t next_random(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double at_element(const at_matrices *x, const void *matrix, size_t index) {
  return x->element_bytes == sizeof(float) ? ((const float *)matrix)[index] : ((const double *)matrix)[index];
}

static void set_element(const at_matrices *x, void *matrix, size_t index, double value) {
  if (x->element_bytes == sizeof(float)) ((float *)matrix)[index] = (float)value;
  else ((double *)matrix)[index] = value;
}

static void fill(at_matrices *x, void *matrix, size_t count, int range) {
  for (size_t i = 0; i < count; i++) {
    uint64_t r = next_random(&x->random_state);
    double value = range > 0 ? (double)((r >> 32) * (2 * (uint64_t)range + 1) >> 32) - range
                             : (double)(r >> 11) * 0x1p-52 - 1;
    set_element(x, matrix, i, value);
  }
}

void at_fill_integers(at_matrices *x, int range) {
  fill(x, x->a, x->m * x->k, range);
  fill(x, x->b, x->k * x->n, range);
}

void at_fill_uniform(at_matrices *x) { at_fill_integers(x, 0); }

void at_poison(void *memory, size_t bytes) { memset(memory, 0xff, bytes); }

/* sum[j] + rest[j] += a * row[j], with the rounding errors of both operations gathered in rest. */
static void add_scaled(size_t n, double a, const double *restrict row, double *restrict sum, double *restrict rest) {
  for (size_t j = 0; j < n; j++) {
    double product = a * row[j], product_error = fma(a, row[j], -product);
    double total = sum[j] + product, part = total - sum[j];
    rest[j] += (sum[j] - (total - part)) + (product - part) + product_error;
    sum[j] = total;
  }
}

double at_relative_error(const at_matrices *x, size_t *rows) {
  /* About 2^26 multiply-adds and 2^22 elements of memory twice, or 8 rows if that is more. */
  size_t count = ((size_t)1 << 26) / (x->k * x->n);
  if (count > ((size_t)1 << 22) / x->n) count = ((size_t)1 << 22) / x->n;
  if (count < 8) count = 8;
  if (count > x->m) count = x->m;
  *rows = count;
  double *sum = calloc(count * x->n, sizeof *sum), *rest = calloc(count * x->n, sizeof *rest);
  double *row = malloc(x->n * sizeof *row);
  if (sum == NULL || rest == NULL || row == NULL) return -1;
  for (size_t l = 0; l < x->k; l++) {
    for (size_t j = 0; j < x->n; j++) row[j] = at_element(x, x->b, l * x->n + j);
    for (size_t q = 0; q < count; q++)
      add_scaled(x->n, at_element(x, x->a, x->m * q / count * x->k + l), row, sum + q * x->n, rest + q * x->n);
  }
  double difference = 0, norm = 0;
  for (size_t q = 0; q < count; q++)
    for (size_t j = 0; j < x->n; j++) {
      double high = sum[q * x->n + j], low = rest[q * x->n + j];
      double error = (at_element(x, x->c, x->m * q / count * x->n + j) - high) - low;
      difference += error * error;
      norm += high * high;
    }
  free(sum);
  free(rest);
  free(row);
  if (difference == 0) return 0;
  double ratio = sqrt(difference / norm);
  return isnan(ratio) ? INFINITY : ratio;
}

at_difference at_compare(const at_matrices *x, const void *expected) {
  at_difference d = {0};
  double difference = 0, norm = 0;
  for (size_t index = 0; index < x->m * x->n; index++) {
    double value = at_element(x, x->c, index), wanted = at_element(x, expected, index);
    difference += (value - wanted) * (value - wanted);
    norm += wanted * wanted;
    if (value == wanted) continue;
    if (d.different++ == 0) {
      d.row = index / x->n;
      d.column = index % x->n;
      d.value = value;
      d.expected = wanted;
    }
  }
  double ratio = difference == 0 ? 0 : sqrt(difference / norm);
  d.relative_error = isnan(ratio) ? INFINITY : ratio;
  return d;
}
