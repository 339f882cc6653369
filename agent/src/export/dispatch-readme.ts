import { C_TYPE, GEMM_NAME } from './c-names.js';
import type { Format } from './dispatch-format.js';
import { buildSection, commonFiles, measuredText } from './readme.js';

/** Writes the README.md of a library that chooses among several algorithms. */
export function dispatchReadme(name: string, version: string, isHost: boolean, formats: readonly Format[]): string {
  const upper = name.toUpperCase();
  const gemm = `${name}_${GEMM_NAME[formats[0].dtype]}`;
  const numbered = formats.flatMap(({ dtype, units }) => units.map((unit) => ({ dtype, ...unit })));
  const measured = formats.flatMap(({ rules }) =>
    rules.flatMap(({ problem, use }) =>
      use === undefined ? [] : [{ ...problem, ...use.winner.speedup, against: use.winner.against }],
    ),
  );
  return `# ${name}

Multiplies matrices, C = alpha op(A) op(B) + beta C, by the algorithm that was measured to be the fastest on one device for the shape
of the product, and by the BLAS where none was. Written by at-agent ${version}; license Apache-2.0.

${buildSection(name, isHost)}

## Use

\`\`\`c
#include "${name}.h"

/* C = A B, row-major, on one thread. */
int status = ${gemm}(${upper}_NO_TRANSPOSE, ${upper}_NO_TRANSPOSE, m, n, k, 1, a, lda, b, ldb, 0, c, ldc, 1);

/* What that goes to, for example "<2,2,2;7>" or "BLAS". */
const char *algorithm = ${gemm}_algorithm(m, n, k, 1);
\`\`\`

${name}.h says the rest: ${formats.map(({ dtype }) => `\`${name}_${GEMM_NAME[dtype]}\` for \`${C_TYPE[dtype]}\``).join(', ')}, and the return codes. ${name}_algorithms.h
has each algorithm by itself, with the caller's workspace or with B packed once. Everything is thread-safe.

## Which algorithm

${name}_config.h has the rules and says how the nearest one is found; they may be edited. A problem that was not measured
follows the nearest one that was; the BLAS computes it where a dimension is less than half of that one's.

| m x k x n | format | threads | algorithm |
|---|---|---|---|
${formats.flatMap(({ dtype, units, rules }) => rules.map(({ problem: { m, k, n, threads }, number }) => `| ${m} x ${k} x ${n} | ${dtype} | ${threads} | ${number === 0 ? 'BLAS: nothing was faster' : `${number}: ${units[number - 1].algorithm.text}`} |`)).join('\n')}

${measuredText(measured)}

The fastest of several was chosen by these figures, so they are biased upwards; \`make bench SIZE=MxKxN\` measures here.

## Memory and accuracy

A product by an algorithm <n,m,p> with R products takes about R (mk / nm + kn / mp) elements of workspace, and for each thread R tiles. The
last one is kept for the next product until \`${name}_release\`. If the system refuses the memory, the BLAS computes the product.

With entries of A and B of at most 1 and blocks of depth d = k / m, an element of C is off by at most u E d (d + q) in first order, u
the unit roundoff (Ballard et al., SIAM J. Matrix Anal. Appl. 37, 2016; errors met are far smaller):

| algorithm | format | R | E | q |
|---|---|---|---|---|
${numbered.map(({ dtype, number, algorithm: { text, grid, growth } }) => `| ${number}: ${text} | ${dtype} | ${grid.rank} | ${growth.values} | ${growth.roundings} |`).join('\n')}

The bound is relative to the largest entries of A and B, not to each element of C: rows and columns of very different scale lose digits,
as with any such algorithm. Infinities and NaN spread over more of C than in a plain product.

## Files

| file | holds |
|---|---|
| \`${name}.h\` | what a program calls |
| \`${name}_algorithms.h\`, \`kernel.h\` | the algorithms by themselves |
| \`${name}_config.h\` | the rules |
${formats.map(({ dtype }) => `| \`${name}_${dtype}.c\`, \`dispatch.h\` | the choice for \`${C_TYPE[dtype]}\` |\n| \`${name}_${dtype}_*.c\` | its algorithms, generated; 0 is the BLAS, \`plain\` the plain product for \`BLAS=none\` |`).join('\n')}
${commonFiles(['test_dispatch.h'])}
`;
}
