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

static cblas_sgemm_fn *cblas_sgemm;
static cblas_dgemm_fn *cblas_dgemm;
static at_blas blas;

static void vendor_sgemm(size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b,
                         size_t ldb, float *c, size_t ldc) {
  cblas_sgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, (int)m, (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, 0, c,
              (int)ldc);
}

static void vendor_dgemm(size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda, const double *b,
                         size_t ldb, double *c, size_t ldc) {
  cblas_dgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, (int)m, (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, 0, c,
              (int)ldc);
}

/* OpenBLAS says "OpenBLAS 0.3.21 DYNAMIC_ARCH … Zen MAX_THREADS=64". */
static void describe_openblas(void *library, int threads) {
  const char *(*get_config)(void) = (const char *(*)(void))dlsym(library, "openblas_get_config");
  void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
  blas.name = "OpenBLAS";
  snprintf(blas.configuration, sizeof blas.configuration, "%s", get_config());
  sscanf(blas.configuration, "OpenBLAS %127s", blas.version);
  if (set_threads != NULL) set_threads(threads);
}

static void describe_blis(void *library, int threads) {
  const char *(*get_version)(void) = (const char *(*)(void))dlsym(library, "bli_info_get_version_str");
  int (*get_arch)(void) = (int (*)(void))dlsym(library, "bli_arch_query_id");
  const char *(*arch_name)(int) = (const char *(*)(int))dlsym(library, "bli_arch_string");
  void (*set_threads)(long) = (void (*)(long))dlsym(library, "bli_thread_set_num_threads");
  blas.name = "BLIS";
  snprintf(blas.version, sizeof blas.version, "%s", get_version());
  if (get_arch != NULL && arch_name != NULL)
    snprintf(blas.configuration, sizeof blas.configuration, "%s", arch_name(get_arch()));
  if (set_threads != NULL) set_threads(threads);
}

static void describe_mkl(void *library, int threads) {
  void (*get_version)(char *, int) = (void (*)(char *, int))dlsym(library, "MKL_Get_Version_String");
  void (*set_threads)(int) = (void (*)(int))dlsym(library, "MKL_Set_Num_Threads");
  blas.name = "MKL";
  get_version(blas.configuration, (int)sizeof blas.configuration - 1);
  if (sscanf(blas.configuration, "%*[^0-9]%127[0-9.]", blas.version) != 1) blas.version[0] = '\0';
  if (set_threads != NULL) set_threads(threads);
}

const at_blas *at_blas_load(const char *path, int threads, const char **error) {
  blas.runtime.threads = threads;
  blas.runtime.for_rows = at_for_rows;
  blas.runtime.seconds = at_thread_seconds;
  if (strcmp(path, "portable") == 0) {
    blas.name = "portable";
    blas.runtime.sgemm = at_portable_sgemm;
    blas.runtime.dgemm = at_portable_dgemm;
    return &blas;
  }
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    *error = dlerror();
    return NULL;
  }
  cblas_sgemm = (cblas_sgemm_fn *)dlsym(library, "cblas_sgemm");
  cblas_dgemm = (cblas_dgemm_fn *)dlsym(library, "cblas_dgemm");
  if (cblas_sgemm == NULL || cblas_dgemm == NULL) {
    *error = "The library has no cblas_sgemm or no cblas_dgemm.";
    return NULL;
  }
  blas.runtime.sgemm = vendor_sgemm;
  blas.runtime.dgemm = vendor_dgemm;
  blas.name = "BLAS";
  if (dlsym(library, "openblas_get_config") != NULL) describe_openblas(library, threads);
  else if (dlsym(library, "bli_info_get_version_str") != NULL) describe_blis(library, threads);
  else if (dlsym(library, "MKL_Get_Version_String") != NULL) describe_mkl(library, threads);
  return &blas;
}

void at_blas_time_phases(double *seconds) { blas.runtime.phase_seconds = seconds; }
