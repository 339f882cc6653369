/*
 * The product that chooses its algorithm, for one element type. The including file defines
 *   REAL                   the type
 *   GEMM(suffix)           the functions' names, such as fastmm_sgemm
 *   ALGORITHMS(APPLY)      APPLY(number) for each algorithm; number 0 is the BLAS
 *   KNOWN(KNOWN)           KNOWN(number, growth, m, correction) for each algorithm <n,m,p>
 *   RULES(RULE)            RULE(m, k, n, threads, transposed, fast, accurate) for each measured problem (fastmm_config.h)
 *   MODELS(MODEL)          MODEL(threads, transposed, margin, seconds of work.h's six, seconds of the BLAS's three)
 * `transposed` says which operands lie transposed: NN, NT, TN or TT, a letter for A and one for B.
 */
typedef int at_gemm_fn(fastmm_transpose, fastmm_transpose, size_t, size_t, size_t, REAL, const REAL *, size_t, const REAL *,
                       size_t, REAL, REAL *, size_t, size_t);
typedef const char *at_name_fn(size_t, size_t, size_t, size_t);

#define AT_JOIN(number, suffix) GEMM(_##number##suffix)
#define AT_GEMM_OF(number) AT_JOIN(number, ),
#define AT_NAME_OF(number) AT_JOIN(number, _algorithm),
static at_gemm_fn *const at_gemms[] = {ALGORITHMS(AT_GEMM_OF)};
static at_name_fn *const at_names[] = {ALGORITHMS(AT_NAME_OF)};

#define AT_WORK_OF(number) AT_JOIN(number, _work),
typedef void at_work_fn(size_t, size_t, size_t, size_t, double *);
static at_work_fn *const at_works[] = {ALGORITHMS(AT_WORK_OF)};
enum { AT_ALGORITHMS = sizeof at_gemms / sizeof *at_gemms };

typedef enum { AT_NN, AT_NT, AT_TN, AT_TT } at_transposed;

static at_transposed at_transposed_of(fastmm_transpose transa, fastmm_transpose transb) {
  return (at_transposed)((transa ? AT_TN : AT_NN) + (transb ? AT_NT : AT_NN));
}

typedef struct {
  size_t m, k, n, threads;
  at_transposed transposed;
  int algorithms[2]; /* by mode */
} at_rule;

#define AT_RULE(m, k, n, threads, transposed, fast, accurate) {m, k, n, threads, AT_##transposed, {fast, accurate}},
static const at_rule at_rules[] = {RULES(AT_RULE)};
enum { AT_RULES = sizeof at_rules / sizeof *at_rules };

typedef struct {
  double growth;
  size_t depth_blocks;
  double correction;
} at_known;

#define AT_KNOWN(number, growth, depth_blocks, correction) {growth, depth_blocks, correction},
static const at_known at_knowns[] = {KNOWN(AT_KNOWN)};

typedef struct {
  size_t threads;
  at_transposed transposed;
  double margin, seconds[FASTMM_WORK], blas_seconds[3];
} at_model;

