/* The names of the functions of symbols.h and watched.h. */
#ifndef FASTMM_NAMES_H
#define FASTMM_NAMES_H

const char *fastmm_symbol_name(int symbol);
const char *fastmm_watched_name(int watched);

#endif
