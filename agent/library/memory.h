/* Memory for workspaces and packed operands, aligned to FASTMM_ALIGNMENT. */
#ifndef FASTMM_MEMORY_H
#define FASTMM_MEMORY_H

#include "fastmm.h"

/* Returns NULL if there is none. To be freed by free(). */
void *fastmm_allocate(size_t bytes);

/* The same for the time of one product, out of what fastmm_release frees; any number of threads at once. */
void *fastmm_take_workspace(size_t bytes);
void fastmm_give_back_workspace(void *workspace);

#endif