/* The last entry ends the list, because there may be none. */
#define AT_MODEL(threads, transposed, margin, s0, s1, s2, s3, s4, s5, b0, b1, b2) \
  {threads, AT_##transposed, margin, {s0, s1, s2, s3, s4, s5}, {b0, b1, b2}},
static const at_model at_models[] = {MODELS(AT_MODEL){0, AT_NN, 0, {0}, {0}}};
enum { AT_MODELS = sizeof at_models / sizeof *at_models - 1 };

/* What decides which algorithm computes a product. */
typedef struct {
  size_t m, n, k, threads;
  at_transposed transposed;
} at_wanted;

/* The ratio of the larger to the smaller. */
static double at_apart(size_t x, size_t y) { return x > y ? (double)x / (double)y : (double)y / (double)x; }

/*
 * The nearest measured problem decides: the one for which the product of the ratios of m, k, n and threads is least, the
 * first of several. Nothing is known far below it, so the BLAS computes what has less than half of its m, k or n.
 */
static int at_nearest(const at_wanted *p, fastmm_mode mode) {
  const at_rule *nearest = &at_rules[0];
  double least = 0;
  for (size_t i = 0; i < AT_RULES; i++) {
    const at_rule *rule = &at_rules[i];
    const double apart =
        at_apart(p->m, rule->m) * at_apart(p->k, rule->k) * at_apart(p->n, rule->n) * at_apart(p->threads, rule->threads);
    if (i > 0 && apart >= least) continue;
    nearest = rule;
    least = apart;
  }
  if (p->m < nearest->m - nearest->m / 2 || p->k < nearest->k - nearest->k / 2 || p->n < nearest->n - nearest->n / 2) return 0;
  return nearest->algorithms[mode];
}

/* Whether every measured problem has more than twice as large an m, or k, or n. */
static int at_is_below_all(const at_wanted *p) {
  int low_m = 1, low_k = 1, low_n = 1;
  for (size_t i = 0; i < AT_RULES; i++) {
    low_m = low_m && p->m < at_rules[i].m - at_rules[i].m / 2;
    low_k = low_k && p->k < at_rules[i].k - at_rules[i].k / 2;
    low_n = low_n && p->n < at_rules[i].n - at_rules[i].n / 2;
  }
  return low_m || low_k || low_n;
}

/* How well a model fits operands: 2 where its own lay so, 1 where none of its own lay transposed. */
static int at_likeness(const at_model *model, const at_wanted *p) {
  return model->transposed == p->transposed ? 2 : model->transposed == AT_NN;
}

/* The model that fits the product's operands best; of several, that of the nearest number of threads. */
static const at_model *at_model_of(const at_wanted *p) {
  const at_model *best = &at_models[0];
  for (size_t i = 1; i < AT_MODELS; i++) {
    const at_model *model = &at_models[i];
    const int alike = at_likeness(model, p), best_alike = at_likeness(best, p);
    if (alike != best_alike ? alike > best_alike : at_apart(p->threads, model->threads) < at_apart(p->threads, best->threads)) best = model;
  }
  return best;
}

/* Predicted seconds of one product by an algorithm that is not the BLAS. */
static double at_seconds(const at_model *model, int number, const at_wanted *p) {
  double work[FASTMM_WORK], seconds = 0;
  at_works[number](p->m, p->n, p->k, p->threads, work);
  for (int i = 0; i < FASTMM_WORK; i++) seconds += model->seconds[i] * work[i];
  return seconds * at_knowns[number].correction;
}

/* More than this is not summed up at a time. */
enum { AT_MOST_SUMMED = 512 };

/*
 * The square of the expected error of an algorithm, up to a factor that all have in common: its growth, times the square root of the
 * length of the sums in its leaves.
 */
static double at_squared_error(int number, size_t k) {
  const at_known *known = &at_knowns[number];
  const size_t depth = (k + known->depth_blocks - 1) / known->depth_blocks;
  return known->growth * known->growth * (double)(depth < AT_MOST_SUMMED ? depth : AT_MOST_SUMMED);
}

/* How much slower than the fastest the accurate choice may be. */
static const double at_accurate_within = 1.01;

/* What the margin becomes where nothing was measured of operands that lie so. */
static const double at_unknown_margin = 0.1;

/* What is predicted to be the fastest, or the most accurate of those about as fast; the BLAS where none is faster by the margin. */
static int at_predicted(const at_wanted *p, fastmm_mode mode) {
  const at_model *model = at_model_of(p);
  const double mk = (double)p->m * p->k, kn = (double)p->k * p->n, mn = (double)p->m * p->n;
  const double blas = model->blas_seconds[0] * mk * p->n + model->blas_seconds[1] * sizeof(REAL) * (mk + kn + mn) +
                      model->blas_seconds[2];
  const double margin = model->transposed == p->transposed || model->margin > at_unknown_margin ? model->margin : at_unknown_margin;
  double seconds[AT_ALGORITHMS], limit = blas / (1 + margin);
  int best = 0;
  if (at_is_below_all(p)) return 0;
  for (int i = 1; i < AT_ALGORITHMS; i++) {
    seconds[i] = at_seconds(model, i, p);
    if (seconds[i] >= limit || (best > 0 && seconds[i] >= seconds[best])) continue;
    best = i;
  }
  if (best == 0 || mode == FASTMM_FAST) return best;
  limit = seconds[best] * at_accurate_within < limit ? seconds[best] * at_accurate_within : limit;
  for (int i = 1; i < AT_ALGORITHMS; i++)
    if (seconds[i] <= limit && at_squared_error(i, p->k) < at_squared_error(best, p->k)) best = i;
  return best;
}

/* A measured problem goes where its rule says, the first of several. */
static int at_choose(const at_wanted *p) {
  const fastmm_mode mode = fastmm_get_mode();
  if (p->m == 0 || p->n == 0 || p->k == 0 || p->threads == 0) return 0;
  for (size_t i = 0; i < AT_RULES; i++) {
    const at_rule *rule = &at_rules[i];
    if (rule->m == p->m && rule->k == p->k && rule->n == p->n && rule->threads == p->threads && rule->transposed == p->transposed)
      return rule->algorithms[mode];
  }
  return AT_MODELS > 0 ? at_predicted(p, mode) : at_nearest(p, mode);
}

int GEMM()(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, REAL alpha, const REAL *a,
           size_t lda, const REAL *b, size_t ldb, REAL beta, REAL *c, size_t ldc, size_t threads) {
  const at_wanted wanted = {m, n, k, threads, at_transposed_of(transa, transb)};
  return at_gemms[at_choose(&wanted)](transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, threads);
}

const char *GEMM(_algorithm_for)(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, size_t threads) {
  const at_wanted wanted = {m, n, k, threads, at_transposed_of(transa, transb)};
  return at_names[at_choose(&wanted)](m, n, k, threads);
}

const char *GEMM(_algorithm)(size_t m, size_t n, size_t k, size_t threads) {
  return GEMM(_algorithm_for)(FASTMM_NO_TRANSPOSE, FASTMM_NO_TRANSPOSE, m, n, k, threads);
}

#ifdef FASTMM_IS_BLAS

/*
 * The same by an algorithm also where the BLAS is faster, the first one then, so that every product can be tested (blas/compute.c). By
 * the BLAS only where there is no algorithm.
 */
static int at_choose_always(const at_wanted *p) {
  const int number = at_choose(p);
  return number == 0 && AT_ALGORITHMS > 1 ? 1 : number;
}

int GEMM(_always)(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k, REAL alpha, const REAL *a,
                  size_t lda, const REAL *b, size_t ldb, REAL beta, REAL *c, size_t ldc, size_t threads) {
  const at_wanted wanted = {m, n, k, threads, at_transposed_of(transa, transb)};
  return at_gemms[at_choose_always(&wanted)](transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, threads);
}

const char *GEMM(_always_algorithm_for)(fastmm_transpose transa, fastmm_transpose transb, size_t m, size_t n, size_t k,
                                        size_t threads) {
  const at_wanted wanted = {m, n, k, threads, at_transposed_of(transa, transb)};
  return at_names[at_choose_always(&wanted)](m, n, k, threads);
}

#endif
