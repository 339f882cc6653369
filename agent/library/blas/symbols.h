/*
 * The functions that are put before a BLAS, all in one table: CBLAS(letter, width, name) for the C interface, FORTRAN(…) for the other one.
 * The letter is s for float and d for double; the width that of the integers, in bits.
 */
#ifndef FASTMM_SYMBOLS_H
#define FASTMM_SYMBOLS_H

#define FASTMM_SYMBOLS_OF(letter, CBLAS, FORTRAN) \
  CBLAS(letter, 32, cblas_##letter##gemm) \
  CBLAS(letter, 64, cblas_##letter##gemm64_) \
  CBLAS(letter, 64, cblas_##letter##gemm_64_) \
  CBLAS(letter, 64, cblas_##letter##gemm_64) \
  CBLAS(letter, 32, scipy_cblas_##letter##gemm) \
  CBLAS(letter, 64, scipy_cblas_##letter##gemm64_) \
  FORTRAN(letter, 32, letter##gemm_) \
  FORTRAN(letter, 64, letter##gemm64_) \
  FORTRAN(letter, 64, letter##gemm_64_) \
  FORTRAN(letter, 64, letter##gemm_64) \
  FORTRAN(letter, 32, scipy_##letter##gemm_) \
  FORTRAN(letter, 64, scipy_##letter##gemm_64_)

#define FASTMM_SYMBOLS(CBLAS, FORTRAN) FASTMM_SYMBOLS_OF(s, CBLAS, FORTRAN) FASTMM_SYMBOLS_OF(d, CBLAS, FORTRAN)

#define FASTMM_NUMBER_OF(letter, width, name) FASTMM_SYMBOL_##name,
enum { FASTMM_SYMBOLS(FASTMM_NUMBER_OF, FASTMM_NUMBER_OF) FASTMM_SYMBOL_COUNT };

#endif
