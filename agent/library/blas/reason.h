/* Why a product goes to the BLAS (README.md). */
#ifndef FASTMM_REASON_H
#define FASTMM_REASON_H

typedef enum {
  FASTMM_NO_REASON,
  FASTMM_SMALL,
  FASTMM_OFF,
  FASTMM_INVALID,
  FASTMM_EMPTY,
  FASTMM_INFINITE,
  FASTMM_LARGE,
  FASTMM_SCALE,
  FASTMM_MEMORY,
  FASTMM_PINNED,
  FASTMM_WIDE,
  FASTMM_REASONS
} fastmm_reason;

#define FASTMM_REASON_NAMES \
  { "", "small", "off", "invalid", "empty", "infinite", "large", "scale", "memory", "pinned", "wide" }

#endif
