#define _GNU_SOURCE
#include "blas.h"
#include "blas_kinds.h"
#include "clock.h"
#include "portable.h"
#include "threads.h"

/* What the names of a library's functions may begin and end with. */
static const struct {
  const char *prefix, *suffix;
} affixes[] = {{"", ""}, {"scipy_", ""}, {"scipy_", "64_"}, {"", "64_"}};

enum { MAX_LIBRARIES = 16 };
typedef struct {
  at_blas blas;
  void *sgemm, *dgemm;
  /* Their integers have 64 bits. */
  int is_wide;
} library;

static library libraries[MAX_LIBRARIES];
static int library_count;

static int transpose_flag(int transposed) { return transposed ? TRANSPOSE : NO_TRANSPOSE; }

static void sgemm(const library *of, size_t m, size_t n, size_t k, float alpha, const at_operands *x, float *c, size_t ldc) {
  const int ta = transpose_flag(x->a_transposed), tb = transpose_flag(x->b_transposed);
  if (of->sgemm == NULL)
    at_portable_sgemm(m, n, k, alpha, x, c, ldc);
  else if (of->is_wide)
    ((wide_sgemm_fn *)of->sgemm)(ROW_MAJOR, ta, tb, (int64_t)m, (int64_t)n, (int64_t)k, alpha, x->a, (int64_t)x->lda, x->b,
                                 (int64_t)x->ldb, 0, c, (int64_t)ldc);
  else
    ((cblas_sgemm_fn *)of->sgemm)(ROW_MAJOR, ta, tb, (int)m, (int)n, (int)k, alpha, x->a, (int)x->lda, x->b, (int)x->ldb, 0, c,
                                  (int)ldc);
}

static void dgemm(const library *of, size_t m, size_t n, size_t k, double alpha, const at_operands *x, double *c, size_t ldc) {
  const int ta = transpose_flag(x->a_transposed), tb = transpose_flag(x->b_transposed);
  if (of->dgemm == NULL)
    at_portable_dgemm(m, n, k, alpha, x, c, ldc);
  else if (of->is_wide)
    ((wide_dgemm_fn *)of->dgemm)(ROW_MAJOR, ta, tb, (int64_t)m, (int64_t)n, (int64_t)k, alpha, x->a, (int64_t)x->lda, x->b,
                                 (int64_t)x->ldb, 0, c, (int64_t)ldc);
  else
    ((cblas_dgemm_fn *)of->dgemm)(ROW_MAJOR, ta, tb, (int)m, (int)n, (int)k, alpha, x->a, (int)x->lda, x->b, (int)x->ldb, 0, c,
                                  (int)ldc);
}

/* Programs are lent the first library's: these are given no argument to tell another. */
static void baseline_sgemm(size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b,
                           size_t ldb, float *c, size_t ldc) {
  sgemm(&libraries[0], m, n, k, alpha, &(at_operands){a, b, lda, ldb, 0, 0}, c, ldc);
}

static void baseline_dgemm(size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda, const double *b,
                           size_t ldb, double *c, size_t ldc) {
  dgemm(&libraries[0], m, n, k, alpha, &(at_operands){a, b, lda, ldb, 0, 0}, c, ldc);
}

/*
 * Opens a library whose calls of its own functions stay in it: MKL's are visible to all, and BLIS calls its sgemm_ as any program
 * would, so that BLIS loaded beside MKL would run MKL's.
 */
static void *open_library(const char *path) {
  int flags = RTLD_NOW | RTLD_LOCAL;
#if defined RTLD_DEEPBIND && !defined __SANITIZE_ADDRESS__
  flags |= RTLD_DEEPBIND;
#endif
  return dlopen(path, flags);
}

const at_blas *at_blas_load(const char *path, int threads, const char **error) {
  if (library_count == MAX_LIBRARIES) {
    *error = "These are more libraries than are compared at a time.";
    return NULL;
  }
  library *loaded = &libraries[library_count];
  at_blas *blas = &loaded->blas;
  blas->runtime.threads = threads;
  blas->runtime.sgemm = baseline_sgemm;
  blas->runtime.dgemm = baseline_dgemm;
  blas->runtime.for_rows = at_for_rows;
  blas->runtime.seconds = at_thread_seconds;
  if (strcmp(path, "portable") == 0) {
    blas->name = "portable";
  } else {
    at_symbols symbols = {open_library(path), "", ""};
    if (symbols.handle == NULL) {
      *error = dlerror();
      return NULL;
    }
    for (size_t i = 0; loaded->sgemm == NULL && i < sizeof affixes / sizeof *affixes; i++) {
      symbols.prefix = affixes[i].prefix;
      symbols.suffix = affixes[i].suffix;
      loaded->sgemm = symbol(&symbols, "cblas_sgemm");
    }
    loaded->dgemm = symbol(&symbols, "cblas_dgemm");
    loaded->is_wide = symbols.suffix[0] != '\0';
    if (loaded->sgemm == NULL || loaded->dgemm == NULL) {
      *error = "The library has no cblas_sgemm or no cblas_dgemm.";
      return NULL;
    }
    describe(blas, &symbols, threads);
  }
  library_count++;
  return blas;
}

void at_blas_multiply(const at_blas *blas, size_t element_bytes, size_t m, size_t n, size_t k, const at_operands *operands, void *c) {
  /* An at_blas is the first member of its library. */
  const library *of = (const library *)blas;
  if (element_bytes == sizeof(float)) sgemm(of, m, n, k, 1, operands, c, n);
  else dgemm(of, m, n, k, 1, operands, c, n);
}

void at_blas_time_phases(double *seconds) {
  for (int i = 0; i < library_count; i++) libraries[i].blas.runtime.phase_seconds = seconds;
}
