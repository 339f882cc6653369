#define _GNU_SOURCE
#include "report.h"
#include "names.h"
#include <stdio.h>
#include <stdlib.h>

enum { MOST_LINES = 40 };

static char letter_of(int transposition) { return transposition < 0 ? '?' : transposition ? 'T' : 'N'; }

/* Where it went, and why not elsewhere. */
static void describe_way(const fastmm_group *g, char *text, size_t size) {
  static const char *const reasons[] = FASTMM_REASON_NAMES;
  if (g->reason == FASTMM_NO_REASON) snprintf(text, size, "%s", g->algorithm);
  else snprintf(text, size, "%s (%s)", g->has_blas ? "BLAS" : "plain product, there is no BLAS", reasons[g->reason]);
}

static void describe(const fastmm_group *g, char *text, size_t size) {
  char way[128];
  describe_way(g, way, sizeof way);
  snprintf(text, size, "%s %s-major %c%c m %lld n %lld k %lld, threads %d: %s", fastmm_symbol_name(g->symbol),
           g->is_column_major < 0 ? "unknown" : g->is_column_major ? "column" : "row", letter_of(g->transa), letter_of(g->transb),
           (long long)g->m, (long long)g->n, (long long)g->k, g->threads, way);
}

void fastmm_report_call(const fastmm_count *one) {
  char text[512];
  describe(&one->group, text, sizeof text);
  fprintf(stderr, "fastmm: %s, %.6f s\n", text, one->seconds);
}

static int by_seconds(const void *a, const void *b) {
  const double x = ((const fastmm_count *)a)->seconds, y = ((const fastmm_count *)b)->seconds;
  return (x < y) - (x > y);
}

void fastmm_report(fastmm_record *record) {
  fastmm_count all = {.calls = record->left.calls, .seconds = record->left.seconds}, taken = {.calls = 0};
  for (size_t i = 0; i < record->groups; i++) {
    const fastmm_count *count = &record->counts[i];
    all.calls += count->calls;
    all.seconds += count->seconds;
    if (count->group.reason != FASTMM_NO_REASON) continue;
    taken.calls += count->calls;
    taken.seconds += count->seconds;
  }
  if (all.calls == 0) return;
  fprintf(stderr, "fastmm: %llu products in %.3f s: %llu taken in %.3f s, %llu passed on in %.3f s\n", (unsigned long long)all.calls,
          all.seconds, (unsigned long long)taken.calls, taken.seconds, (unsigned long long)(all.calls - taken.calls),
          all.seconds - taken.seconds);
  qsort(record->counts, record->groups, sizeof *record->counts, by_seconds);
  for (size_t i = 0; i < record->groups && i < MOST_LINES; i++) {
    char text[512];
    describe(&record->counts[i].group, text, sizeof text);
    const fastmm_count *count = &record->counts[i];
    fprintf(stderr, "fastmm: %8llu times %10.3f s  %s", (unsigned long long)count->calls, count->seconds, text);
    if (count->sampled > 0)
      fprintf(stderr, "; of %llu the BLAS took %.3f times as long", (unsigned long long)count->sampled, count->blas_seconds / count->sampled_seconds);
    fprintf(stderr, "\n");
  }
  if (record->groups > MOST_LINES) fprintf(stderr, "fastmm: and %zu other shapes\n", record->groups - MOST_LINES);
}
