#include "control.h"

#ifndef FASTMM_RECORDER

#include "../fastmm.h"
#include "next.h"
#include "record.h"
#include "symbols.h"
#include "take.h"
#include "thread_count.h"
#include <stddef.h>

#define PUBLIC __attribute__((visibility("default")))

PUBLIC const char *fastmm_version(void) { return FASTMM_VERSION; }

/*
 * The BLAS that a caller of this library alone would use: of several the first. It is looked for as long as there is none, because the
 * program may load it later.
 */
static fastmm_target some_blas(const void *return_address) {
  static const struct {
    const char *name;
    int width;
  } names[] = {{"scipy_cblas_sgemm64_", 64}, {"cblas_sgemm64_", 64}, {"cblas_sgemm", 32}};
  static fastmm_target found;
  static int is_found;
  if (__atomic_load_n(&is_found, __ATOMIC_ACQUIRE)) return found;
  fastmm_target target = {.library = -1};
  for (size_t i = 0; i < sizeof names / sizeof *names && target.function == NULL; i++)
    target = fastmm_find(names[i].name, names[i].width, return_address);
  if (target.function == NULL) return target;
  /* The integers of the products below are not the BLAS's. */
  target.is_wide = 0;
  fastmm_next_lock();
  if (!is_found) {
    found = target;
    __atomic_store_n(&is_found, 1, __ATOMIC_RELEASE);
  }
  fastmm_next_unlock();
  return target;
}

PUBLIC void fastmm_set_num_threads(int threads) { fastmm_choose_threads(threads); }

PUBLIC int fastmm_get_num_threads(void) { return fastmm_chosen_threads(); }

PUBLIC int fastmm_default_num_threads(void) {
  const fastmm_target target = some_blas(__builtin_return_address(0));
  return fastmm_threads_of_blas(&target);
}

PUBLIC const char *fastmm_try_product(int is_double, int transa, int transb, int64_t m, int64_t n, int64_t k, double alpha, const void *a,
                                      int64_t lda, const void *b, int64_t ldb, double beta, void *c, int64_t ldc) {
  static const char *const reasons[] = FASTMM_REASON_NAMES;
  const fastmm_product product = {
      .symbol = is_double ? FASTMM_SYMBOL_cblas_dgemm64_ : FASTMM_SYMBOL_cblas_sgemm64_, .is_double = is_double, .is_cblas = 1,
      .transa = transa, .transb = transb, .m = m, .n = n, .k = k, .lda = lda, .ldb = ldb, .ldc = ldc, .alpha = alpha, .beta = beta,
      .a = a, .b = b, .c = c};
  const fastmm_target target = some_blas(__builtin_return_address(0));
  const double start = fastmm_now();
  const fastmm_taken taken = fastmm_take(&product, &target);
  if (taken.reason != FASTMM_NO_REASON) return reasons[taken.reason];
  uint64_t calls;
  fastmm_record_product(&product, &target, &taken, start, &calls);
  return NULL;
}

#endif
