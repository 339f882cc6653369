/* The project's own GEMM for devices without a BLAS; no speed-up over it is ever claimed. */
#ifndef AT_PORTABLE_H
#define AT_PORTABLE_H

#include "candidate.h"

at_sgemm_fn at_portable_sgemm;
at_dgemm_fn at_portable_dgemm;

#endif
