/*
 * A BLAS of nothing but products, by the definition, for the tests of the library that is put before one: all of its functions, and how
 * often they were called (COUNTER, a function). With -DTHREADS=n it says that it uses so many threads, with -DIN_PARALLEL that other
 * threads of the program call it at the same time, with -DWIDE that its integers have 64 bits under any name.
 */
#include "symbols.h"
#include <stdint.h>
#include <stddef.h>

static int calls;
int COUNTER(void) { return __atomic_load_n(&calls, __ATOMIC_RELAXED); }

#ifdef THREADS
int openblas_get_num_threads(void) { return THREADS; }
#endif
#ifdef WIDE
const char *openblas_get_config(void) { return "OpenBLAS 0.3.21 USE64BITINT"; }
#endif
#ifdef IN_PARALLEL
int omp_in_parallel(void) { return 1; }
#endif

typedef int32_t integer_32;
typedef int64_t integer_64;
typedef float real_s;
typedef double real_d;

/* C of m x n in column-major order. Wrong arguments are counted and change nothing. */
#define MULTIPLY(letter) \
  static void multiply_##letter(int ta, int tb, int64_t m, int64_t n, int64_t k, real_##letter alpha, const real_##letter *a, int64_t lda, \
                                const real_##letter *b, int64_t ldb, real_##letter beta, real_##letter *c, int64_t ldc) { \
    __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED); \
    if (ta < 0 || tb < 0 || m < 0 || n < 0 || k < 0 || lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m) return; \
    for (int64_t j = 0; j < n; j++) \
      for (int64_t i = 0; i < m; i++) { \
        double sum = 0; \
        for (int64_t l = 0; l < k; l++) sum += (double)(ta ? a[l + i * lda] : a[i + l * lda]) * (tb ? b[j + l * ldb] : b[l + j * ldb]); \
        c[i + j * ldc] = (real_##letter)(alpha * sum + (beta == 0 ? 0 : beta * (double)c[i + j * ldc])); \
      } \
  }
MULTIPLY(s)
MULTIPLY(d)

static int transposition(int x) { return x == 111 || x == 'N' || x == 'n' ? 0 : x == 112 || x == 113 || x == 'T' || x == 't' || x == 'C' || x == 'c' ? 1 : -1; }

#define CBLAS(letter, width, name) \
  void name(int layout, int ta, int tb, integer_##width m, integer_##width n, integer_##width k, real_##letter alpha, const real_##letter *a, \
            integer_##width lda, const real_##letter *b, integer_##width ldb, real_##letter beta, real_##letter *c, integer_##width ldc) { \
    const int x = transposition(ta), y = transposition(tb); \
    if (layout == 101) multiply_##letter(y, x, n, m, k, alpha, b, ldb, a, lda, beta, c, ldc); \
    else multiply_##letter(layout == 102 ? x : -1, y, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc); \
  }
#define FORTRAN(letter, width, name) \
  void name(const char *ta, const char *tb, const integer_##width *m, const integer_##width *n, const integer_##width *k, \
            const real_##letter *alpha, const real_##letter *a, const integer_##width *lda, const real_##letter *b, \
            const integer_##width *ldb, const real_##letter *beta, real_##letter *c, const integer_##width *ldc) { \
    multiply_##letter(transposition(*ta), transposition(*tb), *m, *n, *k, *alpha, a, *lda, b, *ldb, *beta, c, *ldc); \
  }
FASTMM_SYMBOLS(CBLAS, FORTRAN)
