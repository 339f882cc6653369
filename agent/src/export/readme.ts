import { transposedSuffix } from '@alphatensor-edge/shared';
import { GEMM_NAME } from './c-names.js';
import type { Crossover, Measured } from './crossover.js';
import { levelSource } from './level-source.js';
import type { LibraryFacts } from './library.js';

/** Writes the library's README.md. */
export function readme(facts: LibraryFacts): string {
  const { name, algorithm, dtypes, grid, levels, crossovers, growth, errorFactor, version } = facts;
  const { n, m, p, rank } = grid;
  const gemm = `${name}_${GEMM_NAME[dtypes[0]]}`;
  return `# ${name}

Multiplies matrices, C = alpha op(A) op(B) + beta C, by ${algorithm}: ${rank} products of blocks instead of ${n * m * p}.
Small products go to the BLAS it is linked with. Written by at-agent ${version}; license Apache-2.0.

${levels.map((level, i) => `- level ${i + 1}: ${levelSource(level)}`).join('\n')}

${buildSection(name, facts.isa === 'auto')}

## Use

\`\`\`c
#include "${name}.h"

/* C = A B, row-major, on one thread. */
int status = ${gemm}(${name.toUpperCase()}_NO_TRANSPOSE, ${name.toUpperCase()}_NO_TRANSPOSE, m, n, k, 1, a, lda, b, ldb, 0, c, ldc, 1);

/* The same B again and again, such as the weights of a layer; b must stay as it is meanwhile. */
${gemm}_b *weights;
status = ${gemm}_pack_b(${name.toUpperCase()}_NO_TRANSPOSE, n, k, b, ldb, 1, &weights);
status = ${gemm}_packed_b(${name.toUpperCase()}_NO_TRANSPOSE, m, 1, a, lda, weights, 0, c, ldc, 1);
${gemm}_free_b(weights);
\`\`\`

${name}.h says the rest: ${dtypes.map((dtype) => `\`${name}_${GEMM_NAME[dtype]}\` for \`${dtype === 'f32' ? 'float' : 'double'}\``).join(', ')}, a form that takes the
caller's workspace, and the return codes. Everything is thread-safe.

## When it is used

${dtypes.map((dtype) => `- \`${dtype}\`: ${crossoverText(crossovers[dtype] as Crossover)}`).join('\n')}

${measuredText(facts.measured)}

\`make bench\` measures here. A crossover is changed with \`make CFLAGS="-O3 -D${name.toUpperCase()}_CROSSOVER_${dtypes[0].toUpperCase()}=1024"\` after \`make clean\`.

## Memory

${boundSection(name, facts.workspaceTimes)}

With R = ${rank} and <n,m,p> = <${n},${m},${p}>, a product without a bound takes about R (mk / ${n * m} + kn / ${m * p}) elements of workspace, ${ratio(rank, n * m)} times A
and ${ratio(rank, m * p)} times B, and for each thread the products of one tile; \`${gemm}_workspace_bytes\` gives to the byte what it takes. The
last one is kept for the next product until \`${name}_release\`, because fresh pages would cost much of what the algorithm saves;
\`${gemm}_with_workspace\` takes the caller's instead. If the system refuses the memory, the BLAS computes the product. (Linux promises more than it has; ask \`${gemm}_workspace_bytes\` first where memory is short.)
A packed B takes ${ratio(rank, m * p)} times the memory of B, and B itself stays.

${STACK_TEXT}

## Accuracy

With random zero-mean numbers the relative error is about ${errorFactor.toFixed(2)} times that of a plain product whose sums are as long as
those of a block (root mean square; arXiv 2609.26077).

Each product of blocks is as accurate as a plain one, but sums of blocks are larger than the blocks. With entries of A and B of at most 1
and blocks of depth d = k / ${m}, an element of C is off by at most u E d (d + q) in first order, u the unit roundoff, E = ${growth.values},
q = ${growth.roundings} (Ballard et al., SIAM J. Matrix Anal. Appl. 37, 2016; E is a product of worst cases, and errors met are far smaller). The bound is relative to the
largest entries of A and B, not to each element of C: rows and columns of very different scale lose digits, as with any such algorithm.
Infinities and NaN spread over more of C than in a plain product.

## Files

| file | holds |
|---|---|
| \`${name}.h\` | what a program calls |
| \`${name}_config.h\` | the algorithm's figures and the crossovers |
${dtypes.map((dtype) => `| \`${name}_${dtype}.c\` | the algorithm for \`${dtype === 'f32' ? 'float' : 'double'}\`, generated |\n| \`${name}_${dtype}_plain.c\` | the plain product, for \`BLAS=none\` |`).join('\n')}
${commonFiles()}
`;
}

/** Writes how to build a library. `isHost`: for the processor that compiles it, unless another one is named. */
export function buildSection(name: string, isHost: boolean): string {
  return `## Build

