/* Gives back the workspace that the last product left for the next one. */
#ifndef FASTMM_MEMORY_RELEASE_H
#define FASTMM_MEMORY_RELEASE_H

void fastmm_release_memory(void);

#endif
