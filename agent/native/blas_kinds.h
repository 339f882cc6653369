/*
 * The kinds of BLAS: by which functions each introduces itself and is told its threads. Included by blas.c alone.
 */
#ifndef AT_BLAS_KINDS_H
#define AT_BLAS_KINDS_H

#include "blas.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The C interface of the BLAS with 32-bit integers; layout and transposition by their standard numbers. */
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 };
typedef void cblas_sgemm_fn(int layout, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                            const float *b, int ldb, float beta, float *c, int ldc);
typedef void cblas_dgemm_fn(int layout, int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda,
                            const double *b, int ldb, double beta, double *c, int ldc);

/* The same with 64-bit integers. */
typedef void wide_sgemm_fn(int layout, int ta, int tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
                           const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
typedef void wide_dgemm_fn(int layout, int ta, int tb, int64_t m, int64_t n, int64_t k, double alpha, const double *a, int64_t lda,
                           const double *b, int64_t ldb, double beta, double *c, int64_t ldc);

/*
 * A loaded library, and what all names of its functions begin and end with: nothing, or "scipy_" in the OpenBLAS of PyPI's packages,
 * with "64_" where its integers have 64 bits (NumPy's).
 */
typedef struct {
  void *handle;
  const char *prefix, *suffix;
} at_symbols;

/* The library's own function of that name; NULL if it has none. */
static void *symbol(const at_symbols *library, const char *name) {
  char full[64];
  snprintf(full, sizeof full, "%s%s%s", library->prefix, name, library->suffix);
  return dlsym(library->handle, full);
}

/* OpenBLAS says "OpenBLAS 0.3.21 DYNAMIC_ARCH … Zen MAX_THREADS=64". */
static void describe_openblas(at_blas *blas, const at_symbols *library, int threads) {
  const char *(*get_config)(void) = (const char *(*)(void))symbol(library, "openblas_get_config");
  void (*set_threads)(int) = (void (*)(int))symbol(library, "openblas_set_num_threads");
  blas->name = "OpenBLAS";
  snprintf(blas->configuration, sizeof blas->configuration, "%s", get_config());
  sscanf(blas->configuration, "OpenBLAS %127s", blas->version);
  if (set_threads != NULL) set_threads(threads);
}

static void describe_blis(at_blas *blas, const at_symbols *library, int threads) {
  void (*init)(void) = (void (*)(void))symbol(library, "bli_init");
  const char *(*get_version)(void) = (const char *(*)(void))symbol(library, "bli_info_get_version_str");
  int (*get_arch)(void) = (int (*)(void))symbol(library, "bli_arch_query_id");
  const char *(*arch_name)(int) = (const char *(*)(int))symbol(library, "bli_arch_string");
  void (*set_threads)(long) = (void (*)(long))symbol(library, "bli_thread_set_num_threads");
  blas->name = "BLIS";
  snprintf(blas->version, sizeof blas->version, "%s", get_version());
  /* Asked for its kernels before it has any, BLIS 0.9.0 aborts where BLIS_ARCH_TYPE names some. */
  if (init != NULL) init();
  if (get_arch != NULL && arch_name != NULL)
    snprintf(blas->configuration, sizeof blas->configuration, "%s", arch_name(get_arch()));
  if (set_threads != NULL) set_threads(threads);
}

/* Finds the loaded library of MKL's kernels for a kind of processor, such as libmkl_avx512.so.3. */
static int find_mkl_kernels(struct dl_phdr_info *object, size_t size, void *kernels) {
  static const char *const kinds[] = {"avx10", "avx512_mic", "avx512", "avx2", "avx", "mc3", "mc", "def"};
  const char *slash = strrchr(object->dlpi_name, '/'), *file = slash == NULL ? object->dlpi_name : slash + 1;
  (void)size;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char start[32];
    snprintf(start, sizeof start, "libmkl_%s.so", kinds[i]);
    if (strncmp(file, start, strlen(start)) != 0) continue;
    *(const char **)kernels = kinds[i];
    return 1;
  }
  return 0;
}

/*
 * libmkl_rt loads the rest of MKL from its own folder. It says its version, but not its kernels: these are a library of their
 * own, loaded by the first product. The configuration here is both.
 */
static void describe_mkl(at_blas *blas, const at_symbols *library, int threads) {
  void (*get_version)(char *, int) = (void (*)(char *, int))symbol(library, "MKL_Get_Version_String");
  void (*set_threads)(int) = (void (*)(int))symbol(library, "MKL_Set_Num_Threads");
  cblas_sgemm_fn *sgemm = (cblas_sgemm_fn *)symbol(library, "cblas_sgemm");
  char text[200] = "";
  const char *kernels = NULL;
  const float one = 1;
  float product;
  blas->name = "MKL";
  get_version(text, (int)sizeof text - 1);
  if (sscanf(text, "%*[^0-9]%127[0-9.]", blas->version) != 1) blas->version[0] = '\0';
  if (set_threads != NULL) set_threads(threads);
  sgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, 1, 1, 1, 1, &one, 1, &one, 1, 0, &product, 1);
  dl_iterate_phdr(find_mkl_kernels, &kernels);
  snprintf(blas->configuration, sizeof blas->configuration, "%s%s%s", text, kernels == NULL ? "" : " ",
           kernels == NULL ? "" : kernels);
}

static void describe(at_blas *blas, const at_symbols *library, int threads) {
  blas->name = "BLAS";
  if (symbol(library, "openblas_get_config") != NULL) describe_openblas(blas, library, threads);
  else if (symbol(library, "bli_info_get_version_str") != NULL) describe_blis(blas, library, threads);
  else if (symbol(library, "MKL_Get_Version_String") != NULL) describe_mkl(blas, library, threads);
}

#endif
