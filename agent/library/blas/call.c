#include "call.h"
#include "invoke.h"
#include "record.h"
#include "settings.h"
#include <stdlib.h>

/* Whether this thread is in a BLAS that a call was passed on to: what comes from there is part of that call. */
static __thread int is_inside __attribute__((tls_model("initial-exec")));

/*
 * Times the BLAS on a product that has been computed, in a C of its own. It finds the operands in the caches as far as they fit, which
 * the product before it may not have.
 */
static void sample(const fastmm_call *call, double seconds) {
  const fastmm_product *p = call->product;
  const size_t elements = (size_t)p->m * (size_t)p->n;
  void *c = calloc(elements, p->is_double ? sizeof(double) : sizeof(float));
  if (c == NULL) return;
  /* So that the system does not hand out its pages while the time is taken. */
  for (size_t i = 0; i < elements * (p->is_double ? sizeof(double) : sizeof(float)); i += 4096) ((volatile char *)c)[i] = 0;
  is_inside = 1;
  const double start = fastmm_now();
  fastmm_invoke(p, &call->target, c);
  const double blas_seconds = fastmm_now() - start;
  is_inside = 0;
  free(c);
  fastmm_record_sample(p, &call->target, &call->taken, seconds, blas_seconds);
}

static void end_taken(const fastmm_call *call) {
  const int every = fastmm_get_settings()->sample;
  uint64_t calls;
  const double seconds = fastmm_record_product(call->product, &call->target, &call->taken, call->start, &calls);
  /* The first one of a shape needs memory from the system; it does not count. */
  if (every > 0 && calls > 1 && call->target.function != NULL && (calls == 2 || calls % (uint64_t)every == 0)) sample(call, seconds);
}

static void end_passed_on(const fastmm_call *call) {
  uint64_t calls;
  fastmm_record_product(call->product, &call->target, &call->taken, call->start, &calls);
}

int fastmm_begin_call(fastmm_call *call, const fastmm_product *product, fastmm_target target) {
  const fastmm_settings *settings = fastmm_get_settings();
  *call = (fastmm_call){.product = product, .target = target};
  if (is_inside) return 0;
  if (settings->observes) call->start = fastmm_now();
  call->taken = fastmm_take(product, &call->target);
  if (call->taken.reason == FASTMM_NO_REASON) {
    end_taken(call);
    return 1;
  }
  /* The BLAS may report an error by leaving this call for good (R does), so that its end may not be seen. */
  if (call->taken.reason == FASTMM_INVALID) {
    end_passed_on(call);
    return 0;
  }
  is_inside = 1;
  call->is_outermost = 1;
  return 0;
}

void fastmm_end_call(fastmm_call *call) {
  if (!call->is_outermost) return;
  is_inside = 0;
  end_passed_on(call);
}

int fastmm_begin_watched(double *start) {
  fastmm_get_settings();
  if (is_inside) return 0;
  *start = fastmm_now();
  is_inside = 1;
  return 1;
}

void fastmm_end_watched(int number, double start, int is_outermost) {
  if (!is_outermost) return;
  is_inside = 0;
  fastmm_record_other(number, start);
}
