/* The benchmark for one element type; bench.c defines REAL, GEMM, FALLBACK_GEMM, BENCH, NAME and CROSSOVER. */
static int BENCH(size_t size, size_t threads, int rounds) {
  static double times[CONTENDERS][MOST_ROUNDS];
  const size_t bytes = size * size * sizeof(REAL), workspace_bytes = GEMM(_workspace_bytes)(size, size, size, threads);
  const fastmm_transpose no = FASTMM_NO_TRANSPOSE;
  void *a, *b, *c, *workspace;
  GEMM(_b) * packed;
  if (posix_memalign(&a, 4096, bytes) != 0 || posix_memalign(&b, 4096, bytes) != 0 ||
      posix_memalign(&c, 4096, bytes) != 0 || (workspace = fastmm_allocate(workspace_bytes)) == NULL) {
    fprintf(stderr, "there is no memory for this size\n");
    return 1;
  }
  for (size_t i = 0; i < size * size; i++) {
    ((REAL *)a)[i] = (REAL)rand() / (REAL)RAND_MAX - (REAL)0.5;
    ((REAL *)b)[i] = (REAL)rand() / (REAL)RAND_MAX - (REAL)0.5;
  }
  memset(c, 0, bytes);
  memset(workspace, 0, workspace_bytes);
  if (size < CROSSOVER)
    printf("below the crossover: fastmm_" NAME " and fastmm_" NAME "_packed_b are the fallback at this size\n");
  int status = GEMM(_pack_b)(no, size, size, b, size, threads, &packed);
  if (status != FASTMM_OK) {
    fprintf(stderr, "B cannot be packed (status %d)\n", status);
    return 1;
  }
  /* Round -1 warms up. */
  for (int round = -1; round < rounds; round++) {
    int order[CONTENDERS] = {FALLBACK, GEMM_AUTOMATIC, GEMM_WITH_WORKSPACE, GEMM_PACKED_B};
    shuffle(order, CONTENDERS);
    for (int x = 0; x < CONTENDERS; x++) {
      const double start = seconds();
      switch (order[x]) {
        case FALLBACK:
          status |= FALLBACK_GEMM(no, no, size, size, size, 1, a, size, b, size, 0, c, size, threads);
          break;
        case GEMM_AUTOMATIC:
          status |= GEMM()(no, no, size, size, size, 1, a, size, b, size, 0, c, size, threads);
          break;
        case GEMM_WITH_WORKSPACE:
          status |= GEMM(_with_workspace)(no, no, size, size, size, 1, a, size, b, size, 0, c, size, threads, workspace,
                                          workspace_bytes);
          break;
        default:
          status |= GEMM(_packed_b)(no, size, 1, a, size, packed, 0, c, size, threads);
      }
      if (round >= 0) times[order[x]][round] = seconds() - start;
    }
  }
  if (status != FASTMM_OK) fprintf(stderr, "a product failed (status %d)\n", status);
  else report(NAME, size, rounds, times);
  GEMM(_free_b)(packed);
  free(a);
  free(b);
  free(c);
  free(workspace);
  return status;
}

#undef REAL
#undef GEMM
#undef FALLBACK_GEMM
#undef BENCH
#undef NAME
#undef CROSSOVER
