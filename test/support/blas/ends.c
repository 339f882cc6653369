/*
 * A program that multiplies and then ends without the usual end, for the recorder. It is linked with plain_blas.c.
 *   ends kill     five products, and the system ends it once its profile has them, or after five seconds
 *   ends leave    five products, and it leaves by _exit with 3
 *   ends ask      asks by name for functions, of which its libraries have one, and prints which there are
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
static float a[4096], b[4096], c[4096];

/* Whether the profile of this process, FASTMM_PROFILE with %p, holds a text. */
static int is_written(const char *text) {
  char path[4096], *id;
  static char profile[65536];
  snprintf(path, sizeof path - 16, "%s", getenv("FASTMM_PROFILE"));
  if ((id = strstr(path, "%p")) == NULL) return 0;
  snprintf(id, sizeof path - (size_t)(id - path), "%ld.json", (long)getpid());
  FILE *file = fopen(path, "r");
  if (file == NULL) return 0;
  profile[fread(profile, 1, sizeof profile - 1, file)] = '\0';
  fclose(file);
  return strstr(profile, text) != NULL;
}

int main(int count, char **arguments) {
  const char *what = count > 1 ? arguments[1] : "";
  if (strcmp(what, "ask") == 0) {
    static const char *const names[] = {"cblas_sgemm", "cblas_sgemm_batch", "cblas_ssyrk", "scipy_cblas_zgemm64_"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) printf("%s %d\n", names[i], dlsym(RTLD_DEFAULT, names[i]) != NULL);
    return 0;
  }
  for (int i = 0; i < 5; i++) cblas_sgemm(101, 111, 111, 64, 64, 64, 1, a, 64, b, 64, 0, c, 64);
  if (strcmp(what, "leave") == 0) _exit(3);
  for (int i = 0; i < 100 && !is_written("\"calls\": 5,"); i++) usleep(50000);
  return raise(SIGKILL);
}
