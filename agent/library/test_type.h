/*
 * The tests of one algorithm for one element type; test_cases.h includes this with
 *   REAL, EPSILON          the type and its unit of rounding
 *   GEMM(suffix)           the functions' names
 *   CROSSOVER              from which size on the algorithm is used
 *   DEPTH_BLOCKS           blocks of A along a row
 *   ERROR_GROWTH, ROUNDINGS  E and q of the error bound below
 *   TEST(name)             a name of its own
 */

/* A rows x columns matrix, stored transposed or not, with PADDING more elements in a row and GUARD ones around it. */
typedef struct {
  REAL *memory, *data;
  size_t rows, columns, stride;
  fastmm_transpose transposed;
} TEST(matrix);

static size_t TEST(elements)(const TEST(matrix) *x) {
  return 2 * GUARD + x->stride * (x->transposed ? x->columns : x->rows);
}

static REAL *TEST(at)(const TEST(matrix) *x, size_t i, size_t j) {
  return x->data + (x->transposed ? j * x->stride + i : i * x->stride + j);
}

/* Every element random, or all of them `value`; around them `around`. */
static TEST(matrix) TEST(make)(size_t rows, size_t columns, fastmm_transpose transposed, double around) {
  TEST(matrix) x = {.rows = rows, .columns = columns, .transposed = transposed};
  x.stride = (transposed ? rows : columns) + PADDING;
  x.memory = malloc(TEST(elements)(&x) * sizeof(REAL));
  if (x.memory == NULL) {
    printf("no memory for the test's own matrices\n");
    exit(2);
  }
  x.data = x.memory + GUARD;
  for (size_t e = 0; e < TEST(elements)(&x); e++) x.memory[e] = (REAL)around;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) *TEST(at)(&x, i, j) = (REAL)random_number();
  return x;
}

/*
 * The largest error to accept of an element, all entries of A and B being in [-1, 1]: of the worst case, u E d (d + q) with
 * d the depth of a block product, E and q of the algorithm, the part that rounding errors of random sign make of
 * it, u E sqrt(d (d + q)), times 8 (Higham & Mary 2019).
 */
static double TEST(bound)(const product *p) {
  const double depth = ceil((double)p->k / DEPTH_BLOCKS);
  const double algorithm = ERROR_GROWTH * sqrt(depth * (depth + ROUNDINGS));
  return 8 * EPSILON * (fabs(p->alpha) * fmax(algorithm, (double)p->k) + fabs(p->beta));
}

static int TEST(call)(const product *p, const TEST(matrix) *a, const TEST(matrix) *b, const TEST(matrix) *c) {
  const REAL alpha = (REAL)p->alpha, beta = (REAL)p->beta;
  int status;
  if (p->way == AUTOMATIC)
    return GEMM()(p->transa, p->transb, p->m, p->n, p->k, alpha, a->data, a->stride, b->data, b->stride, beta, c->data,
                  c->stride, p->threads);
  if (p->way == WITH_WORKSPACE) {
    const size_t bytes = GEMM(_workspace_bytes)(p->m, p->n, p->k, p->threads);
    void *workspace;
    if (posix_memalign(&workspace, FASTMM_ALIGNMENT, bytes) != 0) return FASTMM_OUT_OF_MEMORY;
    /* As any earlier use may leave it: numbers whose sums or products overflow. */
    memset(workspace, 0x7f, bytes);
    status = GEMM(_with_workspace)(p->transa, p->transb, p->m, p->n, p->k, alpha, a->data, a->stride, b->data, b->stride,
                                   beta, c->data, c->stride, p->threads, workspace, bytes);
    free(workspace);
    return status;
  }
  GEMM(_b) *packed;
  status = GEMM(_pack_b)(p->transb, p->n, p->k, b->data, b->stride, p->threads, &packed);
  if (status != FASTMM_OK) return status;
  status = GEMM(_packed_b)(p->transa, p->m, alpha, a->data, a->stride, packed, beta, c->data, c->stride, p->threads);
  GEMM(_free_b)(packed);
  return status;
}

/* The operands of a product, and the sums over k of the rows of C that are compared, in higher precision. */
typedef struct {
  TEST(matrix) a, b;
  size_t rows;
  double *sums;
} TEST(operands);

/* The row of C that is compared as number r. */
static size_t TEST(compared_row)(const product *p, size_t rows, size_t r) {
  return rows == 1 ? 0 : r * (p->m - 1) / (rows - 1);
}

