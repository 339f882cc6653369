/*
 * What a measuring child (harness.c, cuda/harness.cu) says: each answer is one line of JSON on its standard output. Included by one
 * file of each child.
 */
#ifndef AT_REPLY_H
#define AT_REPLY_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_REFUSED = 3 };

static FILE *replies;

/* Keeps standard output for the answers; what a library prints goes to standard error. */
static inline void reply_open(void) {
  replies = fdopen(dup(STDOUT_FILENO), "w");
  if (replies == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) exit(1);
}

/* A part of an answer. */
static inline void say(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(replies, format, values);
  va_end(values);
}

/* The rest of an answer, or a whole one. */
static inline void reply(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(replies, format, values);
  va_end(values);
  fputc('\n', replies);
  fflush(replies);
}

/* The text as a JSON string holds it: what would need escaping becomes a space. */
static inline const char *plain(char *buffer, size_t size, const char *text) {
  size_t i = 0;
  for (; text != NULL && text[i] != '\0' && i + 1 < size; i++)
    buffer[i] = text[i] < ' ' || text[i] == '"' || text[i] == '\\' ? ' ' : text[i];
  buffer[i] = '\0';
  return buffer;
}

/* JSON has no infinity. */
static inline double json_number(double value) { return isfinite(value) ? value : 1e300; }

/* Ends the process with a reason: "usage", "load", "memory" or "system". */
__attribute__((noreturn)) static inline void refuse(const char *reason, const char *message) {
  char buffer[512];
  reply("{\"refused\":\"%s\",\"message\":\"%s\"}", reason, plain(buffer, sizeof buffer, message));
  exit(EXIT_REFUSED);
}

__attribute__((noreturn)) static inline void refuse_memory(const char *owner, const char *what, size_t bytes) {
  char message[128];
  snprintf(message, sizeof message, "%s no memory for %s (%zu MiB).", owner, what, (bytes + (1 << 20) - 1) >> 20);
  refuse("memory", message);
}

#endif
