/*
 * What a measuring child (harness.c, cuda/harness.cu) understands: lines on its standard input, each answered by one line of JSON on
 * its standard output (reply.h).
 *
 *   integers RANGE            fills A and B with whole numbers from -RANGE to RANGE
 *   uniform                   fills A and B with numbers in [-1, 1)
 *   positive                  fills A and B with numbers in [0, 1)
 *   scaled                    fills A and B with rows and columns of very different powers of two (matrices.h)
 *   run SIDE                  one product into a C of NaNs, with a workspace of NaNs
 *   keep                      copies C aside for compare
 *   compare                   compares every element of C with what was kept
 *   error                     compares some rows of C with the product in float64 (matrices.h)
 *   show MATRIX               all elements of A, B or C, row by row
 *   warmup SIDE RUNS SECONDS  at least as many runs and as much time
 *   sample SIDE RUNS          the time of one of so many runs in a row
 *   phases SIDE RUNS          the first thread's processor time of one of so many runs, and of its phases, as far as the program tells
 *                             them apart
 *   bind                      binds the BLAS's threads, one a CPU
 *   peak SECONDS              the multiply-add peak
 *
 * SIDE is a letter: B is the baseline, any other one a program or a further library. A line that is none of these ends the child.
 */
#ifndef AT_PROTOCOL_H
#define AT_PROTOCOL_H

#include "reply.h"
#include <string.h>

/* What the including file defines, one function a line; each says the answer. */
static void fill_integers(int range);
static void fill_uniform(void);
static void fill_positive(void);
static void fill_scaled(void);
static void run(char side);
static void keep(void);
static void compare(void);
static void error_of_c(void);
static void show(char matrix);
static void warm_up(char side, long runs, double seconds);
static void sample(char side, long runs);
static void phases(char side, long runs);
static void bind_threads(void);
static void peak(double seconds);

static void obey(const char *line) {
  char letter;
  int range;
  long runs;
  double seconds;
  if (sscanf(line, "integers %d", &range) == 1) fill_integers(range);
  else if (strcmp(line, "uniform\n") == 0) fill_uniform();
  else if (strcmp(line, "positive\n") == 0) fill_positive();
  else if (strcmp(line, "scaled\n") == 0) fill_scaled();
  else if (sscanf(line, "run %c", &letter) == 1) run(letter);
  else if (strcmp(line, "keep\n") == 0) keep();
  else if (strcmp(line, "compare\n") == 0) compare();
  else if (strcmp(line, "error\n") == 0) error_of_c();
  else if (sscanf(line, "show %c", &letter) == 1) show(letter);
  else if (sscanf(line, "warmup %c %ld %lf", &letter, &runs, &seconds) == 3) warm_up(letter, runs, seconds);
  else if (sscanf(line, "sample %c %ld", &letter, &runs) == 2 && runs > 0) sample(letter, runs);
  else if (sscanf(line, "phases %c %ld", &letter, &runs) == 2 && runs > 0) phases(letter, runs);
  else if (strcmp(line, "bind\n") == 0) bind_threads();
  else if (sscanf(line, "peak %lf", &seconds) == 1) peak(seconds);
  else refuse("usage", line);
}

/* Obeys until the end of the input. */
static void obey_all(void) {
  for (char line[256]; fgets(line, sizeof line, stdin) != NULL;) obey(line);
}

#endif
