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
  x->a_transposed = x->b_transposed = 0;
  x->random_state = seed * 0x9e3779b97f4a7c15u + 1;
  x->reference_rows = 0;
  x->sums = x->rests = x->magnitudes = NULL;
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

static void fill_both(at_matrices *x, int range) {
  x->reference_rows = 0;
  fill(x, x->a, x->m * x->k, range);
  fill(x, x->b, x->k * x->n, range);
}

void at_fill_integers(at_matrices *x, int range) { fill_both(x, range); }

void at_fill_uniform(at_matrices *x) { fill_both(x, 0); }

static void make_positive(at_matrices *x, void *matrix, size_t count) {
  for (size_t i = 0; i < count; i++) set_element(x, matrix, i, fabs(at_element(x, matrix, i)));
}

void at_fill_positive(at_matrices *x) {
  fill_both(x, 0);
  make_positive(x, x->a, x->m * x->k);
  make_positive(x, x->b, x->k * x->n);
}

/* The exponent number i of those that start from state: the same whenever it is asked for. */
static int exponent(uint64_t state, size_t i, int range) {
  uint64_t at_i = state + i * 0x9e3779b97f4a7c15u;
  return (int)((next_random(&at_i) >> 32) * (2 * (uint64_t)range + 1) >> 32) - range;
}

static void scale(const at_matrices *x, void *matrix, size_t index, int exponent) {
  set_element(x, matrix, index, ldexp(at_element(x, matrix, index), exponent));
}

void at_fill_scaled(at_matrices *x, int range) {
  fill_both(x, 0);
  const uint64_t rows = next_random(&x->random_state), inner = next_random(&x->random_state),
                 columns = next_random(&x->random_state);
  for (size_t i = 0; i < x->m; i++)
    for (size_t l = 0; l < x->k; l++) scale(x, x->a, at_index_a(x, i, l), exponent(rows, i, range) + exponent(inner, l, range));
  for (size_t l = 0; l < x->k; l++)
    for (size_t j = 0; j < x->n; j++) scale(x, x->b, at_index_b(x, l, j), exponent(columns, j, range) - exponent(inner, l, range));
}

void at_poison(void *memory, size_t bytes) { memset(memory, 0xff, bytes); }

/* sum[j] + rest[j] += a * row[j], with the rounding errors of both operations gathered in rest; size[j] += |a * row[j]|. */
static void add_scaled(size_t n, double a, const double *restrict row, double *restrict sum, double *restrict rest,
                       double *restrict size) {
  for (size_t j = 0; j < n; j++) {
    double product = a * row[j], product_error = fma(a, row[j], -product);
    double total = sum[j] + product, part = total - sum[j];
    rest[j] += (sum[j] - (total - part)) + (product - part) + product_error;
    sum[j] = total;
    size[j] += fabs(product);
  }
}

/* The row of C that stands for strip q of count. */
static size_t row_of_strip(const at_matrices *x, size_t q, size_t count) { return x->m * q / count; }

/* 0 on success. */
static int compute_reference(at_matrices *x) {
  /* About 2^26 multiply-adds and 2^22 elements of memory three times, or 8 rows if that is more. */
  size_t count = ((size_t)1 << 26) / (x->k * x->n);
  if (count > ((size_t)1 << 22) / x->n) count = ((size_t)1 << 22) / x->n;
  if (count < 8) count = 8;
  if (count > x->m) count = x->m;
  const size_t elements = count * x->n;
  double *row = malloc(x->n * sizeof *row);
  /* The count is the same for every filling. */
  if (x->sums == NULL) x->sums = malloc(elements * sizeof(double));
  if (x->rests == NULL) x->rests = malloc(elements * sizeof(double));
  if (x->magnitudes == NULL) x->magnitudes = malloc(elements * sizeof(double));
  if (row == NULL || x->sums == NULL || x->rests == NULL || x->magnitudes == NULL) {
    free(row);
    return -1;
  }
  memset(x->sums, 0, elements * sizeof(double));
  memset(x->rests, 0, elements * sizeof(double));
  memset(x->magnitudes, 0, elements * sizeof(double));
  for (size_t l = 0; l < x->k; l++) {
    for (size_t j = 0; j < x->n; j++) row[j] = at_element(x, x->b, at_index_b(x, l, j));
    for (size_t q = 0; q < count; q++)
      add_scaled(x->n, at_element(x, x->a, at_index_a(x, row_of_strip(x, q, count), l)), row, x->sums + q * x->n,
                 x->rests + q * x->n, x->magnitudes + q * x->n);
  }
  free(row);
  x->reference_rows = count;
  return 0;
}

static double zero_or_ratio(double error, double size) {
  if (error == 0) return 0;
  const double ratio = error / size;
  return isnan(ratio) ? INFINITY : ratio;
}

int at_errors_of_c(at_matrices *x, at_errors *errors) {
  if (x->reference_rows == 0 && compute_reference(x) != 0) return -1;
  double difference = 0, norm = 0, largest = 0;
  for (size_t q = 0; q < x->reference_rows; q++)
    for (size_t j = 0; j < x->n; j++) {
      const size_t index = q * x->n + j;
      const double value = at_element(x, x->c, row_of_strip(x, q, x->reference_rows) * x->n + j);
      const double error = (value - x->sums[index]) - x->rests[index];
      difference += error * error;
      norm += x->sums[index] * x->sums[index];
      const double ratio = zero_or_ratio(fabs(error), x->magnitudes[index]);
      if (ratio > largest) largest = ratio;
    }
  errors->relative = zero_or_ratio(sqrt(difference), sqrt(norm));
  errors->componentwise = largest;
  return 0;
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
