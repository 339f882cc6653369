/* What happens to the threads and the record when the process forks. */
#ifndef FASTMM_FORK_H
#define FASTMM_FORK_H

void fastmm_prepare_for_fork(void);

#endif
