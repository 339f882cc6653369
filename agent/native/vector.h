/* The widest vectors the compiler may use on this machine (GNU vector extensions; -march=native decides). */
#ifndef AT_VECTOR_H
#define AT_VECTOR_H

#if defined(__AVX512F__)
#define AT_VECTOR_BYTES 64
#define AT_VECTOR_REGISTERS 32
#elif defined(__AVX__)
#define AT_VECTOR_BYTES 32
#define AT_VECTOR_REGISTERS 16
#elif defined(__aarch64__)
#define AT_VECTOR_BYTES 16
#define AT_VECTOR_REGISTERS 32
#else
#define AT_VECTOR_BYTES 16
#define AT_VECTOR_REGISTERS 16
#endif

#endif
