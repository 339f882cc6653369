/*
 * A program that calls a BLAS in every way there is, and checks what comes back. It is linked with libfastmm_blas.so and then with
 * plain_blas.c. Exits with 1 if anything is wrong.
 *   calls random COUNT    random shapes, strides, transpositions, factors through every function, against sums in double
 *   calls values          what an algorithm must not compute goes to the BLAS, and what it may is taken
 *   calls threads         eight threads at once get what one gets alone, to the bit
 *   calls fork            a child goes on
 *   calls fork-inside COUNT    so it does when other threads are in the middle of products
 *   calls idle            memory is given back when nothing has been multiplied for a while
 *   calls refuse          memory, or a thread, is refused at every request in turn
 */
#define _GNU_SOURCE
#include "symbols.h"
#include <dlfcn.h>
#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef ALONE
/* Without any BLAS behind the library. */
static int first_calls(void) { return 0; }
#else
int first_calls(void);
#endif

typedef int32_t integer_32;
typedef int64_t integer_64;
typedef float real_s;
typedef double real_d;

static int checks, failures;
static void check(int holds, const char *what) {
  checks++;
  if (holds) return;
  failures++;
  printf("wrong: %s\n", what);
}

static unsigned long long state = 1;
static double random_number(void) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(state >> 11) * 0x1p-52 - 1;
}
static size_t below(size_t n) { return (size_t)((random_number() + 1) / 2 * (double)n); }

/* A product in words that all functions share; in double, whatever the type is. */
typedef struct {
  int column, ta, tb;
  size_t m, n, k, lda, ldb, ldc;
  double alpha, beta;
  void *a, *b, *c;
} call;

#define DECLARE_CBLAS(letter, width, name) \
  void name(int, int, int, integer_##width, integer_##width, integer_##width, real_##letter, const real_##letter *, integer_##width, \
            const real_##letter *, integer_##width, real_##letter, real_##letter *, integer_##width); \
  static void call_##name(const call *p) { \
    name(p->column ? 102 : 101, 111 + p->ta, 111 + p->tb, p->m, p->n, p->k, p->alpha, p->a, p->lda, p->b, p->ldb, p->beta, p->c, p->ldc); \
  }
#define DECLARE_FORTRAN(letter, width, name) \
  void name(const char *, const char *, const integer_##width *, const integer_##width *, const integer_##width *, const real_##letter *, \
            const real_##letter *, const integer_##width *, const real_##letter *, const integer_##width *, const real_##letter *, \
            real_##letter *, const integer_##width *); \
  static void call_##name(const call *p) { \
    const integer_##width m = p->m, n = p->n, k = p->k, lda = p->lda, ldb = p->ldb, ldc = p->ldc; \
    const real_##letter alpha = p->alpha, beta = p->beta; \
    name(&"NtC"[p->ta], &"nTc"[p->tb], &m, &n, &k, &alpha, p->a, &lda, p->b, &ldb, &beta, p->c, &ldc); \
  }
FASTMM_SYMBOLS(DECLARE_CBLAS, DECLARE_FORTRAN)

typedef struct {
  const char *name;
  void (*call)(const call *);
  int is_double, is_fortran;
} way;
enum { IS_DOUBLE_s = 0, IS_DOUBLE_d = 1 };
#define WAY_CBLAS(letter, width, name) {#name, call_##name, IS_DOUBLE_##letter, 0},
#define WAY_FORTRAN(letter, width, name) {#name, call_##name, IS_DOUBLE_##letter, 1},
static const way ways[] = {FASTMM_SYMBOLS(WAY_CBLAS, WAY_FORTRAN)};
enum { WAYS = sizeof ways / sizeof *ways };

static double get(const void *x, size_t i, int is_double) { return is_double ? ((const double *)x)[i] : ((const float *)x)[i]; }
static void set(void *x, size_t i, int is_double, double value) {
  if (is_double) ((double *)x)[i] = value;
  else ((float *)x)[i] = (float)value;
}

/* Where element (i, j) is. */
static size_t at(int column, size_t i, size_t j, size_t stride) { return column ? i + j * stride : i * stride + j; }

static void *filled(size_t count, int is_double) {
  void *x = malloc(count * (is_double ? 8 : 4) + 1);
  if (x == NULL) exit(2);
  for (size_t i = 0; i < count; i++) set(x, i, is_double, random_number());
  return x;
}

static void *copied(const void *x, size_t bytes) {
  void *copy = malloc(bytes + 1);
  if (copy == NULL) exit(2);
  return memcpy(copy, x, bytes);
}

