/* Writes JSON to a file, without memory of its own but one buffer: one file at a time. */
#ifndef FASTMM_JSON_H
#define FASTMM_JSON_H

/* Begins a file; returns 0 if it cannot be made. */
int fastmm_json_open(const char *path);
/* Ends it; returns 0 if anything could not be written. */
int fastmm_json_close(void);

__attribute__((format(printf, 1, 2))) void fastmm_json_print(const char *format, ...);
/* A string in quotes, whatever is in it; null for NULL. */
void fastmm_json_string(const char *text);

#endif
