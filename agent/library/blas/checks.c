#include "checks.h"
#include "pool.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BITS uint32_t
#define CHECK(name) f32_##name
#define MAGNITUDE 0x7fffffffu
#include "checks_type.h"

#define BITS uint64_t
#define CHECK(name) f64_##name
#define MAGNITUDE 0x7fffffffffffffffu
#include "checks_type.h"

/*
 * The least that may be left of the largest rows and columns together in the smallest: the relative error in an element of C is that
 * of the algorithm over this. Of normally distributed numbers, sums of 64 have a tenth left and sums of 1000 a fifth.
 */
static const double least_scale = 1.0 / 16;

/* Sums of blocks, their products and sums of those stay this many powers of two below the largest number. */
enum { HEADROOM = 20 };

/* A matrix as it is stored, and where its largest magnitudes go; those of the columns for each thread. */
typedef struct {
  int is_double;
  const void *data;
  size_t rows, columns, stride, threads;
  void *of_rows, *of_columns;
} pass;

static size_t element_bytes(const pass *p) { return p->is_double ? sizeof(double) : sizeof(float); }

static void check_share(void *argument, size_t first, size_t last) {
  const pass *p = argument;
  /* `first` is a share: its rows are its own, and so are its maxima of the columns. */
  for (size_t share = first; share < last; share++) {
    const size_t from = p->rows * share / p->threads, to = p->rows * (share + 1) / p->threads;
    char *of_columns = (char *)p->of_columns + share * p->columns * element_bytes(p);
    memset(of_columns, 0, p->columns * element_bytes(p));
    (p->is_double ? f64_part : f32_part)(p->data, p->stride, p->columns, from, to, p->of_rows, of_columns);
  }
}

static double value_at(const pass *p, const void *values, size_t i) {
  return p->is_double ? ((const double *)values)[i] : (double)((const float *)values)[i];
}

/* Of a column, over the threads. NaN counts as infinity. */
static double column_at(const pass *p, size_t j) {
  double largest = 0;
  for (size_t t = 0; t < p->threads; t++) {
    const double value = value_at(p, p->of_columns, t * p->columns + j);
    if (!(value <= largest)) largest = isnan(value) ? INFINITY : value;
  }
  return largest;
}

/* The largest magnitudes along the outer dimension of an operand (rows of op(A), columns of op(B)): the largest of all and the smallest. */
typedef struct {
  double largest, least;
} range;

static range range_of(const pass *p, int by_rows) {
  range r = {0, INFINITY};
  const size_t count = by_rows ? p->rows : p->columns;
  for (size_t i = 0; i < count; i++) {
    const double value = by_rows ? value_at(p, p->of_rows, i) : column_at(p, i);
    if (!(value <= r.largest)) r.largest = isnan(value) ? INFINITY : value;
    if (value < r.least) r.least = value;
  }
  return r;
}

/* Both operands with their maxima, of which there is one block of memory. */
static int scan(pass *a, pass *b) {
  const size_t bytes_a = (a->rows + a->threads * a->columns) * element_bytes(a), bytes_b = (b->rows + b->threads * b->columns) * element_bytes(b);
  char *memory = malloc(bytes_a + bytes_b);
  if (memory == NULL) return 0;
  a->of_rows = memory;
  a->of_columns = memory + a->rows * element_bytes(a);
  b->of_rows = memory + bytes_a;
  b->of_columns = memory + bytes_a + b->rows * element_bytes(b);
  fastmm_pool_run(a->threads, a->threads, check_share, a);
  fastmm_pool_run(b->threads, b->threads, check_share, b);
  return 1;
}

static int exponent_of(double x) {
  int exponent;
  frexp(x, &exponent);
  return exponent;
}

static fastmm_reason judge(const fastmm_row_major *p, const pass *a, const pass *b) {
  const range rows = range_of(a, !p->transa), columns = range_of(b, p->transb);
  if (isinf(rows.largest) || isinf(columns.largest)) return FASTMM_INFINITE;
  if (rows.least == 0 || columns.least == 0) return FASTMM_SCALE;
  const int most = p->is_double ? DBL_MAX_EXP : FLT_MAX_EXP, least = p->is_double ? DBL_MIN_EXP + DBL_MANT_DIG : FLT_MIN_EXP + FLT_MANT_DIG;
  const int exponent_a = exponent_of(rows.largest), exponent_b = exponent_of(columns.largest);
  const int times = exponent_of((double)p->k) + (fabs(p->alpha) > 1 ? exponent_of(p->alpha) : 0);
  if (exponent_a + exponent_b + times + HEADROOM > most || exponent_a + HEADROOM > most || exponent_b + HEADROOM > most) return FASTMM_LARGE;
  /* Down there numbers have fewer digits. */
  if (exponent_a + exponent_b < least || exponent_a < least || exponent_b < least) return FASTMM_SCALE;
  /* Also along the sums: a large column of A may meet a small row of B. */
  double along = 0;
  for (size_t l = 0; l < p->k; l++) {
    const double x = p->transa ? value_at(a, a->of_rows, l) : column_at(a, l);
    const double y = p->transb ? column_at(b, l) : value_at(b, b->of_rows, l);
    along = fmax(along, x / rows.largest * (y / columns.largest));
  }
  return rows.least / rows.largest * (columns.least / columns.largest) * along < least_scale ? FASTMM_SCALE : FASTMM_NO_REASON;
}

fastmm_reason fastmm_check_values(const fastmm_row_major *p, size_t threads) {
  if (!isfinite(p->alpha)) return FASTMM_INFINITE;
  pass a = {.is_double = p->is_double, .data = p->a, .rows = p->transa ? p->k : p->m, .columns = p->transa ? p->m : p->k, .stride = p->lda, .threads = threads};
  pass b = {.is_double = p->is_double, .data = p->b, .rows = p->transb ? p->n : p->k, .columns = p->transb ? p->k : p->n, .stride = p->ldb, .threads = threads};
  if (!scan(&a, &b)) return FASTMM_MEMORY;
  const fastmm_reason reason = judge(p, &a, &b);
  free(a.of_rows);
  return reason;
}
