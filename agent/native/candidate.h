/*
 * The contract between the measuring child (harness.c) and a generated program: the program is a shared object that
 * exports at_program, and the child lends it what runtime.h names.
 */
#ifndef AT_CANDIDATE_H
#define AT_CANDIDATE_H

#include "runtime.h"

/* To be raised when anything below, or in runtime.h, changes. */
#define AT_ABI_VERSION 5

/* What a generated program exports under the name "at_program". */
typedef struct {
  int abi_version;
  /* sizeof(float) or sizeof(double). */
  size_t element_bytes;
  /*
   * Bytes of workspace for a product of these dimensions; it must be aligned to 64 bytes. They are at most `limit`, SIZE_MAX for none,
   * where the program can do with so few; else more.
   */
  size_t (*workspace_bytes)(size_t m, size_t k, size_t n, size_t threads, size_t limit);
  /* C = A B. The pointers are to elements of the size above; the limit is that of the workspace. */
  void (*multiply)(const at_runtime *runtime, size_t m, size_t k, size_t n, const void *a, size_t lda, const void *b,
                   size_t ldb, void *c, size_t ldc, void *workspace, size_t limit);
  /*
   * The same where A or B lies transposed in memory, as a k x m or n x k matrix (runtime.h). NULL in programs that cannot, and not
   * there before version 5.
   */
  void (*multiply_as_they_lie)(const at_runtime *runtime, size_t m, size_t k, size_t n, const at_operands *operands, void *c,
                               size_t ldc, void *workspace, size_t limit);
} at_program_t;

/* The version before, which ends with multiply. Measurements against an earlier commit still load it. */
enum { AT_ABI_WITHOUT_OPERANDS = 4 };

/* What programs of version 3 export, which are still loaded too. */
enum { AT_ABI_WITHOUT_LIMIT = 3 };
typedef struct {
  int abi_version;
  size_t element_bytes;
  size_t (*workspace_bytes)(size_t m, size_t k, size_t n, size_t threads);
  void (*multiply)(const at_runtime *runtime, size_t m, size_t k, size_t n, const void *a, size_t lda, const void *b,
                   size_t ldb, void *c, size_t ldc, void *workspace);
} at_program_without_limit_t;

#endif
