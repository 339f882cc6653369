/*
 * The threads of all products of the process. They sleep while there is nothing to do. One product at a time has them; others that
 * come meanwhile are computed by their caller alone, with the same result to the bit: who does a share makes no difference.
 */
#ifndef FASTMM_POOL_H
#define FASTMM_POOL_H

#include <stddef.h>

/* Does the rows first <= i < last. */
typedef void fastmm_share_fn(void *argument, size_t first, size_t last);

/* Shares 0 <= i < rows among the threads, as at_runtime.for_rows has it (runtime.h). */
void fastmm_pool_run(size_t threads, size_t rows, fastmm_share_fn *body, void *argument);

/* What a thread that sleeps does in between. */
typedef enum { FASTMM_RELEASE_MEMORY, FASTMM_WRITE_PROFILE, FASTMM_CHORES } fastmm_chore;

/* Has it done once, so many seconds from now; a time that was said before holds no more. Not under the record's lock. */
void fastmm_pool_later(fastmm_chore chore, double seconds);

/* Threads there are now, for tests. */
size_t fastmm_pool_threads(void);

/* The threads end before a fork, because the child has none of them. */
void fastmm_pool_before_fork(void);
void fastmm_pool_after_fork_in_parent(void);
void fastmm_pool_after_fork_in_child(void);

#endif
