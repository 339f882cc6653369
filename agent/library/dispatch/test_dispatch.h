/*
 * The test of the choice for one element type; test_cases.h includes this with REAL, GEMM, ALGORITHMS and RULES as in dispatch.h,
 * and TEST(name). The results of the algorithms themselves are tested in test_type.h.
 */
#define GEMM_OF(number) GEMM(_##number),
#define NAME_OF(number) GEMM(_##number##_algorithm),
static int (*const TEST(gemms)[])(fastmm_transpose, fastmm_transpose, size_t, size_t, size_t, REAL, const REAL *, size_t,
                                  const REAL *, size_t, REAL, REAL *, size_t, size_t) = {ALGORITHMS(GEMM_OF)};
static const char *(*const TEST(names)[])(size_t, size_t, size_t, size_t) = {ALGORITHMS(NAME_OF)};

/* Checks that a product of the shape goes to this algorithm: by its name and, where that is quick, by every bit of the result. */
static void TEST(goes_to)(int number, size_t m, size_t k, size_t n, size_t threads, fastmm_transpose transa, fastmm_transpose transb) {
  const size_t lda = transa ? m : k, ldb = transb ? k : n;
  char what[200];
  snprintf(what, sizeof what, "%zu-byte elements, m %zu k %zu n %zu, %zu threads, transposed %d %d go to algorithm %d", sizeof(REAL), m,
           k, n, threads, transa, transb, number);
  check(strcmp(GEMM(_algorithm_for)(transa, transb, m, n, k, threads), TEST(names)[number](m, n, k, threads)) == 0, what);
  if ((double)m * k * n > COMPARED_WHOLE) return;
  REAL *a = malloc(m * k * sizeof(REAL)), *b = malloc(k * n * sizeof(REAL)), *c = malloc(2 * m * n * sizeof(REAL));
  if (a == NULL || b == NULL || c == NULL) {
    printf("no memory for the test's own matrices\n");
    exit(2);
  }
  for (size_t i = 0; i < m * k; i++) a[i] = (REAL)random_number();
  for (size_t i = 0; i < k * n; i++) b[i] = (REAL)random_number();
  for (size_t i = 0; i < 2 * m * n; i++) c[i] = 1;
  check(GEMM()(transa, transb, m, n, k, 2, a, lda, b, ldb, 3, c, n, threads) == FASTMM_OK, what);
  check(TEST(gemms)[number](transa, transb, m, n, k, 2, a, lda, b, ldb, 3, c + m * n, n, threads) == FASTMM_OK, what);
  check(memcmp(c, c + m * n, m * n * sizeof(REAL)) == 0, what);
  free(a);
  free(b);
  free(c);
}

#define RULE_NN FASTMM_NO_TRANSPOSE, FASTMM_NO_TRANSPOSE
#define RULE_NT FASTMM_NO_TRANSPOSE, FASTMM_TRANSPOSE
#define RULE_TN FASTMM_TRANSPOSE, FASTMM_NO_TRANSPOSE
#define RULE_TT FASTMM_TRANSPOSE, FASTMM_TRANSPOSE
#define CHECK_RULE(m, k, n, threads, transposed, fast, accurate) \
  TEST(goes_by_mode)(fast, accurate, m, k, n, threads, RULE_##transposed);
static void TEST(goes_by_mode)(int fast, int accurate, size_t m, size_t k, size_t n, size_t threads, fastmm_transpose transa,
                               fastmm_transpose transb) {
  fastmm_set_mode(FASTMM_FAST);
  TEST(goes_to)(fast, m, k, n, threads, transa, transb);
  fastmm_set_mode(FASTMM_ACCURATE);
  TEST(goes_to)(accurate, m, k, n, threads, transa, transb);
}

static void TEST(all)(void) {
  const fastmm_mode mode = fastmm_get_mode();
  RULES(CHECK_RULE)
  /* Far below anything that was measured. */
  TEST(goes_to)(0, 1, 1, 1, 1, FASTMM_NO_TRANSPOSE, FASTMM_NO_TRANSPOSE);
  check(GEMM()(FASTMM_NO_TRANSPOSE, FASTMM_NO_TRANSPOSE, 2, 2, 3, 1, NULL, 3, NULL, 2, 0, NULL, 2, 1) ==
            FASTMM_INVALID_ARGUMENT,
        "no matrices");
  fastmm_set_mode(mode);
}

#undef REAL
#undef GEMM
#undef ALGORITHMS
#undef RULES
#undef MODELS
#undef KNOWN
#undef TEST
#undef GEMM_OF
#undef NAME_OF
#undef CHECK_RULE
#undef RULE_NN
#undef RULE_NT
#undef RULE_TN
#undef RULE_TT
