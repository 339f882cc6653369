/*
 * A program that multiplies and then ends without the usual end, for the recorder. It is linked with plain_blas.c.
 *   ends kill     five products, a moment, and the system ends it
 *   ends leave    five products, and it leaves by _exit with 3
 *   ends ask      asks by name for functions, of which its libraries have one, and prints which there are
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
static float a[4096], b[4096], c[4096];

int main(int count, char **arguments) {
  const char *what = count > 1 ? arguments[1] : "";
  if (strcmp(what, "ask") == 0) {
    static const char *const names[] = {"cblas_sgemm", "cblas_sgemm_batch", "cblas_ssyrk", "scipy_cblas_zgemm64_"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) printf("%s %d\n", names[i], dlsym(RTLD_DEFAULT, names[i]) != NULL);
    return 0;
  }
  for (int i = 0; i < 5; i++) cblas_sgemm(101, 111, 111, 64, 64, 64, 1, a, 64, b, 64, 0, c, 64);
  if (strcmp(what, "leave") == 0) _exit(3);
  usleep(300000);
  return raise(SIGKILL);
}
