import type { DType } from '../plan/plan.js';
import { C_TYPE, GEMM_NAME } from './c-names.js';

interface ManualPageOptions {
  readonly name: string;
  readonly dtypes: readonly DType[];
  /** What computes the products, as a noun. */
  readonly by: string;
  readonly isDispatch: boolean;
  readonly version: string;
}

/** Writes the manual page of a library, in the macros of man(7). The header is the reference; this is what one looks up first. */
export function manualPage({ name, dtypes, by, isDispatch, version }: ManualPageOptions): string {
  const upper = name.toUpperCase();
  const functions = dtypes.map((dtype) => `${name}_${GEMM_NAME[dtype]}`);
  const [gemm] = functions;
  return [
    `.TH ${upper} 3 "" "${name} ${version}"`,
    '.SH NAME',
    `${functions.join(', ')} \\- products of matrices by fast algorithms`,
    '.SH SYNOPSIS',
    '.nf',
    `.B #include <${name}.h>`,
    '',
    ...dtypes.flatMap((dtype) => prototype(name, dtype, isDispatch)),
    `void ${name}_release(void);`,
    `void ${name}_bound_workspace(double times);`,
    ...(isDispatch ? [`void ${name}_set_mode(${name}_mode mode);`] : []),
    '.fi',
    '',
    `Compile and link with "$(pkg-config --cflags --libs ${name})".`,
    '.SH DESCRIPTION',
    `C = alpha op(A) op(B) + beta C for row-major matrices, by ${by}.`,
    'op(A) is m x k, op(B) k x n, C m x n; op(X) is X or its transpose',
    `.RI ( ${upper}_NO_TRANSPOSE ", " ${upper}_TRANSPOSE ).`,
    'A leading dimension is the distance of two rows as they lie in memory, in elements.',
    'C must not overlap A or B; it is not read where beta is 0.',
    'Products for which no algorithm is worth it go to the BLAS that the library is linked with.',
    '.PP',
    `.BR ${gemm}_algorithm ()`,
    'names what computes a product of a shape.',
    ...(isDispatch ? [`.BR ${gemm}_algorithm_for ()`, 'does so where A or B is transposed.'] : []),
    `.BR ${name}_release ()`,
    'frees the workspace that is kept for the next product.',
    `.BR ${name}_bound_workspace ()`,
    'bounds it to so many times the memory of A, B and C; 0: no bound.',
    ...(isDispatch
      ? [
          `.BR ${name}_set_mode ()`,
          `chooses between the fastest algorithm (${upper}_FAST) and the most accurate of those about as fast (${upper}_ACCURATE).`,
        ]
      : []),
    'All functions are thread-safe. The header describes them all.',
    '.SH RETURN VALUE',
    `.IR ${upper}_OK ,`,
    'or, with C as it was,',
    `.I ${upper}_INVALID_ARGUMENT`,
    'or',
    `.IR ${upper}_OUT_OF_MEMORY .`,
    '.SH FILES',
    '.TP',
    `.I lib${name}_blas.so`,
    'The same algorithms as a BLAS, which is put before that of a program that stays as it is:',
    `.BR "LD_PRELOAD=lib${name}_blas.so program" .`,
    `Its settings are ${upper}_MODE (off, fast, accurate, always), ${upper}_NUM_THREADS and ${upper}_VERBOSE (1, 2).`,
    '',
  ].join('\n');
}

function prototype(name: string, dtype: DType, isDispatch: boolean): string[] {
  const type = C_TYPE[dtype];
  const gemm = `${name}_${GEMM_NAME[dtype]}`;
  return [
    `int ${gemm}(${name}_transpose transa, ${name}_transpose transb, size_t m, size_t n, size_t k,`,
    `    ${type} alpha, const ${type} *a, size_t lda, const ${type} *b, size_t ldb,`,
    `    ${type} beta, ${type} *c, size_t ldc, size_t threads);`,
    `const char *${gemm}_algorithm(size_t m, size_t n, size_t k, size_t threads);`,
    ...(isDispatch
      ? [
          `const char *${gemm}_algorithm_for(${name}_transpose transa, ${name}_transpose transb,`,
          '    size_t m, size_t n, size_t k, size_t threads);',
        ]
      : []),
  ];
}
