/*
 * A plain blocked GEMM for devices without a BLAS, in the manner of Goto & van de Geijn ("Anatomy of high-performance
 * matrix multiplication", ACM TOMS 34, 2008): B is packed in panels of NR columns, A in panels of MR rows, and a
 * micro-kernel keeps an MR x NR tile of C in registers. Included once for each element type, with AT_REAL and AT_NAME set.
 */
#define PASTE(a, b) a##b
#define NAME(a, b) PASTE(a, b)

typedef AT_REAL NAME(AT_NAME, _vector) __attribute__((vector_size(AT_VECTOR_BYTES), aligned(sizeof(AT_REAL))));
#define VECTOR NAME(AT_NAME, _vector)
#define VL (AT_VECTOR_BYTES / sizeof(AT_REAL))
#define NR (2 * VL)

typedef struct {
  size_t m, n, depth, a_row, a_column, ldc;
  AT_REAL alpha;
  int first;
  const AT_REAL *a, *b_packed;
  AT_REAL *c;
} NAME(AT_NAME, _task);

/* tile[MR][NR] = the product of a panel of A and a panel of B. */
static void NAME(AT_NAME, _kernel)(size_t depth, const AT_REAL *a, const AT_REAL *b, AT_REAL *tile) {
  VECTOR sum[MR][2] = {0};
  for (size_t l = 0; l < depth; l++, a += MR, b += NR) {
    const VECTOR left = *(const VECTOR *)b, right = *(const VECTOR *)(b + VL);
    for (int i = 0; i < MR; i++) {
      sum[i][0] += a[i] * left;
      sum[i][1] += a[i] * right;
    }
  }
  for (int i = 0; i < MR; i++) {
    *(VECTOR *)(tile + i * NR) = sum[i][0];
    *(VECTOR *)(tile + i * NR + VL) = sum[i][1];
  }
}

/* Row panels first <= q < last of C. */
static void NAME(AT_NAME, _panels)(void *argument, size_t first, size_t last) {
  const NAME(AT_NAME, _task) *t = argument;
  AT_REAL a_packed[MR * KC], tile[MR * NR];
  for (size_t q = first; q < last; q++) {
    const size_t row = q * MR, rows = t->m - row < MR ? t->m - row : MR;
    memset(a_packed, 0, sizeof a_packed);
    for (size_t i = 0; i < rows; i++)
      for (size_t l = 0; l < t->depth; l++) a_packed[l * MR + i] = t->alpha * t->a[(row + i) * t->a_row + l * t->a_column];
    for (size_t j = 0; j < t->n; j += NR) {
      const size_t columns = t->n - j < NR ? t->n - j : NR;
      NAME(AT_NAME, _kernel)(t->depth, a_packed, t->b_packed + j * t->depth, tile);
      for (size_t i = 0; i < rows; i++) {
        AT_REAL *c = t->c + (row + i) * t->ldc + j;
        for (size_t x = 0; x < columns; x++) c[x] = tile[i * NR + x] + (t->first ? 0 : c[x]);
      }
    }
  }
}

/* C = alpha op(A) op(B). */
void NAME(at_portable_, AT_NAME)(size_t m, size_t n, size_t k, AT_REAL alpha, const at_operands *x, AT_REAL *c, size_t ldc) {
  const AT_REAL *a = x->a, *b = x->b;
  const size_t a_row = x->a_transposed ? 1 : x->lda, a_column = x->a_transposed ? x->lda : 1;
  const size_t b_row = x->b_transposed ? 1 : x->ldb, b_column = x->b_transposed ? x->ldb : 1;
  static AT_REAL b_packed[KC * (NC + NR)];
  for (size_t column = 0; column < n; column += NC) {
    const size_t columns = n - column < NC ? n - column : NC;
    for (size_t l = 0; l < k; l += KC) {
      const size_t depth = k - l < KC ? k - l : KC;
      for (size_t j = 0; j < columns; j += NR)
        for (size_t d = 0; d < depth; d++)
          for (size_t i = 0; i < NR; i++)
            b_packed[j * depth + d * NR + i] = j + i < columns ? b[(l + d) * b_row + (column + j + i) * b_column] : 0;
      NAME(AT_NAME, _task) task = {m, columns, depth, a_row, a_column, ldc, alpha, l == 0, a + l * a_column, b_packed, c + column};
      at_for_rows(NULL, (m + MR - 1) / MR, NAME(AT_NAME, _panels), &task);
    }
  }
}

#undef VECTOR
#undef VL
#undef NR
#undef NAME
#undef PASTE
#undef AT_REAL
#undef AT_NAME
