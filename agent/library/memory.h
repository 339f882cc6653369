/* Memory for workspaces and packed operands, aligned to FASTMM_ALIGNMENT. */
#ifndef FASTMM_MEMORY_H
#define FASTMM_MEMORY_H

#include "fastmm.h"

/* Returns NULL if there is no memory. The caller frees it by free(). */
void *fastmm_allocate(size_t bytes);

/* Lends memory for the time of one product, which stays for the next one until fastmm_release. Any number of threads may call these. */
void *fastmm_take_workspace(size_t bytes);
void fastmm_give_back_workspace(void *workspace);

/* The most bytes of workspace that a product may take (fastmm_bound_workspace); SIZE_MAX for any. */
size_t fastmm_workspace_bound(size_t m, size_t k, size_t n, size_t element_bytes);

#endif
