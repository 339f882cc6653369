/* The BLAS that a caller would have called. */
#ifndef FASTMM_NEXT_H
#define FASTMM_NEXT_H

/* What is known of it; a function of another type stands for the function itself. */
typedef struct {
  /* NULL: there is none. */
  void (*function)(void);
  /* How many threads it uses; NULL if it does not say. */
  int (*threads)(void);
  /* Whether the calling thread is one of several of an OpenMP region that the library may see; NULL if it sees none. */
  int (*is_in_parallel)(void);
  /* Its number among the libraries of this process, or -1. */
  int library;
  /* Whether its integers have 64 bits although its names are those of the 32-bit ones. */
  int is_wide;
} fastmm_target;

/*
 * Finds the function of the same name for the caller that the product will return to. Callers keep their targets: a library that was
 * found stays loaded. The symbol is any number that belongs to the name.
 */
fastmm_target fastmm_next(int symbol, const char *name, int width, const void *return_address);
/* Looks for it anew. */
fastmm_target fastmm_find(const char *name, int width, const void *return_address);

/* Libraries that were found: path, and what the library says about itself or NULL. */
typedef struct {
  const char *path, *config;
} fastmm_library;
int fastmm_library_count(void);
fastmm_library fastmm_get_library(int number);

/* Held while the process forks. */
void fastmm_next_lock(void);
void fastmm_next_unlock(void);

#endif
