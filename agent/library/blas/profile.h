/* The profile of a process, as a JSON file (README.md). The caller has the record's lock. */
#ifndef FASTMM_PROFILE_H
#define FASTMM_PROFILE_H

#include "record.h"

/*
 * Writes it if the last time is long enough ago that writing takes no more than a small part of the time. `now` is fastmm_now, which takes as
 * long as a small product. Returns after how many seconds fastmm_profile_if_changed must be called, or 0.
 */
double fastmm_profile_if_due(const fastmm_record *record, double now);
void fastmm_profile_if_changed(const fastmm_record *record);
void fastmm_profile_at_end(const fastmm_record *record);
/* In the child of a fork. */
void fastmm_profile_start_again(void);

#endif
