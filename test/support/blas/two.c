/* Loads the libraries that it is given, each for itself, and lets each multiply: prints how often their own BLAS was called. */
#include <dlfcn.h>
#include <stdio.h>

int main(int count, char **arguments) {
  for (int round = 0; round < 2; round++)
    for (int i = 1; i < count; i++) {
      void *library = dlopen(arguments[i], RTLD_NOW | RTLD_LOCAL);
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