\`\`\`sh
make                # build/lib${name}.a and build/lib${name}.so
make test
make bench SIZE=2048 THREADS=1
make blas           # build-blas/lib${name}_blas.so: programs that call a BLAS, unchanged (blas/README.md)
make wheel          # wheel/: a Python package of the same, for python -m ${name} app.py and ${name}.matmul(a, b)
make install        # to PREFIX=/usr/local, below DESTDIR; also what "make blas" built. "make uninstall" takes it away
\`\`\`

It takes gcc or clang (\`CC=clang\`), POSIX threads and a BLAS with the C interface: the first of OpenBLAS, BLIS, MKL … that links,
or \`BLAS_LIBS="-L… -l…"\`. \`make BLAS=none\` does without one: what goes to the BLAS then goes to the plain product over the same
engine, and what was measured against a BLAS is kept. \`ARCH\` is the processor to compile for${isHost ? ', by default the one that compiles' : ''}.
To link: \`cc program.c -I. build/lib${name}.a -lopenblas -lm -pthread\`; once it is installed \`cc program.c $(pkg-config --cflags --libs ${name})\`,
or in CMake \`find_package(${name})\` and \`target_link_libraries(program ${name}::${name})\` (\`${name}::static\` for the archive). \`man ${name}\` is short, ${name}.h says all.`;
}

/** Writes how much workspace a product may take, and how to change that. */
export function boundSection(name: string, times: number): string {
  const upper = name.toUpperCase();
  const most =
    times === 1 ? 'at most as much workspace as A, B and C together' : `at most ${times} times A, B and C together`;
  return `A product takes ${times === 0 ? 'as much workspace as it is fastest with' : most}. \`${name}_bound_workspace(2)\` bounds it to twice as much as A, B and C, and
\`${name}_bound_workspace(0)\` takes the bound away; \`make CFLAGS="-O3 -D${upper}_WORKSPACE_TIMES=2"\` sets what holds before the first call. With less
workspace a product is done in parts, with the same result to the bit. Where the bound is too small for that, the BLAS computes the product.`;
}

/** Says how much stack a product needs. */
export const STACK_TEXT = `A call needs at most 48 KiB of the stack of the thread that makes it, compiled with optimization (\`-O1\` or more) by gcc or clang, so that threads
of 64 KiB can make it. What goes to the BLAS needs what the BLAS needs.`;

/** Writes the rows for the files that are the same in every library. */
export function commonFiles(tests: readonly string[] = []): string {
  return `| \`packed.h\`, \`packed/\`, \`grid.h\`, \`arithmetic.h\`, \`vector.h\`, \`runtime.h\`, \`wait.h\` | the engine: layout, packing, tiles, micro-kernel; start reading at \`packed.h\` |
| \`gemm.h\`, \`plain.h\`, \`threads.h\`, \`memory.h\`, \`memory.c\` | the functions over it, threads and memory |
| \`fallback.h\`, \`fallback_blas.c\` | the call of the BLAS |
| \`blas/\` | the same library as a BLAS that is put before the one of a program |
| \`python/\` | the Python package of \`make wheel\` |
| \`install/\` | what \`make install\` adds: pkg-config's and CMake's files, the manual page |
| \`test.c\`, ${['test_type.h', ...tests].map((file) => `\`${file}\``).join(', ')}, \`bench.c\`, \`bench_type.h\`, \`Makefile\` | test, benchmark, build |`;
}

function ratio(rank: number, blocks: number): string {
  return (rank / blocks).toFixed(2);
}

function crossoverText({ size, origin }: Crossover): string {
  if (size === undefined) return `never by itself, only with the caller's workspace. ${origin}`;
  return `where m, n and k are all at least ${size}. ${origin}`;
}

/**
 * Explains a BLAS's environment variable. The library runs in other people's processes, so it cannot set one itself.
 */
const ENVIRONMENT_TEXT = `By itself that BLAS chooses slower kernels on that processor, so it was measured with the variable that is named with it. Set it in the
environment of your program too: what goes to the BLAS is slower without, and \`make bench\` then compares with a slower one.`;

function errorCell({
  relativeError,
  baselineRelativeError,
}: Pick<Measured, 'relativeError' | 'baselineRelativeError'>): string {
  if (relativeError === undefined) return 'unknown';
  if (!baselineRelativeError) return relativeError.toExponential(1);
  return `${relativeError.toExponential(1)}, ${(relativeError / baselineRelativeError).toPrecision(2)} times that of the BLAS`;
}

/** Writes a table of the measurements. */
export function measuredText(measured: readonly Measured[]): string {
  if (measured.length === 0) return 'No speed was measured when it was written.';
  const rows = measured.map(
    ({ m, k, n, dtype, threads, estimate, low, high, against, ...errors }) =>
      `| ${m} x ${k} x ${n} | ${dtype}${transposedSuffix(errors)} | ${threads} | ${against} | ${estimate.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}] | ${errorCell(errors)} |`,
  );
  return [
    'Measured on the device it was written for, in memory that was there already; a speed-up is the time of the BLAS over its own, with a 95 % interval; the relative error (Frobenius) is that on random zero-mean numbers:',
    '',
    '| m x k x n | format | threads | against | speed-up | relative error |',
    '|---|---|---|---|---|---|',
    ...rows,
    ...(measured.some(({ against }) => against.includes('=')) ? ['', ENVIRONMENT_TEXT] : []),
  ].join('\n');
}