typedef struct {
  call call;
  const way *way;
  void *before;
  size_t elements;
} product;

static size_t stored(size_t lines, size_t width, size_t stride) { return lines == 0 ? 0 : (lines - 1) * stride + width; }

/* Operands that end where their memory ends, so that a sanitizer sees a read too far. */
static product make(const way *w, int column, int ta, int tb, size_t m, size_t n, size_t k, double alpha, double beta, size_t padding) {
  if (w->is_fortran) column = 1;
  const size_t rows_a = ta ? k : m, columns_a = ta ? m : k, rows_b = tb ? n : k, columns_b = tb ? k : n;
  const size_t width_a = column ? rows_a : columns_a, width_b = column ? rows_b : columns_b, width_c = column ? m : n;
  call p = {column, ta, tb, m, n, k, (width_a > 0 ? width_a : 1) + padding, (width_b > 0 ? width_b : 1) + padding,
            (width_c > 0 ? width_c : 1) + padding, alpha, beta, 0, 0, 0};
  const size_t elements = stored(column ? n : m, width_c, p.ldc);
  p.a = filled(stored(column ? columns_a : rows_a, width_a, p.lda), w->is_double);
  p.b = filled(stored(column ? columns_b : rows_b, width_b, p.ldb), w->is_double);
  p.c = filled(elements, w->is_double);
  return (product){p, w, copied(p.c, elements * (w->is_double ? 8 : 4)), elements};
}

static void give_back(product *p) {
  free(p->call.a);
  free(p->call.b);
  free(p->call.c);
  free(p->before);
}

/* Compares C with sums in double, and everything between its lines with what was there. */
static int is_right(const product *p) {
  const call *c = &p->call;
  const int d = p->way->is_double;
  const double epsilon = d ? DBL_EPSILON : FLT_EPSILON;
  char *is_element = calloc(p->elements + 1, 1);
  if (is_element == NULL) exit(2);
  int right = 1;
  for (size_t i = 0; i < c->m; i++)
    for (size_t j = 0; j < c->n; j++) {
      const size_t place = at(c->column, i, j, c->ldc);
      const double old = get(p->before, place, d);
      double sum = 0;
      for (size_t l = 0; l < c->k; l++)
        sum += get(c->a, c->ta ? at(c->column, l, i, c->lda) : at(c->column, i, l, c->lda), d) *
               get(c->b, c->tb ? at(c->column, j, l, c->ldb) : at(c->column, l, j, c->ldb), d);
      const double wanted = c->alpha * sum + (c->beta == 0 ? 0 : c->beta * old);
      const double allowed = epsilon * (40 * fabs(c->alpha) * (double)(c->k + 8) + (c->beta == 0 ? 0 : 4 * fabs(c->beta * old)));
      const double got = get(c->c, place, d);
      /* What is infinite or NaN in C stays so where it is, and nowhere else. */
      right &= isnan(wanted) ? isnan(got) : isinf(wanted) ? got == wanted : fabs(got - wanted) <= allowed;
      is_element[place] = 1;
    }
  for (size_t i = 0; i < p->elements; i++)
    if (!is_element[i]) right &= get(c->c, i, d) == get(p->before, i, d);
  free(is_element);
  return right;
}

static void describe(const product *p, char *text, size_t size) {
  const call *c = &p->call;
  snprintf(text, size, "%s column %d ta %d tb %d m %zu n %zu k %zu ld %zu %zu %zu alpha %g beta %g", p->way->name, c->column, c->ta, c->tb, c->m,
           c->n, c->k, c->lda, c->ldb, c->ldc, c->alpha, c->beta);
}

static void call_and_check(product *p) {
  char text[256];
  describe(p, text, sizeof text);
  feclearexcept(FE_ALL_EXCEPT);
  p->way->call(&p->call);
  const int raised = fetestexcept(FE_INVALID | FE_OVERFLOW | FE_DIVBYZERO);
  check(is_right(p), text);
  /* NumPy warns of these. */
  if (raised != 0) check(0, "no floating-point exception is left behind");
}