static TEST(operands) TEST(make_operands)(const product *p) {
  TEST(operands) o;
  /* What lies around A and B must not count. */
  o.a = TEST(make)(p->m, p->k, p->transa, NAN);
  o.b = TEST(make)(p->k, p->n, p->transb, NAN);
  const int compares_all = (double)p->m * p->n * p->k <= COMPARED_FULLY;
  o.rows = compares_all ? p->m : smaller(p->m, COMPARED_ROWS);
  o.sums = malloc(o.rows * p->n * sizeof *o.sums);
  if (o.sums == NULL) {
    printf("no memory for the test's own sums\n");
    exit(2);
  }
  for (size_t r = 0; r < o.rows; r++) {
    const size_t i = TEST(compared_row)(p, o.rows, r);
    for (size_t j = 0; j < p->n; j++) {
      double sum = 0;
      for (size_t l = 0; l < p->k; l++) sum += (double)*TEST(at)(&o.a, i, l) * *TEST(at)(&o.b, l, j);
      o.sums[r * p->n + j] = sum;
    }
  }
  return o;
}

static void TEST(free_operands)(TEST(operands) *o) {
  free(o->a.memory);
  free(o->b.memory);
  free(o->sums);
}

static void TEST(product)(const product *p, const TEST(operands) *o) {
  /* C must not be read where beta is 0. */
  TEST(matrix) before = TEST(make)(p->m, p->n, FASTMM_NO_TRANSPOSE, UNTOUCHED), c = before;
  c.memory = malloc(TEST(elements)(&c) * sizeof(REAL));
  c.data = c.memory + GUARD;
  for (size_t e = 0; e < TEST(elements)(&c); e++) c.memory[e] = before.memory[e];
  if (p->beta == 0)
    for (size_t i = 0; i < p->m; i++)
      for (size_t j = 0; j < p->n; j++) *TEST(at)(&c, i, j) = (REAL)NAN;

  char what[200];
  snprintf(what, sizeof what, "%zu-byte elements, %s, m %zu n %zu k %zu, transposed %d %d, alpha %g, beta %g, threads %zu",
           sizeof(REAL), way_names[p->way], p->m, p->n, p->k, p->transa, p->transb, p->alpha, p->beta, p->threads);
  feclearexcept(FE_ALL_EXCEPT);
  check(TEST(call)(p, &o->a, &o->b, &c) == FASTMM_OK, what);
  check(fetestexcept(FE_INVALID | FE_OVERFLOW | FE_DIVBYZERO) == 0, what);

  double worst = 0;
  for (size_t r = 0; r < o->rows; r++) {
    const size_t i = TEST(compared_row)(p, o->rows, r);
    for (size_t j = 0; j < p->n; j++) {
      const double sum = p->alpha * o->sums[r * p->n + j];
      const double expected = sum + (p->beta == 0 ? 0 : p->beta * *TEST(at)(&before, i, j));
      const double error = fabs(*TEST(at)(&c, i, j) - expected);
      /* Also a NaN counts. */
      if (!(error <= worst)) worst = error;
    }
  }
  check(worst <= TEST(bound)(p), what);

  int is_untouched = 1;
  for (size_t e = 0; e < TEST(elements)(&c); e++) {
    const int is_inside = e >= GUARD && e - GUARD < p->m * c.stride && (e - GUARD) % c.stride < p->n;
    if (!is_inside && c.memory[e] != (REAL)UNTOUCHED) is_untouched = 0;
  }
  check(is_untouched, what);
  free(before.memory);
  free(c.memory);
}

/* A product with the transposes of bits 0 (A) and 1 (B) of a number below TRANSPOSES. */
static product TEST(transposed)(product p, int x) {
  p.transa = x & 1 ? FASTMM_TRANSPOSE : FASTMM_NO_TRANSPOSE;
  p.transb = x & 2 ? FASTMM_TRANSPOSE : FASTMM_NO_TRANSPOSE;
  return p;
}

