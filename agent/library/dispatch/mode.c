#include "fastmm.h"

static int at_mode = FASTMM_DEFAULT_MODE;

void fastmm_set_mode(fastmm_mode mode) { __atomic_store_n(&at_mode, mode, __ATOMIC_RELAXED); }
fastmm_mode fastmm_get_mode(void) { return (fastmm_mode)__atomic_load_n(&at_mode, __ATOMIC_RELAXED); }
