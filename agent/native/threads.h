/* Threads bound to given CPUs that share the rows of a pass. */
#ifndef AT_THREADS_H
#define AT_THREADS_H

#include "candidate.h"

/* Binds the caller to cpu[0..count-1] and starts count-1 workers, each bound to one of the others. 0 on success. */
int at_threads_start(const int *cpu, int count);

int at_threads_count(void);

/* See at_runtime.for_rows; the runtime makes no difference. Only the thread that called at_threads_start may call it. */
void at_for_rows(const at_runtime *runtime, size_t rows, at_rows_fn *body, void *argument);

/*
 * Binds the threads that each BLAS has started, one to each CPU but the first: left to the scheduler, two of them may share
 * a CPU. Only where there are equally many for each further CPU; returns how many were bound.
 */
int at_threads_bind_others(void);

/*
 * Waits, so many seconds at most, until the threads of every BLAS sleep. After a product they look for more work for a while, up to
 * 0.2 s with MKL, on CPUs that are the next side's.
 */
void at_threads_await_others(double seconds);

#endif
