#include "peak.h"
#include "clock.h"
#include "threads.h"
#include "vector.h"

/*
 * Independent chains x = x * a + b in registers, enough of them to hide the latency of a multiply-add (4 or 5 cycles on 2
 * pipes, 4 pipes on some ARM cores), the compiler contracting each into one instruction where there is one.
 */
#if AT_VECTOR_REGISTERS >= 32
#define CHAINS 24
#else
#define CHAINS 12
#endif

typedef float float_vector __attribute__((vector_size(AT_VECTOR_BYTES)));
typedef double double_vector __attribute__((vector_size(AT_VECTOR_BYTES)));

#define DEFINE_BURST(NAME, VECTOR, REAL)                                       \
  static __attribute__((noinline)) REAL NAME(size_t iterations) {             \
    VECTOR x[CHAINS], a = {0}, b = {0};                                        \
    a += (REAL)0.5;                                                            \
    b += (REAL)0.25;                                                           \
    _Pragma("GCC unroll 24") for (int i = 0; i < CHAINS; i++) x[i] = b + (REAL)i; \
    __asm__ volatile("" : "+m"(a), "+m"(b));                                   \
    VECTOR factor = a, summand = b;                                            \
    for (size_t l = 0; l < iterations; l++) {                                  \
      _Pragma("GCC unroll 24") for (int i = 0; i < CHAINS; i++) x[i] = x[i] * factor + summand; \
    }                                                                          \
    VECTOR sum = {0};                                                          \
    for (int i = 0; i < CHAINS; i++) sum += x[i];                              \
    return sum[0];                                                             \
  }

DEFINE_BURST(burst_f32, float_vector, float)
DEFINE_BURST(burst_f64, double_vector, double)

typedef struct {
  size_t element_bytes, iterations;
} work;

static void body(void *argument, size_t first, size_t last) {
  const work *w = argument;
  for (size_t i = first; i < last; i++) {
    double result = w->element_bytes == sizeof(float) ? burst_f32(w->iterations) : burst_f64(w->iterations);
    /* Keeps the compiler from leaving out a burst. */
    __asm__ volatile("" : : "m"(result));
  }
}

double at_peak_flops(size_t element_bytes, double seconds) {
  const int threads = at_threads_count();
  work w = {element_bytes, 10000};
  for (;;) {
    const double start = at_seconds();
    at_for_rows(NULL, threads, body, &w);
    const double elapsed = at_seconds() - start;
    if (elapsed >= seconds / 2)
      return 2.0 * CHAINS * (AT_VECTOR_BYTES / element_bytes) * w.iterations * threads / elapsed;
    w.iterations *= 2;
  }
}
