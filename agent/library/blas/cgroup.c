#define _GNU_SOURCE
#include "cgroup.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_file(const char *path, char *text, size_t size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t length = read(file, text, size - 1);
  close(file);
  if (length < 0) return 0;
  text[length] = '\0';
  return 1;
}

/* Rounded up; 0 for no limit. */
static int processors_of(long long quota, long long period) {
  if (quota <= 0 || period <= 0) return 0;
  const long long count = (quota - 1) / period + 1;
  return count > INT_MAX ? 0 : (int)count;
}

static int smaller_limit(int a, int b) { return a == 0 || (b != 0 && b < a) ? b : a; }

/* cpu.max is "QUOTA PERIOD" in microseconds, or "max PERIOD". */
static int quota_v2(const char *folder) {
  char file[1400], text[128];
  long long quota, period;
  snprintf(file, sizeof file, "%s/cpu.max", folder);
  return read_file(file, text, sizeof text) && sscanf(text, "%lld %lld", &quota, &period) == 2 ? processors_of(quota, period) : 0;
}

static int quota_v1(const char *folder) {
  char file[1400], quota[64], period[64];
  snprintf(file, sizeof file, "%s/cpu.cfs_quota_us", folder);
  if (!read_file(file, quota, sizeof quota)) return 0;
  snprintf(file, sizeof file, "%s/cpu.cfs_period_us", folder);
  return read_file(file, period, sizeof period) ? processors_of(atoll(quota), atoll(period)) : 0;
}

/*
 * The smallest quota of a group and those above it; the path is cut off on the way. In a container the path may be that of the
 * host: then only the root is there, which is the container's.
 */
static int quota_from(const char *mount, char *path, int (*quota_of)(const char *)) {
  int least = 0;
  for (;;) {
    char folder[1300];
    snprintf(folder, sizeof folder, "%s%s", mount, path);
    least = smaller_limit(least, quota_of(folder));
    char *slash = strrchr(path, '/');
    if (slash == NULL) return least;
    *slash = '\0';
  }
}

/* Whether "cpu" is in a list such as "cpu,cpuacct". */
static int has_cpu(const char *controllers) {
  for (const char *at = controllers; (at = strstr(at, "cpu")) != NULL; at += 3)
    if ((at == controllers || at[-1] == ',') && (at[3] == '\0' || at[3] == ',')) return 1;
  return 0;
}

/* A line is number:controllers:path; the second version has no controllers. */
static int quota_of_line(char *line, const char *root) {
  char path[1024], mount[256];
  char *controllers = strchr(line, ':'), *from = controllers == NULL ? NULL : strchr(controllers + 1, ':');
  if (from == NULL || strlen(from + 1) >= sizeof path) return 0;
  *from = '\0';
  controllers++;
  strcpy(path, strcmp(from + 1, "/") == 0 ? "" : from + 1);
  if (*controllers == '\0') return quota_from(root, path, quota_v2);
  if (!has_cpu(controllers)) return 0;
  snprintf(mount, sizeof mount, "%s/cpu", root);
  return quota_from(mount, path, quota_v1);
}

int fastmm_cgroup_processors(const char *membership, const char *root) {
  char text[8192];
  int least = 0;
  if (!read_file(membership, text, sizeof text)) return 0;
  char *rest;
  for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
    least = smaller_limit(least, quota_of_line(line, root));
  return least;
}
