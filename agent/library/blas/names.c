#include "names.h"
#include "symbols.h"
#include "watched.h"

#define NAME(letter, width, name) #name,
const char *fastmm_symbol_name(int symbol) {
  static const char *const names[] = {FASTMM_SYMBOLS(NAME, NAME)};
  return names[symbol];
}

#define WATCHED_NAME(name, ...) #name,
const char *fastmm_watched_name(int watched) {
  static const char *const names[] = {FASTMM_WATCHED(WATCHED_NAME)};
  return names[watched];
}