static void random_calls(int count) {
  static const double factors[] = {0, 1, -1, 2.5, 1};
  for (int i = 0; i < count; i++) {
    /* Mostly small, some with an edge beyond a block. */
    const size_t most = i % 5 == 0 ? 130 : 40;
    product p = make(&ways[i % WAYS], (int)below(2), (int)below(3), (int)below(3), below(most), below(most), below(most), factors[below(5)],
                     factors[below(5)], below(2) * below(9));
    if (p.call.beta == 0) {
      /* C is not read then. */
      for (size_t r = 0; r < p.call.m; r++)
        for (size_t c = 0; c < p.call.n; c++) set(p.call.c, at(p.call.column, r, c, p.call.ldc), p.way->is_double, NAN);
    }
    call_and_check(&p);
    give_back(&p);
  }
}

enum { SIZE = 128 };

/* C is added to, element by element, whatever is in it. */
static void added_to(const way *w, double beta) {
  const double large = w->is_double ? 1e308 : 3e38, values[] = {NAN, INFINITY, -INFINITY, large, -large};
  product p = make(w, w->is_fortran, 0, 0, SIZE, SIZE + 3, SIZE + 1, 1, beta, 1);
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    const size_t place = at(p.call.column, 11 * i + 1, 23 * i + 2, p.call.ldc);
    set(p.call.c, place, w->is_double, values[i]);
    set(p.before, place, w->is_double, values[i]);
  }
  const int before = first_calls();
  call_and_check(&p);
  check(first_calls() == before, "a product is taken whatever is in C");
  give_back(&p);
}

/* Calls with one element of one operand changed. Returns whether the BLAS computed it. */
static int goes_on(const way *w, int operand, size_t from, size_t step, size_t count, double value, double alpha, double beta) {
  product p = make(w, 0, 0, 0, SIZE, SIZE, SIZE, alpha, beta, 0);
  void *x = operand == 0 ? p.call.a : operand == 1 ? p.call.b : p.call.c;
  for (size_t i = 0; i < count; i++) set(x, from + i * step, w->is_double, value);
  const int before = first_calls();
  w->call(&p.call);
  const int passed = first_calls() - before;
  check(passed <= 1, "one call is passed on once");
  give_back(&p);
  return passed == 1;
}

static void values(void) {
  for (int i = 0; i < WAYS; i++) {
    const way *w = &ways[i];
    const double large = w->is_double ? 1e300 : 1e34, tiny = w->is_double ? 1e-300 : 1e-36;
    char text[128];
#define ROW_OF_A 0, at(w->is_fortran, 3, 0, SIZE), at(w->is_fortran, 0, 1, SIZE), SIZE
#define COLUMN_OF_B 1, at(w->is_fortran, 0, 3, SIZE), at(w->is_fortran, 1, 0, SIZE), SIZE
#define EXPECT(wanted, what, ...) \
  snprintf(text, sizeof text, "%s: " what, w->name); \
  check(goes_on(w, __VA_ARGS__) == wanted, text)
    EXPECT(0, "an ordinary product is taken", 0, 0, 1, 0, 0, 1, 0);
    added_to(w, 1);
    added_to(w, 0.5);
    EXPECT(0, "a row may be twice as large", ROW_OF_A, 2, 1, 0);
    EXPECT(1, "NaN in A", 0, SIZE * SIZE - 1, 1, 1, NAN, 1, 0);
    EXPECT(1, "infinity in B", 1, 5, 1, 1, -INFINITY, 1, 1);
    EXPECT(1, "infinite alpha", 0, 0, 1, 0, 0, INFINITY, 0);
    EXPECT(1, "sums that may overflow", 1, SIZE * SIZE - 1, 1, 1, large, 1, 0);
    EXPECT(1, "a row of zeros in A", ROW_OF_A, 0, 1, 0);
    EXPECT(1, "a column of zeros in B", COLUMN_OF_B, 0, 1, 0);
    EXPECT(1, "a small row of A", ROW_OF_A, 1e-3, 1, 0);
    EXPECT(1, "a large row of A", ROW_OF_A, 1e3, 1, 0);
    EXPECT(1, "tiny operands", 0, 0, 1, SIZE * SIZE, tiny, 1, 0);
    EXPECT(1, "nothing to multiply", 0, 0, 1, 0, 0, 0, 1);
    /* A large column of A that meets a small row of B, on both sides of the middle. */
    product p = make(w, w->is_fortran, 0, 0, SIZE, SIZE, SIZE, 1, 0, 0);
    for (size_t j = 0; j < SIZE; j++) {
      for (size_t r = 0; r < SIZE; r++) {
        const double scale = j < SIZE / 2 ? 64 : 1.0 / 64;
        const size_t in_a = at(p.call.column, r, j, SIZE), in_b = at(p.call.column, j, r, SIZE);
        set(p.call.a, in_a, w->is_double, get(p.call.a, in_a, w->is_double) * scale);
        set(p.call.b, in_b, w->is_double, get(p.call.b, in_b, w->is_double) / scale);
      }
    }
    const int before = first_calls();
    w->call(&p.call);
    snprintf(text, sizeof text, "%s: large columns that meet small rows", w->name);
    check(first_calls() == before + 1, text);
    /* Wrong arguments are for the BLAS to report. */
    memcpy(p.before, p.call.c, p.elements * (w->is_double ? 8 : 4));
    p.call.lda = SIZE - 1;
    w->call(&p.call);
    snprintf(text, sizeof text, "%s: a leading dimension that is too small", w->name);
    check(first_calls() == before + 2 && memcmp(p.before, p.call.c, p.elements * (w->is_double ? 8 : 4)) == 0, text);
    give_back(&p);
  }
}

