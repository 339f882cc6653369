/*
 * The product that chooses its algorithm, for one element type. The including file defines
 *   REAL                   the type
 *   GEMM(suffix)           the functions' names, such as fastmm_sgemm
 *   ALGORITHMS(APPLY)      APPLY(number) for each algorithm; number 0 is the BLAS
 *   RULES(RULE)            RULE(m, k, n, threads, number) for each measured problem (fastmm_config.h)
 */
typedef int at_gemm_fn(fastmm_transpose, fastmm_transpose, size_t, size_t, size_t, REAL, const REAL *, size_t, const REAL *,
                       size_t, REAL, REAL *, size_t, size_t);
typedef const char *at_name_fn(size_t, size_t, size_t, size_t);

#define AT_JOIN(number, suffix) GEMM(_##number##suffix)
#define AT_GEMM_OF(number) AT_JOIN(number, ),
#define AT_NAME_OF(number) AT_JOIN(number, _algorithm),
static at_gemm_fn *const at_gemms[] = {ALGORITHMS(AT_GEMM_OF)};
static at_name_fn *const at_names[] = {ALGORITHMS(AT_NAME_OF)};

typedef struct {
  size_t m, k, n, threads;
  int algorithm;
} at_rule;

#define AT_RULE(m, k, n, threads, number) {m, k, n, threads, number},
static const at_rule at_rules[] = {RULES(AT_RULE)};

/* The ratio of the larger to the smaller. */
static double at_apart(size_t x, size_t y) { return x > y ? (double)x / (double)y : (double)y / (double)x; }

/*
 * The nearest measured problem decides: the one for which the product of the ratios of m, k, n and threads is least, the
 * first of several. Nothing is known far below it, so the BLAS computes what has less than half of its m, k or n.
 */
static int at_choose(size_t m, size_t n, size_t k, size_t threads) {
  const at_rule *nearest = NULL;
  double least = 0;
  if (m == 0 || n == 0 || k == 0 || threads == 0) return 0;
  for (size_t i = 0; i < sizeof at_rules / sizeof *at_rules; i++) {
    const at_rule *rule = &at_rules[i];
    const double apart =
        at_apart(m, rule->m) * at_apart(k, rule->k) * at_apart(n, rule->n) * at_apart(threads, rule->threads);
    if (nearest != NULL && apart >= least) continue;
    nearest = rule;
    least = apart;
  }
  if (m < nearest->m - nearest->m / 2 || k < nearest->k - nearest->k / 2 || n < nearest->n - nearest->n / 2) return 0;
  return nearest->algorithm;
}

int GEMM()(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, REAL alpha, const REAL *a,
           size_t lda, const REAL *b, size_t ldb, REAL beta, REAL *c, size_t ldc, size_t threads) {
  return at_gemms[at_choose(m, n, k, threads)](transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, threads);
}

const char *GEMM(_algorithm)(size_t m, size_t n, size_t k, size_t threads) {
  return at_names[at_choose(m, n, k, threads)](m, n, k, threads);
}
