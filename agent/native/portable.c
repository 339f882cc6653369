#include "portable.h"
#include "threads.h"
#include "vector.h"

#include <string.h>

/* Rows of the register tile, depth and width of the packed block of B (1 to 2 MiB). */
#define MR 6
#define KC 256
#define NC 1024

#define AT_REAL float
#define AT_NAME sgemm
#include "portable_gemm.h"

#define AT_REAL double
#define AT_NAME dgemm
#include "portable_gemm.h"
