#include "call.h"
#include "record.h"
#include "settings.h"

/* Whether this thread is in a BLAS that a call was passed on to: what comes from there is part of that call. */
static __thread int is_inside __attribute__((tls_model("initial-exec")));

int fastmm_begin_call(fastmm_call *call, const fastmm_product *product, fastmm_target target) {
  const fastmm_settings *settings = fastmm_get_settings();
  *call = (fastmm_call){.product = product, .target = target};
  if (is_inside) return 0;
  if (settings->observes) call->start = fastmm_now();
  call->taken = fastmm_take(product, &call->target);
  if (call->taken.reason == FASTMM_NO_REASON) {
    fastmm_record_product(product, &call->target, &call->taken, call->start);
    return 1;
  }
  /* The BLAS may report an error by leaving this call for good (R does), so that its end may not be seen. */
  if (call->taken.reason == FASTMM_INVALID) {
    fastmm_record_product(product, &call->target, &call->taken, call->start);
    return 0;
  }
  is_inside = 1;
  call->is_outermost = 1;
  return 0;
}

void fastmm_end_call(fastmm_call *call) {
  if (!call->is_outermost) return;
  is_inside = 0;
  fastmm_record_product(call->product, &call->target, &call->taken, call->start);
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