/* Ones, primes, tall, flat, deep, less than one block a level, whole blocks, several tiles; the algorithm and the fallback. */
static void TEST(small)(void) {
  static const size_t shapes[][3] = {{1, 1, 1},   {2, 3, 5},   {7, 13, 11},   {97, 2, 3},  {1, 131, 5},
                                     {3, 2, 149}, {64, 64, 64}, {130, 67, 201}, {19, 700, 8}};
  static const double scales[][2] = {{1, 0}, {1, 1}, {-1.5, 0.5}, {0, 2}, {0, 0}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
    for (int transposes = 0; transposes < TRANSPOSES; transposes++) {
      product p = TEST(transposed)((product){.m = shapes[s][0], .n = shapes[s][1], .k = shapes[s][2]}, transposes);
      TEST(operands) operands = TEST(make_operands)(&p);
      for (size_t x = 0; x < sizeof scales / sizeof *scales; x++)
        for (p.threads = 1; p.threads <= 2; p.threads++)
          for (p.way = 0; p.way < WAYS; p.way++) {
            p.alpha = scales[x][0];
            p.beta = scales[x][1];
            TEST(product)(&p, &operands);
          }
      TEST(free_operands)(&operands);
    }
  const product nothing_to_add = {.m = 5, .n = 7, .k = 0, .alpha = 1, .beta = 0.5, .threads = 1};
  TEST(operands) none = TEST(make_operands)(&nothing_to_add);
  TEST(product)(&nothing_to_add, &none);
  TEST(free_operands)(&none);
}

/* Just above the crossover, where the algorithm is chosen, and B really packed. */
static void TEST(large)(void) {
  if (CROSSOVER > LARGEST) {
    printf("not tested: the choice of the algorithm for %zu-byte elements, whose crossover is above %d\n", sizeof(REAL),
           LARGEST);
    return;
  }
  const size_t size = CROSSOVER;
  for (int transposes = 0; transposes < TRANSPOSES; transposes++) {
    product p = TEST(transposed)((product){.m = size + 7, .n = size + 5, .k = size + 3, .alpha = 1}, transposes);
    TEST(operands) operands = TEST(make_operands)(&p);
    for (p.threads = 1; p.threads <= 2; p.threads++)
      for (p.way = AUTOMATIC; p.way < WAYS; p.way += PACKED_B) {
        p.beta = p.threads - 1;
        TEST(product)(&p, &operands);
      }
    TEST(free_operands)(&operands);
  }
  check(GEMM(_packed_b_bytes)(CROSSOVER, CROSSOVER) > 0, "B is packed above the crossover");
}

/* Products at the same time, which take turns with the kept workspace, and one that frees it now and then. */
typedef struct {
  size_t size;
  const TEST(matrix) *a;
  const GEMM(_b) * b;
  REAL *c;
  int status;
} TEST(turns);

enum { TEST(turn_count) = 4 };

static void *TEST(take_turns)(void *argument) {
  TEST(turns) *t = argument;
  for (int turn = 0; turn < TEST(turn_count); turn++) {
    t->status |= GEMM(_packed_b)(FASTMM_NO_TRANSPOSE, t->size, 1, t->a->data, t->a->stride, t->b, 0, t->c, t->size, 1 + turn % 2);
    if (turn % 2 == 0) fastmm_release();
  }
  return NULL;
}

static void TEST(concurrent)(void) {
  /* Where the crossover is too large to be quick it is the fallback that is shared. */
  const size_t size = CROSSOVER <= 2048 ? CROSSOVER : 256;
  TEST(matrix) a = TEST(make)(size, size, FASTMM_NO_TRANSPOSE, 0);
  GEMM(_b) * b;
  pthread_t threads[2];
  TEST(turns) turns[2];
  check(GEMM(_pack_b)(FASTMM_NO_TRANSPOSE, size, size, a.data, a.stride, 1, &b) == FASTMM_OK, "packing a B that is shared");
  for (int i = 0; i < 2; i++) {
    turns[i] = (TEST(turns)){size, &a, b, malloc(size * size * sizeof(REAL)), FASTMM_OK};
    check(pthread_create(&threads[i], NULL, TEST(take_turns), &turns[i]) == 0, "a thread of the test");
  }
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < 2; i++) {
    check(turns[i].status == FASTMM_OK, "products at the same time");
    check(memcmp(turns[i].c, turns[0].c, size * size * sizeof(REAL)) == 0, "products at the same time agree");
  }
  for (int i = 0; i < 2; i++) free(turns[i].c);
  GEMM(_free_b)(b);
  free(a.memory);
}

