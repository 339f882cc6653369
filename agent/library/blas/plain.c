#include "compute.h"
#include "names.h"
#include "product.h"
#include "thread_count.h"
#include <stdio.h>
#include <string.h>

#define REAL float
#define PLAIN(name) f32_##name
#include "plain_type.h"

#define REAL double
#define PLAIN(name) f64_##name
#include "plain_type.h"

/* What the standard's XERBLA says; it would end the program, which the libraries that people use do not. */
static void report(const fastmm_product *p, int parameter) {
  if (p->is_cblas) fprintf(stderr, "Parameter %d to routine %s was incorrect\n", parameter, fastmm_symbol_name(p->symbol));
  else fprintf(stderr, " ** On entry to %s parameter number %2d had an illegal value\n", p->is_double ? "DGEMM" : "SGEMM", parameter);
}

void fastmm_plain(const fastmm_product *p) {
  const int wrong = fastmm_wrong_parameter(p);
  if (wrong != 0) {
    report(p, wrong);
    return;
  }
  if (p->m == 0 || p->n == 0) return;
  const fastmm_row_major r = fastmm_in_row_major(p);
  int is_pinned;
  if (p->k > 0 && p->alpha != 0 && fastmm_compute_plain(&r, fastmm_thread_count(NULL, &is_pinned))) return;
  (p->is_double ? f64_by_elements : f32_by_elements)(&r);
}
