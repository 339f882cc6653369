/* The functions of watched.h, which only the recorder has. */
#include "watched.h"

#ifdef FASTMM_RECORDER

#include "call.h"
#include "next.h"
#include "symbols.h"
#include <stdio.h>
#include <stdlib.h>

/* The program would not have got this far: it links with a name that no library in it has. */
static void missing(const char *name) {
  fprintf(stderr, "fastmm: %s was called, and no library of this program has it.\n", name);
  abort();
}

/*
 * The functions have a version of their own that is no default (recorder.map). Programs and libraries that are linked with one of them
 * meet it here, as with any library that is preloaded; dlsym passes over it. So a program that asks by dlsym whether there is a
 * function hears of those that its libraries have, and finds them there.
 */
#define DEFINE(name, type, parameters, arguments) \
  typedef type name##_function parameters; \
  __attribute__((visibility("default"))) name##_function fastmm_watched_##name; \
  __asm__(".symver fastmm_watched_" #name ", " #name "@FASTMM_WATCHED"); \
  type fastmm_watched_##name parameters { \
    void (*next)(void) = fastmm_next(FASTMM_SYMBOL_COUNT + FASTMM_WATCHED_##name, #name, 64, __builtin_return_address(0)).function; \
    if (next == NULL) missing(#name); \
    double start; \
    const int is_outermost = fastmm_begin_watched(&start); \
    ((name##_function *)next) arguments; \
    fastmm_end_watched(FASTMM_WATCHED_##name, start, is_outermost); \
  }

FASTMM_WATCHED(DEFINE)

#else

/* A file of C declares something. */
typedef int fastmm_watches_nothing;

#endif