static void TEST(refusals)(void) {
  REAL x[16] __attribute__((aligned(FASTMM_ALIGNMENT))) = {0};
  const fastmm_transpose no = FASTMM_NO_TRANSPOSE, yes = FASTMM_TRANSPOSE;
  const int invalid = FASTMM_INVALID_ARGUMENT;
  GEMM(_b) * packed;
  check(GEMM()(no, no, 0, 0, 0, 1, NULL, 1, NULL, 1, 0, NULL, 1, 1) == FASTMM_OK, "an empty product");
  check(GEMM()(no, no, 2, 2, 3, 1, x, 2, x, 2, 0, x, 2, 1) == invalid, "a leading dimension below the width of A");
  check(GEMM()(yes, no, 3, 2, 2, 1, x, 2, x, 2, 0, x, 2, 1) == invalid, "one below the width of a transposed A");
  check(GEMM()(no, yes, 2, 2, 3, 1, x, 3, x, 2, 0, x, 2, 1) == invalid, "one below the width of a transposed B");
  check(GEMM()(no, no, 2, 2, 2, 1, x, 2, x, 2, 0, x, 1, 1) == invalid, "one below the width of C");
  check(GEMM()(no, no, 2, 2, 2, 1, NULL, 2, x, 2, 0, x, 2, 1) == invalid, "no A");
  check(GEMM()(no, no, 2, 2, 2, 1, x, 2, x, 2, 0, x, 2, 0) == invalid, "no threads");
  check(GEMM()(no, no, 2, 2, 2, 1, x, 2, x, 2, 0, x, 2, FASTMM_MAX_THREADS + 1) == invalid, "too many threads");
  check(GEMM()(no, no, (size_t)1 << 40, 2, 2, 1, x, 2, x, 2, 0, x, 2, 1) == invalid, "more rows than an int counts");
  check(GEMM(_with_workspace)(no, no, 2, 2, 2, 1, x, 2, x, 2, 0, x, 2, 1, x, sizeof x) == invalid, "too little workspace");
  check(GEMM(_with_workspace)(no, no, 2, 2, 2, 1, x, 2, x, 2, 0, x, 2, 1, x + 1, (size_t)1 << 40) == invalid,
        "a workspace that is not aligned");
  check(GEMM(_pack_b)(no, 3, 2, x, 2, 1, &packed) == invalid, "a leading dimension below the width of a packed B");
  GEMM(_free_b)(NULL);
}

/* Bounds on the workspace: none makes a difference to the result, and with one that is too small the BLAS computes. */
static void TEST(bounds)(void) {
  static const double bounds[] = {0, 1, 0.3, 1e-9};
  const size_t size = CROSSOVER <= LARGEST / 2 ? CROSSOVER : 96, m = size + 7, n = 2 * size + 5, k = size + 3;
  const fastmm_transpose no = FASTMM_NO_TRANSPOSE;
  TEST(matrix) a = TEST(make)(m, k, no, 0), b = TEST(make)(k, n, no, 0);
  REAL *c[sizeof bounds / sizeof *bounds];
  size_t unbounded = 0;
  for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
    fastmm_bound_workspace(bounds[i]);
    const size_t bytes = GEMM(_workspace_bytes)(m, n, k, 1);
    void *workspace;
    c[i] = malloc(m * n * sizeof(REAL));
    if (c[i] == NULL || posix_memalign(&workspace, FASTMM_ALIGNMENT, bytes) != 0) {
      printf("no memory for the test's own matrices\n");
      exit(2);
    }
    check(GEMM(_with_workspace)(no, no, m, n, k, 1, a.data, a.stride, b.data, b.stride, 0, c[i], n, 1, workspace, bytes) == FASTMM_OK,
          "a product in a bounded workspace");
    check(memcmp(c[i], c[0], m * n * sizeof(REAL)) == 0, "the bound on the workspace makes no difference to the result");
    if (i == 0) unbounded = bytes;
    check(i < 2 || bytes < unbounded, "a small bound takes less workspace");
    check(GEMM()(no, no, m, n, k, 1, a.data, a.stride, b.data, b.stride, 0, c[i], n, 1) == FASTMM_OK, "a product within any bound");
    free(workspace);
  }
  fastmm_bound_workspace(FASTMM_WORKSPACE_TIMES);
  for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) free(c[i]);
  free(a.memory);
  free(b.memory);
}

static void TEST(all)(void) {
  TEST(small)();
  TEST(large)();
  TEST(concurrent)();
  TEST(bounds)();
  TEST(refusals)();
}

#undef REAL
#undef EPSILON
#undef GEMM
#undef CROSSOVER
#undef DEPTH_BLOCKS
#undef ERROR_GROWTH
#undef ROUNDINGS
#undef TEST
