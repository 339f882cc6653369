/* The functions of symbols.h. */
#include "call.h"
#include "kept.h"
#include "settings.h"
#include "types.h"

#define PUBLIC __attribute__((visibility("default")))

enum { is_double_s = 0, is_double_d = 1 };

static int layout_of(int layout) { return layout == ROW_MAJOR ? 0 : layout == COLUMN_MAJOR ? 1 : -1; }

static int transposition_of(int transposition) {
  return transposition == NO_TRANSPOSE ? 0 : transposition == TRANSPOSE || transposition == CONJUGATE_TRANSPOSE ? 1 : -1;
}

static int transposition_of_letter(char letter) {
  switch (letter) {
    case 'N': case 'n': return 0;
    case 'T': case 't': case 'C': case 'c': return 1;
    default: return -1;
  }
}

/*
 * Below a size nothing is asked and nothing counted. A negative dimension makes the product of the three one of these, too, or an
 * invalid call.
 */
static inline int is_unseen(double m, double n, double k) {
  double least;
  __atomic_load(&fastmm_unseen_below, &least, __ATOMIC_RELAXED);
  return __builtin_expect(m * n * k < least, 1);
}

/*
 * A function jumps to the BLAS with what is unseen, so that this costs a few instructions; the rest has its own function, and the return
 * address. ARGUMENTS are passed on as they came; where there is no BLAS, the product is computed plainly.
 */
#define DEFINE(letter, width, name, M, N, K, FIELDS, PARAMETERS, ARGUMENTS) \
  PUBLIC name##_function name; \
  static __attribute__((noinline)) void look_at_##name(const void *return_address, PARAMETERS) { \
    const fastmm_target target = fastmm_next(FASTMM_SYMBOL_##name, #name, width, return_address); \
    name##_function *const blas = (name##_function *)target.function; \
    if (is_unseen(M, N, K) && blas != NULL) { \
      blas(ARGUMENTS); \
      return; \
    } \
    const fastmm_product product = {.symbol = FASTMM_SYMBOL_##name, .is_double = is_double_##letter, FIELDS}; \
    fastmm_call call; \
    if (fastmm_begin_call(&call, &product, target)) return; \
    if (blas != NULL) blas(ARGUMENTS); \
    else fastmm_plain(&product); \
    fastmm_end_call(&call); \
  } \
  void name(PARAMETERS) { \
    const void *const return_address = __builtin_return_address(0); \
    const fastmm_target *kept = is_unseen(M, N, K) ? fastmm_kept(FASTMM_SYMBOL_##name, return_address) : NULL; \
    if (kept != NULL && kept->function != NULL) ((name##_function *)kept->function)(ARGUMENTS); \
    else look_at_##name(return_address, ARGUMENTS); \
  }

#define LIST(...) __VA_ARGS__

#define DEFINE_CBLAS(letter, width, name) \
  DEFINE(letter, width, name, (integer_##width)m, (integer_##width)n, (integer_##width)k, \
         LIST(.is_cblas = 1, .is_column_major = layout_of((int)layout), .transa = transposition_of((int)transa), \
              .transb = transposition_of((int)transb), .m = (integer_##width)m, .n = (integer_##width)n, .k = (integer_##width)k, \
              .lda = (integer_##width)lda, .ldb = (integer_##width)ldb, .ldc = (integer_##width)ldc, .alpha = alpha, .beta = beta, \
              .a = a, .b = b, .c = c), \
         LIST(slot_##width layout, slot_##width transa, slot_##width transb, slot_##width m, slot_##width n, slot_##width k, \
              real_##letter alpha, const void *a, slot_##width lda, const void *b, slot_##width ldb, real_##letter beta, void *c, \
              slot_##width ldc), \
         LIST(layout, transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc))

#define DEFINE_FORTRAN(letter, width, name) \
  DEFINE(letter, width, name, *m, *n, *k, \
         LIST(.is_column_major = 1, .transa = transposition_of_letter(*transa), .transb = transposition_of_letter(*transb), .m = *m, \
              .n = *n, .k = *k, .lda = *lda, .ldb = *ldb, .ldc = *ldc, .alpha = *alpha, .beta = *beta, .a = a, .b = b, .c = c), \
         LIST(const char *transa, const char *transb, const integer_##width *m, const integer_##width *n, const integer_##width *k, \
              const real_##letter *alpha, const void *a, const integer_##width *lda, const void *b, const integer_##width *ldb, \
              const real_##letter *beta, void *c, const integer_##width *ldc, size_t length_a, size_t length_b), \
         LIST(transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, length_a, length_b))

FASTMM_SYMBOLS(DEFINE_CBLAS, DEFINE_FORTRAN)
