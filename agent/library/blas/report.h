/* What FASTMM_VERBOSE prints on the standard error. */
#ifndef FASTMM_REPORT_H
#define FASTMM_REPORT_H

#include "record.h"

void fastmm_report_call(const fastmm_count *one);
/* Prints nothing if there was no product. Puts the counts into another order. */
void fastmm_report(fastmm_record *record);

#endif
