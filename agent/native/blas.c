#define _GNU_SOURCE
#include "blas.h"
#include "clock.h"
#include "portable.h"
#include "threads.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The C interface of the BLAS with 32-bit integers; layout and transposition by their standard numbers. */
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111 };
typedef void cblas_sgemm_fn(int layout, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                            const float *b, int ldb, float beta, float *c, int ldc);
typedef void cblas_dgemm_fn(int layout, int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda,
                            const double *b, int ldb, double beta, double *c, int ldc);

enum { MAX_LIBRARIES = 16 };
typedef struct {
  at_blas blas;
  cblas_sgemm_fn *sgemm;
  cblas_dgemm_fn *dgemm;
} library;

static library libraries[MAX_LIBRARIES];
static int library_count;
/* The one that the two functions below call: they are given no argument to tell it. */
static const library *selected;

static void baseline_sgemm(size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b,
                         size_t ldb, float *c, size_t ldc) {
  selected->sgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, (int)m, (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, 0, c,
                  (int)ldc);
}

static void baseline_dgemm(size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda, const double *b,
                         size_t ldb, double *c, size_t ldc) {
  selected->dgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, (int)m, (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, 0, c,
                  (int)ldc);
}

/* OpenBLAS says "OpenBLAS 0.3.21 DYNAMIC_ARCH … Zen MAX_THREADS=64". */
static void describe_openblas(at_blas *blas, void *handle, int threads) {
  const char *(*get_config)(void) = (const char *(*)(void))dlsym(handle, "openblas_get_config");
  void (*set_threads)(int) = (void (*)(int))dlsym(handle, "openblas_set_num_threads");
  blas->name = "OpenBLAS";
  snprintf(blas->configuration, sizeof blas->configuration, "%s", get_config());
  sscanf(blas->configuration, "OpenBLAS %127s", blas->version);
  if (set_threads != NULL) set_threads(threads);
}

static void describe_blis(at_blas *blas, void *handle, int threads) {
  void (*init)(void) = (void (*)(void))dlsym(handle, "bli_init");
  const char *(*get_version)(void) = (const char *(*)(void))dlsym(handle, "bli_info_get_version_str");
  int (*get_arch)(void) = (int (*)(void))dlsym(handle, "bli_arch_query_id");
  const char *(*arch_name)(int) = (const char *(*)(int))dlsym(handle, "bli_arch_string");
  void (*set_threads)(long) = (void (*)(long))dlsym(handle, "bli_thread_set_num_threads");
  blas->name = "BLIS";
  snprintf(blas->version, sizeof blas->version, "%s", get_version());
  /* Asked for its kernels before it has any, BLIS 0.9.0 aborts where BLIS_ARCH_TYPE names some. */
  if (init != NULL) init();
  if (get_arch != NULL && arch_name != NULL)
    snprintf(blas->configuration, sizeof blas->configuration, "%s", arch_name(get_arch()));
  if (set_threads != NULL) set_threads(threads);
}

static void describe_mkl(at_blas *blas, void *handle, int threads) {
  void (*get_version)(char *, int) = (void (*)(char *, int))dlsym(handle, "MKL_Get_Version_String");
  void (*set_threads)(int) = (void (*)(int))dlsym(handle, "MKL_Set_Num_Threads");
  blas->name = "MKL";
  get_version(blas->configuration, (int)sizeof blas->configuration - 1);
  if (sscanf(blas->configuration, "%*[^0-9]%127[0-9.]", blas->version) != 1) blas->version[0] = '\0';
  if (set_threads != NULL) set_threads(threads);
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
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
      *error = dlerror();
      return NULL;
    }
    loaded->sgemm = (cblas_sgemm_fn *)dlsym(handle, "cblas_sgemm");
    loaded->dgemm = (cblas_dgemm_fn *)dlsym(handle, "cblas_dgemm");
    if (loaded->sgemm == NULL || loaded->dgemm == NULL) {
      *error = "The library has no cblas_sgemm or no cblas_dgemm.";
      return NULL;
    }
    blas->runtime.sgemm = baseline_sgemm;
    blas->runtime.dgemm = baseline_dgemm;
    blas->name = "BLAS";
    if (dlsym(handle, "openblas_get_config") != NULL) describe_openblas(blas, handle, threads);
    else if (dlsym(handle, "bli_info_get_version_str") != NULL) describe_blis(blas, handle, threads);
    else if (dlsym(handle, "MKL_Get_Version_String") != NULL) describe_mkl(blas, handle, threads);
  }
  if (library_count++ == 0) selected = loaded;
  return blas;
}

/* An at_blas is the first member of its library. */
void at_blas_select(const at_blas *blas) { selected = (const library *)blas; }

void at_blas_time_phases(double *seconds) {
  for (int i = 0; i < library_count; i++) libraries[i].blas.runtime.phase_seconds = seconds;
}
