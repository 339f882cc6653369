#define _GNU_SOURCE
#include "json.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char buffer[1 << 16];
static size_t used;
static int file = -1, has_failed;

static void flush(void) {
  for (size_t done = 0; done < used && !has_failed;) {
    const ssize_t written = write(file, buffer + done, used - done);
    if (written <= 0) has_failed = 1;
    else done += (size_t)written;
  }
  used = 0;
}

static void put(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (used == sizeof buffer) flush();
    buffer[used++] = text[i];
  }
}

int fastmm_json_open(const char *path) {
  file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  used = 0;
  has_failed = 0;
  return file >= 0;
}

int fastmm_json_close(void) {
  flush();
  if (close(file) != 0) has_failed = 1;
  file = -1;
  return !has_failed;
}

void fastmm_json_print(const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (length < 0 || (size_t)length >= sizeof text) has_failed = 1;
  else put(text, (size_t)length);
}

/* Bytes of the character of UTF-8 that begins here, or 0 if none does. */
static size_t character_bytes(const unsigned char *s) {
  const size_t bytes = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;
  for (size_t i = 1; i < bytes; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  /* Longer than needed, halves of pairs, beyond the last character. */
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90)) return 0;
  return bytes;
}

void fastmm_json_string(const char *text) {
  if (text == NULL) {
    put("null", 4);
    return;
  }
  put("\"", 1);
  for (const unsigned char *s = (const unsigned char *)text; *s != '\0';) {
    const size_t bytes = character_bytes(s);
    if (bytes == 0) put("\\ufffd", 6);
    else if (*s == '"' || *s == '\\') put((const char[]){'\\', (char)*s}, 2);
    else if (*s < 0x20 || *s == 0x7f) fastmm_json_print("\\u%04x", *s);
    else put((const char *)s, bytes);
    s += bytes == 0 ? 1 : bytes;
  }
  put("\"", 1);
}
