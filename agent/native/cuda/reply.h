/* Answers, one line of JSON each, and the two ways to end before the last. */
#ifndef AT_CUDA_REPLY_H
#define AT_CUDA_REPLY_H

#include <cuda_runtime.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_REFUSED = 3 };

static FILE *replies;

/* A library that prints must not spoil the answers. */
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

static inline void reply(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(replies, format, values);
  va_end(values);
  fputc('\n', replies);
  fflush(replies);
}

/* A JSON string; what would need escaping becomes a space. */
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
[[noreturn]] static inline void refuse(const char *reason, const char *message) {
  char buffer[512];
  reply("{\"refused\":\"%s\",\"message\":\"%s\"}", reason, plain(buffer, sizeof buffer, message));
  exit(EXIT_REFUSED);
}

/* Ends the process over a fault. */
[[noreturn]] static inline void fail(const char *what, cudaError_t error) {
  fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(error));
  exit(1);
}

static inline void require(cudaError_t error, const char *what) {
  if (error != cudaSuccess) fail(what, error);
}

static inline void *at_device_allocate(size_t bytes, const char *what) {
  void *memory = NULL;
  if (cudaMalloc(&memory, bytes) != cudaSuccess) {
    char message[128];
    snprintf(message, sizeof message, "The device has no memory for %s (%zu MiB).", what, (bytes + (1 << 20) - 1) >> 20);
    refuse("memory", message);
  }
  return memory;
}

#endif
