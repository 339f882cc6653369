#include "take.h"
#include "checks.h"
#include "compute.h"
#include "pool.h"
#include "settings.h"
#include "thread_count.h"

/* What a product leaves behind for the next one is given back so many seconds after the last one. */
static const double memory_seconds = 1;

static fastmm_reason take(const fastmm_product *p, const fastmm_target *target, fastmm_taken *taken) {
  const fastmm_settings *settings = fastmm_get_settings();
  int is_pinned;
  if (target->is_wide) return FASTMM_WIDE;
  if (fastmm_wrong_parameter(p) != 0) return FASTMM_INVALID;
  taken->threads = fastmm_thread_count(target, &is_pinned);
  if (p->m == 0 || p->n == 0 || p->k == 0 || p->alpha == 0) return FASTMM_EMPTY;
  if (settings->mode == FASTMM_MODE_OFF) return FASTMM_OFF;
  const int always = settings->mode == FASTMM_MODE_ALWAYS;
  if (always && p->m == 1 && p->n == 1 && p->k == 1) return FASTMM_SMALL;
  const fastmm_row_major r = fastmm_in_row_major(p);
  taken->algorithm = fastmm_algorithm_for(&r, taken->threads, always);
  if (taken->algorithm == NULL) return FASTMM_SMALL;
  if (is_pinned) return FASTMM_PINNED;
  const fastmm_reason reason = fastmm_check_values(&r, taken->threads);
  if (reason != FASTMM_NO_REASON) return reason;
  const fastmm_reason refused = fastmm_compute(&r, taken->threads, always);
  if (refused == FASTMM_NO_REASON) fastmm_pool_later(FASTMM_RELEASE_MEMORY, memory_seconds);
  return refused;
}

fastmm_taken fastmm_take(const fastmm_product *p, const fastmm_target *target) {
  fastmm_taken taken = {.threads = 1};
  taken.reason = take(p, target, &taken);
  if (taken.reason != FASTMM_NO_REASON) taken.algorithm = 0;
  return taken;
}
