/* The product without memory, for one element type, for plain.c. Row by row of op(B), so that C and mostly B are read as they lie. */
static void PLAIN(by_elements)(const fastmm_row_major *p) {
  const REAL *a = p->a, *b = p->b, alpha = (REAL)p->alpha, beta = (REAL)p->beta;
  REAL *c = p->c;
  for (size_t i = 0; i < p->m; i++) {
    REAL *row = c + i * p->ldc;
    for (size_t j = 0; j < p->n; j++) row[j] = beta == 0 ? 0 : beta * row[j];
    if (alpha == 0) continue;
    for (size_t l = 0; l < p->k; l++) {
      const REAL factor = alpha * (p->transa ? a[l * p->lda + i] : a[i * p->lda + l]);
      const REAL *along = b + (p->transb ? l : l * p->ldb);
      const size_t step = p->transb ? p->ldb : 1;
      for (size_t j = 0; j < p->n; j++) row[j] += factor * along[j * step];
    }
  }
}

#undef REAL
#undef PLAIN
