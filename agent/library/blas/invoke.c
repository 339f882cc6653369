#include "invoke.h"
#include "types.h"

typedef void invoke_fn(const fastmm_product *p, void (*function)(void), void *c, int64_t ldc);

#define INVOKE_CBLAS(letter, width, name) \
  static void invoke_##name(const fastmm_product *p, void (*function)(void), void *c, int64_t ldc) { \
    ((name##_function *)function)(p->is_column_major ? COLUMN_MAJOR : ROW_MAJOR, p->transa ? TRANSPOSE : NO_TRANSPOSE, \
                                  p->transb ? TRANSPOSE : NO_TRANSPOSE, (slot_##width)p->m, (slot_##width)p->n, (slot_##width)p->k, \
                                  (real_##letter)p->alpha, p->a, (slot_##width)p->lda, p->b, (slot_##width)p->ldb, (real_##letter)p->beta, \
                                  c, (slot_##width)ldc); \
  }
#define INVOKE_FORTRAN(letter, width, name) \
  static void invoke_##name(const fastmm_product *p, void (*function)(void), void *c, int64_t ldc_wide) { \
    const integer_##width m = (integer_##width)p->m, n = (integer_##width)p->n, k = (integer_##width)p->k, lda = (integer_##width)p->lda, \
                          ldb = (integer_##width)p->ldb, ldc = (integer_##width)ldc_wide; \
    const real_##letter alpha = (real_##letter)p->alpha, beta = (real_##letter)p->beta; \
    ((name##_function *)function)(p->transa ? "T" : "N", p->transb ? "T" : "N", &m, &n, &k, &alpha, p->a, &lda, p->b, &ldb, &beta, c, \
                                  &ldc, 1, 1); \
  }
FASTMM_SYMBOLS(INVOKE_CBLAS, INVOKE_FORTRAN)

#define ENTRY(letter, width, name) invoke_##name,
static invoke_fn *const invokes[] = {FASTMM_SYMBOLS(ENTRY, ENTRY)};

void fastmm_invoke(const fastmm_product *p, const fastmm_target *target, void *c) {
  invokes[p->symbol](p, target->function, c, p->is_column_major ? p->m : p->n);
}
