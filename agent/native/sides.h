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
  /* All kinds begin alike. */
  const int version = program->abi_version, is_earlier = version == AT_ABI_WITHOUT_LIMIT;
  if ((!is_earlier && version != AT_ABI_WITHOUT_OPERANDS && version != AT_ABI_VERSION) ||
      program->element_bytes != x->element_bytes)
    refuse("load", "The program has another version or element type.");
  if (at_is_transposed(x) && (version != AT_ABI_VERSION || program->multiply_as_they_lie == NULL))
    refuse("load", "The program takes no operands that lie transposed.");
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

static at_operands operands_of(const at_matrices *x) {
  return (at_operands){x->a,
                       x->b,
                       x->a_transposed ? x->m : x->k,
                       x->b_transposed ? x->k : x->n,
                       x->a_transposed,
                       x->b_transposed};
}

/* One product by the side of the letter. */
static void multiply(char letter, const at_matrices *x) {
  const at_side *side = letter == 'B' ? NULL : find_side(letter);
  const at_runtime *runtime = &baseline->runtime;
  const at_operands operands = operands_of(x);
  if (side == NULL || side->blas != NULL)
    at_blas_multiply(side == NULL ? baseline : side->blas, x->element_bytes, x->m, x->n, x->k, &operands, x->c);
  else if (side->earlier != NULL)
    side->earlier->multiply(runtime, x->m, x->k, x->n, x->a, x->k, x->b, x->n, x->c, x->n, workspace);
  else if (at_is_transposed(x))
    side->program->multiply_as_they_lie(runtime, x->m, x->k, x->n, &operands, x->c, x->n, workspace, side->limit);
  else
    side->program->multiply(runtime, x->m, x->k, x->n, x->a, x->k, x->b, x->n, x->c, x->n, workspace, side->limit);
}

#endif
