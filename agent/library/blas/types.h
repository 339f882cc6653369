/* The types of the functions of symbols.h. */
#ifndef FASTMM_TYPES_H
#define FASTMM_TYPES_H

#include "symbols.h"
#include <stddef.h>
#include <stdint.h>

/*
 * An integer as it is handed over: a whole register or place on the stack, of which a function of 32-bit integers looks at the lower
 * half. All of it is passed on, because a BLAS may have 64-bit integers under the same names (is_wide).
 */
typedef intptr_t slot_32;
typedef int64_t slot_64;
typedef int32_t integer_32;
typedef int64_t integer_64;
typedef float real_s;
typedef double real_d;

enum { ROW_MAJOR = 101, COLUMN_MAJOR = 102, NO_TRANSPOSE = 111, TRANSPOSE = 112, CONJUGATE_TRANSPOSE = 113 };

#define FASTMM_CBLAS_TYPE(letter, width, name) \
  typedef void name##_function(slot_##width, slot_##width, slot_##width, slot_##width, slot_##width, slot_##width, real_##letter, \
                               const void *, slot_##width, const void *, slot_##width, real_##letter, void *, slot_##width);
/* With the lengths of the two strings, which Fortran hands over at the end; C callers often do not, and nobody reads them here. */
#define FASTMM_FORTRAN_TYPE(letter, width, name) \
  typedef void name##_function(const char *, const char *, const integer_##width *, const integer_##width *, const integer_##width *, \
                               const real_##letter *, const void *, const integer_##width *, const void *, const integer_##width *, \
                               const real_##letter *, void *, const integer_##width *, size_t, size_t);
FASTMM_SYMBOLS(FASTMM_CBLAS_TYPE, FASTMM_FORTRAN_TYPE)

#endif
