/* What FASTMM_… in the environment says (README.md), read once. */
#ifndef FASTMM_SETTINGS_H
#define FASTMM_SETTINGS_H

typedef enum { FASTMM_MODE_DEFAULT, FASTMM_MODE_OFF, FASTMM_MODE_FAST, FASTMM_MODE_ACCURATE, FASTMM_MODE_ALWAYS } fastmm_blas_mode;

typedef struct {
  fastmm_blas_mode mode;
  const char *mode_name;
  /* 0: as many as the BLAS. */
  int threads;
  int verbose;
  /* Where the profile goes; NULL for none. */
  const char *profile;
  /* Of the taken products of a shape the second and every so-manieth are timed by the BLAS as well; 0 for none. */
  int sample;
  /* Whether calls are counted. */
  int observes;
} fastmm_settings;

const fastmm_settings *fastmm_get_settings(void);

/*
 * A product of fewer multiplications goes to the BLAS unseen. 0 until the settings have been read, so that the first product of all
 * reads them.
 */
extern double fastmm_unseen_below __attribute__((visibility("hidden")));

#endif
