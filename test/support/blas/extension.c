/* A library as Python loads it: linked with a BLAS of its own, out of sight of the others. COUNTER is its BLAS's (plain_blas.c). */
void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
int COUNTER(void);

enum { SIZE = 256 };
static float a[SIZE * SIZE], b[SIZE * SIZE], c[SIZE * SIZE];

/* Multiplies so many times; tells how often its BLAS was called meanwhile, or -1 if a result is wrong. */
int multiply_here(int times, int with_nan) {
  const int before = COUNTER();
  for (int i = 0; i < SIZE * SIZE; i++) a[i] = 1 + (i * 7 % 5) / 8.0f, b[i] = i % SIZE == i / SIZE;
  if (with_nan) a[0] = __builtin_nanf("");
  for (int t = 0; t < times; t++) cblas_sgemm(101, 111, 111, SIZE, SIZE, SIZE, 1, a, SIZE, b, SIZE, 0, c, SIZE);
  for (int i = 0; i < SIZE * SIZE; i++) {
    const float error = c[i] - a[i];
    if (with_nan ? (i < SIZE) != (error != error) : error > 1e-4f || error < -1e-4f) return -1;
  }
  return COUNTER() - before;
}
