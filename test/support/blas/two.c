/*
 * Loads the libraries that it is given, each for itself, and lets each multiply: prints how often their own BLAS was called. One that is
 * given as deep:PATH sees its own libraries before all others.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int count, char **arguments) {
  for (int round = 0; round < 2; round++)
    for (int i = 1; i < count; i++) {
      const int is_deep = strncmp(arguments[i], "deep:", 5) == 0;
      void *library = dlopen(arguments[i] + 5 * is_deep, RTLD_NOW | RTLD_LOCAL | (is_deep ? RTLD_DEEPBIND : 0));
      if (library == NULL) {
        printf("%s\n", dlerror());
        return 1;
      }
      int (*multiply)(int, int);
      *(void **)&multiply = dlsym(library, "multiply_here");
      printf("%d %d\n", multiply(i, 0), multiply(i, 1));
    }
  return 0;
}