static const way *const some[] = {&ways[0], &ways[FASTMM_SYMBOL_scipy_cblas_dgemm64_], &ways[FASTMM_SYMBOL_sgemm_], &ways[FASTMM_SYMBOL_dgemm_64_]};
enum { SOME = sizeof some / sizeof *some };

static product shared_products[SOME];

static void *one_of_eight(void *argument) {
  for (int round = 0; round < 6; round++) {
    product p = shared_products[((size_t)argument + round) % SOME];
    const size_t bytes = p.elements * (p.way->is_double ? 8 : 4);
    call c = p.call;
    c.c = malloc(bytes);
    if (c.c == NULL) exit(2);
    memset(c.c, 0, bytes);
    p.way->call(&c);
    if (memcmp(c.c, p.call.c, bytes) != 0) __atomic_store_n(&failures, failures + 1, __ATOMIC_RELAXED);
    free(c.c);
  }
  return NULL;
}

static void threads(void) {
  pthread_t ids[8];
  for (int i = 0; i < SOME; i++) {
    shared_products[i] = make(some[i], 0, 0, i % 2, 200, 210, 190, 1, 0, 0);
    call_and_check(&shared_products[i]);
  }
  for (size_t i = 0; i < 8; i++)
    if (pthread_create(&ids[i], NULL, one_of_eight, (void *)i) != 0) exit(2);
  for (size_t i = 0; i < 8; i++) pthread_join(ids[i], NULL);
  for (int i = 0; i < SOME; i++) give_back(&shared_products[i]);
  check(first_calls() == 0, "nothing was passed on");
}

static void some_products(void) {
  for (int i = 0; i < SOME; i++) {
    product p = make(some[i], 0, 0, 0, 150, 140, 160, 1, 1, 3);
    call_and_check(&p);
    give_back(&p);
  }
}

/* A figure that the system has of this process. */
static int status_of(const char *format) {
  char line[256];
  int value = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL) sscanf(line, format, &value);
  if (file != NULL) fclose(file);
  return value;
}
static int thread_count(void) { return status_of("Threads: %d"); }

static void idle(void) {
  product p = make(some[0], 0, 0, 0, 700, 700, 700, 1, 0, 0);
  const int before = status_of("VmRSS: %d kB");
  p.way->call(&p.call);
  const int after = status_of("VmRSS: %d kB");
  /* Two seconds at most, and some for a busy machine. */
  int later = after;
  for (int tenths = 0; tenths < 100 && later > (before + after) / 2; tenths++) {
    usleep(100000);
    later = status_of("VmRSS: %d kB");
  }
  check(after > before + 2048, "a product takes memory");
  check(later <= (before + after) / 2, "it is given back");
  check(first_calls() == 0, "nothing was passed on");
  give_back(&p);
}

static void forks(void) {
  const int before = thread_count();
  some_products();
  check(thread_count() == before + 1, "one thread beside the caller's");
  for (int i = 0; i < 3; i++) {
    const pid_t child = fork();
    if (child == 0) {
      const int alone = thread_count();
      some_products();
      check(alone == before && thread_count() == before + 1, "a child has its own thread");
      _exit(failures > 0);
    }
    int status;
    check(child > 0 && waitpid(child, &status, 0) == child && status == 0, "the child ends well");
    some_products();
  }
  check(first_calls() == 0, "nothing was passed on");
}

static int is_over;

