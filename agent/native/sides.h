/* The sides of a comparison: the baseline, and the programs and further libraries beside it. Included by harness.c alone. */
#ifndef AT_SIDES_H
#define AT_SIDES_H

#include "blas.h"
#include "candidate.h"
#include "matrices.h"
#include "reply.h"
#include "threads.h"

#include <dlfcn.h>
#include <stdint.h>

enum { MAX_SIDES = 64 };

typedef struct {
  char letter;
  /* One of the three. */
  const at_program_t *program;
  const at_program_without_limit_t *earlier;
  const at_blas *blas;
  /* The most workspace that the program may take, bytes. */
  size_t limit;
} at_side;

/* Side B, which also lends programs its GEMM. */
static const at_blas *baseline;
static at_side sides[MAX_SIDES];
static int side_count;
/* One for all programs, as large as the largest of them wants. */
static void *workspace;
static size_t workspace_bytes;

static void load_program(at_side *side, const char *path, const at_matrices *x) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) refuse("load", dlerror());
  const at_program_t *program = dlsym(library, "at_program");
  if (program == NULL) refuse("load", "The program exports no at_program.");
  /* Both kinds begin alike. */
  const int is_earlier = program->abi_version == AT_ABI_WITHOUT_LIMIT;
  if ((!is_earlier && program->abi_version != AT_ABI_VERSION) || program->element_bytes != x->element_bytes)
    refuse("load", "The program has another version or element type.");
  const size_t threads = baseline->runtime.threads;
  if (is_earlier) side->earlier = dlsym(library, "at_program");
  else side->program = program;
  const size_t bytes = is_earlier ? side->earlier->workspace_bytes(x->m, x->k, x->n, threads)
                                  : program->workspace_bytes(x->m, x->k, x->n, threads, side->limit);
  if (bytes > workspace_bytes) workspace_bytes = bytes;
}

static const at_blas *load_blas(const char *path) {
  const char *problem = "";
  const at_blas *loaded = at_blas_load(path, at_threads_count(), &problem);
  if (loaded == NULL) refuse("load", problem);
  return loaded;
}

/* Loads LETTER[:BYTES]=PROGRAM or LETTER@BLAS. */
static void load_side(const char *argument, const at_matrices *x) {
  const char *rest = argument[0] == '\0' ? argument : argument + 1;
  char *end = (char *)rest;
  const size_t limit = *rest == ':' ? strtoull(rest + 1, &end, 10) : SIZE_MAX;
  if (side_count == MAX_SIDES || (*end != '=' && (*end != '@' || end != rest)))
    refuse("usage", "A side is LETTER=PROGRAM, LETTER:BYTES=PROGRAM or LETTER@BLAS.");
  at_side *side = &sides[side_count++];
  side->letter = argument[0];
  side->limit = limit;
  if (*end == '=') load_program(side, end + 1, x);
  else side->blas = load_blas(end + 1);
}

static const at_side *find_side(char letter) {
  for (int i = 0; i < side_count; i++)
    if (sides[i].letter == letter) return &sides[i];
  refuse("usage", "There is no such side.");
}

static void multiply_with(const at_blas *blas, const at_matrices *x) {
  at_blas_select(blas);
  if (x->element_bytes == sizeof(float))
    blas->runtime.sgemm(x->m, x->n, x->k, 1, x->a, x->k, x->b, x->n, x->c, x->n);
  else
    blas->runtime.dgemm(x->m, x->n, x->k, 1, x->a, x->k, x->b, x->n, x->c, x->n);
  at_blas_select(baseline);
}

/* One product by the side of the letter. */
static void multiply(char letter, const at_matrices *x) {
  if (letter == 'B') {
    multiply_with(baseline, x);
    return;
  }
  const at_side *side = find_side(letter);
  const at_runtime *runtime = &baseline->runtime;
  if (side->blas != NULL) multiply_with(side->blas, x);
  else if (side->program != NULL)
    side->program->multiply(runtime, x->m, x->k, x->n, x->a, x->k, x->b, x->n, x->c, x->n, workspace, side->limit);
  else
    side->earlier->multiply(runtime, x->m, x->k, x->n, x->a, x->k, x->b, x->n, x->c, x->n, workspace);
}

#endif
