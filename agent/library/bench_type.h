/* The benchmark for one element type; bench.c defines REAL, GEMM, FALLBACK_GEMM, BENCH and NAME. */
static int BENCH(shape s, size_t threads, int rounds) {
  static double times[CONTENDERS][MOST_ROUNDS];
  const size_t m = s.m, k = s.k, n = s.n;
  const fastmm_transpose no = FASTMM_NO_TRANSPOSE;
  void *a, *b, *c;
  if (posix_memalign(&a, 4096, m * k * sizeof(REAL)) != 0 || posix_memalign(&b, 4096, k * n * sizeof(REAL)) != 0 ||
      posix_memalign(&c, 4096, m * n * sizeof(REAL)) != 0) {
    fprintf(stderr, "there is no memory for this size\n");
    return 1;
  }
  for (size_t i = 0; i < m * k; i++) ((REAL *)a)[i] = (REAL)rand() / (REAL)RAND_MAX - (REAL)0.5;
  for (size_t i = 0; i < k * n; i++) ((REAL *)b)[i] = (REAL)rand() / (REAL)RAND_MAX - (REAL)0.5;
  memset(c, 0, m * n * sizeof(REAL));
  printf("fastmm_" NAME " goes to %s at this size\n", GEMM(_algorithm)(m, n, k, threads));
  int status = FASTMM_OK;
#if !FASTMM_IS_DISPATCH
  const size_t workspace_bytes = GEMM(_workspace_bytes)(m, n, k, threads);
  void *workspace = fastmm_allocate(workspace_bytes);
  GEMM(_b) * packed;
  if (workspace == NULL) {
    fprintf(stderr, "there is no memory for this size\n");
    return 1;
  }
  memset(workspace, 0, workspace_bytes);
  status = GEMM(_pack_b)(no, n, k, b, n, threads, &packed);
  if (status != FASTMM_OK) {
    fprintf(stderr, "B cannot be packed (status %d)\n", status);
    return 1;
  }
#endif
  /* Round -1 warms up. */
  for (int round = -1; round < rounds; round++) {
    int order[CONTENDERS];
    for (int x = 0; x < CONTENDERS; x++) order[x] = x;
    shuffle(order, CONTENDERS);
    for (int x = 0; x < CONTENDERS; x++) {
      const double start = seconds();
      switch (order[x]) {
        case FALLBACK:
          status |= FALLBACK_GEMM(no, no, m, n, k, 1, a, k, b, n, 0, c, n, threads);
          break;
        case GEMM_AUTOMATIC:
          status |= GEMM()(no, no, m, n, k, 1, a, k, b, n, 0, c, n, threads);
          break;
#if !FASTMM_IS_DISPATCH
        case GEMM_WITH_WORKSPACE:
          status |=
              GEMM(_with_workspace)(no, no, m, n, k, 1, a, k, b, n, 0, c, n, threads, workspace, workspace_bytes);
          break;
        default:
          status |= GEMM(_packed_b)(no, m, 1, a, k, packed, 0, c, n, threads);
#endif
      }
      if (round >= 0) times[order[x]][round] = seconds() - start;
    }
  }
  if (status != FASTMM_OK) fprintf(stderr, "a product failed (status %d)\n", status);
  else report(NAME, s, rounds, times);
#if !FASTMM_IS_DISPATCH
  GEMM(_free_b)(packed);
  free(workspace);
#endif
  free(a);
  free(b);
  free(c);
  return status;
}

#undef REAL
#undef GEMM
#undef FALLBACK_GEMM
#undef BENCH
#undef NAME