static void *multiply_on(void *argument) {
  const product *p = argument;
  const size_t bytes = p->elements * (p->way->is_double ? 8 : 4);
  call c = p->call;
  c.c = calloc(1, bytes);
  if (c.c == NULL) exit(2);
  while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
    p->way->call(&c);
    if (memcmp(c.c, p->call.c, bytes) != 0) __atomic_store_n(&failures, failures + 1, __ATOMIC_RELAXED);
  }
  free(c.c);
  return NULL;
}

static void forks_inside(int count) {
  enum { THREADS = 2 };
  pthread_t ids[THREADS];
  product products[THREADS];
  for (int i = 0; i < THREADS; i++) {
    products[i] = make(some[i], 0, 0, 0, 220, 230, 210, 1, 0, 0);
    call_and_check(&products[i]);
  }
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&ids[i], NULL, multiply_on, &products[i]) != 0) exit(2);
  for (int i = 0; i < count; i++) {
    const pid_t child = fork();
    if (child == 0) {
      /* One that waits for a thread that it does not have is ended. */
      alarm(30);
      some_products();
      _exit(failures > 0);
    }
    int status;
    check(child > 0 && waitpid(child, &status, 0) == child && status == 0, "the child ends well");
  }
  __atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < THREADS; i++) {
    pthread_join(ids[i], NULL);
    give_back(&products[i]);
  }
  check(first_calls() == 0, "nothing was passed on");
}

/* Allocations while a product is computed; the one with this number is refused. */
static long allocations, refused;
static int is_computing;
#ifdef REFUSE
static int is_refused(void) {
  if (!__atomic_load_n(&is_computing, __ATOMIC_RELAXED)) return 0;
  if (__atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED) != refused) return 0;
  errno = ENOMEM;
  return 1;
}
/* A thread takes memory from the system itself. */
int pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*work)(void *), void *argument) {
  int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  if (is_refused()) return EAGAIN;
  *(void **)&create = dlsym(RTLD_NEXT, "pthread_create");
  return create(id, attributes, work, argument);
}
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_memalign(size_t, size_t);
void *malloc(size_t bytes) { return is_refused() ? NULL : __libc_malloc(bytes); }
void *calloc(size_t count, size_t bytes) { return is_refused() ? NULL : __libc_calloc(count, bytes); }
int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  *memory = is_refused() ? NULL : __libc_memalign(alignment, bytes);
  return *memory == NULL ? ENOMEM : 0;
}
#endif

void fastmm_release(void);

/* What the children, one for each number, found out. */
typedef struct {
  long allocations;
  int failures, passed_on;
} found;

static void refuse_one(long number, found *f) {
  refused = number;
  /* What only the first call of a function needs, and what each does. */
  for (int i = 0; i < 2 * SOME; i++) {
    product p = make(some[i % SOME], 0, 0, 0, 70, 66, 68, 1, 1, 3);
    fastmm_release();
    __atomic_store_n(&is_computing, 1, __ATOMIC_RELAXED);
    p.way->call(&p.call);
    __atomic_store_n(&is_computing, 0, __ATOMIC_RELAXED);
    f->failures += !is_right(&p);
    give_back(&p);
  }
  f->allocations = allocations;
  f->passed_on += first_calls();
}

static void refuse(void) {
  found *f = mmap(NULL, sizeof *f, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (f == MAP_FAILED) exit(2);
  long number = 0;
  /* Refusals change how many there are, so that the last number is the one that is not reached. */
  do {
    number++;
    const pid_t child = fork();
    if (child == 0) {
      refuse_one(number, f);
      _exit(0);
    }
    int status;
    check(child > 0 && waitpid(child, &status, 0) == child && status == 0, "a process without memory goes on");
    check(f->failures == 0, "the results are right without memory");
  } while (f->allocations >= number && number < 1000);
  check(number > 2 * SOME && number < 1000, "memory was refused");
#ifndef ALONE
  check(f->passed_on > SOME, "without memory the BLAS computes");
#endif
}

int main(int count, char **arguments) {
  const char *what = count > 1 ? arguments[1] : "";
  if (strcmp(what, "random") == 0) random_calls(atoi(arguments[2]));
  else if (strcmp(what, "values") == 0) values();
  else if (strcmp(what, "threads") == 0) threads();
  else if (strcmp(what, "fork") == 0) forks();
  else if (strcmp(what, "fork-inside") == 0) forks_inside(atoi(arguments[2]));
  else if (strcmp(what, "idle") == 0) idle();
  else if (strcmp(what, "refuse") == 0) refuse();
  else return 2;
  printf("%d checks, %d failed, %d passed on\n", checks, failures, first_calls());
  return failures > 0;
}
