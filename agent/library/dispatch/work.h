/*
 * What an algorithm has to do for a product: the work that fastmm_config.h has the seconds for. The including file has gemm.h before
 * it, which has the sizes, and defines AT_ADDITIONS_A, _B and _C, the additions of blocks without common subexpressions, and
 * AT_TOUCHES_A, _B and _C, how often the steps read or update each block.
 */

/* How much longer threads take than if they could share the panels evenly. */
static double at_unevenness(size_t panels, size_t threads) {
  return (double)(at_ceil(panels, threads) * threads) / (double)panels;
}

/* In this order: multiply-adds, updates of register tiles, bytes of packing, bytes of combining, additions, calls. */
void FASTMM_GEMM(_work)(size_t m, size_t n, size_t k, size_t threads, double work[FASTMM_WORK]) {
  const double bytes = sizeof(at_real);
  const size_t block_rows = at_ceil(m, AT_GRID_N), block_depth = at_ceil(k, AT_GRID_M);
  const size_t row_panels = at_ceil(block_rows, AT_MR), column_panels = at_ceil(n, AT_GRID_P * AT_NR);
  const double rows = block_rows, depth = block_depth, columns = column_panels * AT_NR;
  const double rank = (double)AT_STEPS * AT_RANK;
  const double product = rank * (double)at_max(block_rows, row_panels * AT_LOW_MR) * columns;
  const double a = (double)m * k, b = (double)k * n, c = (double)m * n;
  work[0] = product * depth;
  work[1] = product * at_ceil(block_depth, AT_KC);
  work[2] = bytes * ((AT_TOUCHES_A * a + rank * rows * depth) * at_unevenness(row_panels, threads) +
                     (AT_TOUCHES_B * b + rank * depth * columns) * at_unevenness(column_panels, threads));
  work[3] = bytes * (rank * rows * columns + (2 * AT_TOUCHES_C - 1) * c);
  work[4] = AT_ADDITIONS_A * rows * depth + AT_ADDITIONS_B * depth * columns + AT_ADDITIONS_C * rows * columns;
  work[5] = 1;
}
