#include "product.h"

fastmm_row_major fastmm_in_row_major(const fastmm_product *p) {
  fastmm_row_major r = {.is_double = p->is_double, .transa = p->transa, .transb = p->transb, .m = p->m, .n = p->n, .k = p->k,
                        .lda = p->lda, .ldb = p->ldb, .ldc = p->ldc, .alpha = p->alpha, .beta = p->beta, .a = p->a, .b = p->b, .c = p->c};
  if (!p->is_column_major) return r;
  /* What is column-major is, read row by row, the transpose: C' = op(B)' op(A)'. */
  r.transa = p->transb, r.transb = p->transa;
  r.m = p->n, r.n = p->m;
  r.a = p->b, r.lda = p->ldb;
  r.b = p->a, r.ldb = p->lda;
  return r;
}

static int64_t at_least_one(int64_t x) { return x > 1 ? x : 1; }

int fastmm_wrong_parameter(const fastmm_product *p) {
  const int layout = p->is_cblas;
  if (p->is_column_major < 0) return 1;
  if (p->transa < 0) return layout + 1;
  if (p->transb < 0) return layout + 2;
  if (p->m < 0) return layout + 3;
  if (p->n < 0) return layout + 4;
  if (p->k < 0) return layout + 5;
  /* The length of a stored row, or in column-major order of a stored column. */
  const int along_a = p->is_column_major == p->transa, along_b = p->is_column_major == p->transb;
  if (p->lda < at_least_one(along_a ? p->k : p->m)) return layout + 8;
  if (p->ldb < at_least_one(along_b ? p->n : p->k)) return layout + 10;
  if (p->ldc < at_least_one(p->is_column_major ? p->m : p->n)) return layout + 13;
  return 0;
}
