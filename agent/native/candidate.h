/*
 * The contract between the measuring child (harness.c) and a generated program: the program is a shared object that
 * exports at_program, and the child lends it what runtime.h names.
 */
#ifndef AT_CANDIDATE_H
#define AT_CANDIDATE_H

#include "runtime.h"

/* To be raised when anything below, or in runtime.h, changes. */
#define AT_ABI_VERSION 3

/* What a generated program exports under the name "at_program". */
typedef struct {
  int abi_version;
  /* sizeof(float) or sizeof(double). */
  size_t element_bytes;
  /* Bytes of workspace for a product of these dimensions; it must be aligned to 64 bytes. */
  size_t (*workspace_bytes)(size_t m, size_t k, size_t n, size_t threads);
  /* C = A B. The pointers are to elements of the size above. */
  void (*multiply)(const at_runtime *runtime, size_t m, size_t k, size_t n, const void *a, size_t lda, const void *b,
                   size_t ldb, void *c, size_t ldc, void *workspace);
} at_program_t;

#endif
