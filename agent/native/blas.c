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
/* The one that the two functions below call: they are given no argument to tell it. */
static const library *selected;

static void baseline_sgemm(size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b,
                         size_t ldb, float *c, size_t ldc) {
  if (selected->is_wide)
    ((wide_sgemm_fn *)selected->sgemm)(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, (int64_t)m, (int64_t)n, (int64_t)k, alpha, a,
                                       (int64_t)lda, b, (int64_t)ldb, 0, c, (int64_t)ldc);
  else
    ((cblas_sgemm_fn *)selected->sgemm)(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, (int)m, (int)n, (int)k, alpha, a, (int)lda, b,
                                        (int)ldb, 0, c, (int)ldc);
}

static void baseline_dgemm(size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda, const double *b,
                         size_t ldb, double *c, size_t ldc) {
  if (selected->is_wide)
    ((wide_dgemm_fn *)selected->dgemm)(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, (int64_t)m, (int64_t)n, (int64_t)k, alpha, a,
                                       (int64_t)lda, b, (int64_t)ldb, 0, c, (int64_t)ldc);
  else
    ((cblas_dgemm_fn *)selected->dgemm)(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, (int)m, (int)n, (int)k, alpha, a, (int)lda, b,
                                        (int)ldb, 0, c, (int)ldc);
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
  blas->runtime.for_rows = at_for_rows;
  blas->runtime.seconds = at_thread_seconds;
  if (strcmp(path, "portable") == 0) {
    blas->name = "portable";
    blas->runtime.sgemm = at_portable_sgemm;
    blas->runtime.dgemm = at_portable_dgemm;
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
    blas->runtime.sgemm = baseline_sgemm;
    blas->runtime.dgemm = baseline_dgemm;
    describe(blas, &symbols, threads);
  }
  if (library_count++ == 0) selected = loaded;
  return blas;
}

/* An at_blas is the first member of its library. */
void at_blas_select(const at_blas *blas) { selected = (const library *)blas; }

void at_blas_time_phases(double *seconds) {
  for (int i = 0; i < library_count; i++) libraries[i].blas.runtime.phase_seconds = seconds;
}
