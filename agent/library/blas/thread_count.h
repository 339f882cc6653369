/* How many threads a product may have. */
#ifndef FASTMM_THREAD_COUNT_H
#define FASTMM_THREAD_COUNT_H

#include "next.h"

enum { FASTMM_MOST_THREADS = 256 };

/* Remembers how many processors the program may use when it starts. */
void fastmm_note_processors(void);

/* Processors that the calling thread may use, by its affinity and the cgroup's quota. At least 1. */
int fastmm_processors(void);

/*
 * Threads for a product in place of a BLAS (NULL: there is none): as many as that would use. Sets *is_pinned if the calling
 * thread is kept to fewer processors than the program had at its start and than the BLAS has threads for: then the BLAS's own threads
 * are elsewhere, and a product here would have fewer.
 */
int fastmm_thread_count(const fastmm_target *blas, int *is_pinned);

/* The number that was set, by a program or in the environment; 0: as many as the BLAS. */
int fastmm_chosen_threads(void);
void fastmm_choose_threads(int threads);
/* How many a product has in place of a BLAS if none was set. */
int fastmm_threads_of_blas(const fastmm_target *blas);

#endif
