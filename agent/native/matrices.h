/* The matrices that all sides use, and the checks of a result. */
#ifndef AT_MATRICES_H
#define AT_MATRICES_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  size_t m, k, n, element_bytes;
  /* m x k, k x n and m x n, row-major without padding; k x m and n x k where they lie transposed. */
  void *a, *b, *c;
  int a_transposed, b_transposed;
  uint64_t random_state;
  /*
   * Some rows of A B and of |A| |B| for the A and B of now: sums, what rounding took from them, sums of magnitudes. 0 rows: not
   * computed yet.
   */
  size_t reference_rows;
  double *sums, *rests, *magnitudes;
} at_matrices;

/* Zeroed memory on huge pages where the system grants them; NULL if there is none. */
void *at_allocate(size_t bytes);

/* 0 on success. */
int at_matrices_allocate(at_matrices *x, size_t m, size_t k, size_t n, size_t element_bytes, uint64_t seed);

/* Whether an operand lies transposed. */
static inline int at_is_transposed(const at_matrices *x) { return x->a_transposed || x->b_transposed; }

/* Where element (i, l) of A is, and element (l, j) of B. */
static inline size_t at_index_a(const at_matrices *x, size_t i, size_t l) { return x->a_transposed ? l * x->m + i : i * x->k + l; }
static inline size_t at_index_b(const at_matrices *x, size_t l, size_t j) { return x->b_transposed ? j * x->k + l : l * x->n + j; }

/* An element of one of the matrices, by its index. */
double at_element(const at_matrices *x, const void *matrix, size_t index);

/* Fills A and B with whole numbers from -range to range. */
void at_fill_integers(at_matrices *x, int range);

/* Fills A and B with numbers uniform in [-1, 1). */
void at_fill_uniform(at_matrices *x);

/* Fills A and B with numbers uniform in [0, 1). */
void at_fill_positive(at_matrices *x);

/*
 * Fills A and B with numbers uniform in [-1, 1), and then multiplies each row of A and each column of B by a power of two of its own,
 * and each column of A by one by which the row of B that it meets is divided. The exponents are uniform from -range to range.
 */
void at_fill_scaled(at_matrices *x, int range);

/* The exponents' range with which products of all formats but halves stay far from overflow, and that for halves. */
enum { AT_EXPONENTS = 8, AT_EXPONENTS_OF_HALVES = 2 };

/* Makes every element NaN, so that one that is not written cannot pass for right. */
void at_poison(void *memory, size_t bytes);

typedef struct {
  /* ||C - A B|| / ||A B|| (Frobenius). */
  double relative;
  /* The largest |C - A B| / (|A| |B|) of an element: large elements elsewhere do not hide it. */
  double componentwise;
} at_errors;

/*
 * The errors of some rows of C: all of them for a small product, else at least 8, one from each of as many equal strips, so
 * that the check costs little beside one GEMM. The rows of A B are summed in float64 with a compensation of the rounding
 * errors (Ogita, Rump & Oishi, "Accurate sum and dot product", SIAM J. Sci. Comput. 26, 2005), which is exact enough to
 * judge a float64 result too, once for each filling of A and B. Infinite if C has a NaN. 0 on success, -1 without memory.
 */
int at_errors_of_c(at_matrices *x, at_errors *errors);

typedef struct {
  size_t different, row, column;
  double value, expected, relative_error;
} at_difference;

/* All of C against an equally large matrix; row, column, value and expected are of the first different element. */
at_difference at_compare(const at_matrices *x, const void *expected);

#endif
