/* What was called how often and how long, if anybody wants to know (FASTMM_VERBOSE, FASTMM_PROFILE). */
#ifndef FASTMM_RECORD_H
#define FASTMM_RECORD_H

#include "next.h"
#include "product.h"
#include "settings.h"
#include "symbols.h"
#include "take.h"
#include "watched.h"

/* Seconds of a clock that only goes forward. */
double fastmm_now(void);

/* Calls that are the same in all of this are counted together. */
typedef struct {
  int symbol, is_column_major, transa, transb;
  int64_t m, n, k;
  int threads, library;
  /* Whether there was a BLAS. */
  int has_blas;
  fastmm_reason reason;
  const char *algorithm;
} fastmm_group;

typedef struct {
  fastmm_group group;
  uint64_t calls;
  double seconds, least_seconds;
  /* Those that were also computed by the BLAS: how many, their time here, and there. */
  uint64_t sampled;
  double sampled_seconds, blas_seconds;
} fastmm_count;

enum { FASTMM_MOST_GROUPS = 4096 };

typedef struct {
  const fastmm_settings *settings;
  /* By fastmm_now, and seconds since 1970. */
  double start, started;
  size_t groups;
  fastmm_count counts[FASTMM_MOST_GROUPS];
  fastmm_count others[FASTMM_WATCHED_COUNT];
  /* Time of the BLAS for sampled products, which the program would not have had to wait for. */
  double sampling_seconds;
  /* What the table had no place for. */
  fastmm_count left;
} fastmm_record;

void fastmm_start_record(const fastmm_settings *settings);

/*
 * These return at once if nobody wants to know. The first one returns the time since the start, and sets *calls to how often such a product
 * has come so far, 0 if that is not counted.
 */
double fastmm_record_product(const fastmm_product *product, const fastmm_target *target, const fastmm_taken *taken, double start, uint64_t *calls);
void fastmm_record_sample(const fastmm_product *product, const fastmm_target *target, const fastmm_taken *taken, double seconds,
                          double blas_seconds);
void fastmm_record_other(int watched, double start);

/* Writes the profile if it has changed since it was written. */
void fastmm_record_write(void);
/* Writes the profile as the complete one and prints the report, once. */
void fastmm_record_finish(void);

/* Held while the process forks; its child counts its own. */
void fastmm_record_lock(void);
void fastmm_record_unlock(void);
void fastmm_record_start_again(void);

#endif
