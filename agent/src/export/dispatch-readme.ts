import { type Preference, transposedSuffix } from '@alphatensor-edge/shared';
import { C_TYPE, GEMM_NAME } from './c-names.js';
import type { Format } from './dispatch-format.js';
import { levelSource } from './level-source.js';
import { boundSection, buildSection, commonFiles, measuredText, STACK_TEXT } from './readme.js';

interface DispatchReadmeOptions {
  readonly name: string;
  /** The version of the program that writes it. */
  readonly version: string;
  /** Whether the library is compiled for the processor it is on. */
  readonly isHost: boolean;
  readonly prefer: Preference;
  readonly workspaceTimes: number;
}

/** Writes the README.md of a library that chooses among several algorithms. */
export function dispatchReadme(
  { name, version, isHost, prefer, workspaceTimes }: DispatchReadmeOptions,
  formats: readonly Format[],
): string {
  const upper = name.toUpperCase();
  const gemm = `${name}_${GEMM_NAME[formats[0].dtype]}`;
  const numbered = formats.flatMap(({ dtype, units }) => units.map((unit) => ({ dtype, ...unit })));
  const measured = formats.flatMap(({ rules }) =>
    rules.flatMap(({ problem, fast, accurate }) =>
      [...new Set([fast?.winner, accurate?.winner])].flatMap((winner) =>
        winner === undefined
          ? []
          : [{ ...problem, ...winner.speedup, against: winner.against, relativeError: winner.relativeError }],
      ),
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

/* From now on the most accurate of the algorithms that are within 1 % of the fastest; ${upper}_FAST is the fastest. */
${name}_set_mode(${upper}_ACCURATE);
\`\`\`

Until a program sets a mode it is ${upper}_${prefer.toUpperCase()}; build with \`CFLAGS="-O3 -D${upper}_DEFAULT_MODE=${upper}_ACCURATE"\` for another.

${name}.h says the rest: ${formats.map(({ dtype }) => `\`${name}_${GEMM_NAME[dtype]}\` for \`${C_TYPE[dtype]}\``).join(', ')}, and the return codes. ${name}_algorithms.h
has each algorithm by itself, with the caller's workspace or with B packed once. Everything is thread-safe.

## Which algorithm

${name}_config.h has the rules and says how others are chosen; it may be edited. ${otherShapes(formats)}

| m x k x n | format | threads | fast | accurate |
|---|---|---|---|---|
${formats.flatMap((format) => format.rules.map((rule) => ruleLine(format, rule))).join('\n')}

${measuredText(measured)}

The fastest of several was chosen by these figures, so they are biased upwards; \`make bench SIZE=MxKxN\` measures here.

Where their levels are from:

${[...new Set(numbered.flatMap(({ algorithm }) => algorithm.levels.map((level) => `- ${levelSource(level)}`)))].join('\n')}

## Memory and accuracy

${boundSection(name, workspaceTimes)}

A product by an algorithm <n,m,p> with R products takes, without a bound, about R (mk / nm + kn / mp) elements of workspace, and for each thread the products of one tile. The
last one is kept for the next product until \`${name}_release\`. If the system refuses the memory, the BLAS computes the product.

${STACK_TEXT}

With entries of A and B of at most 1 and blocks of depth d = k / m, an element of C is off by at most u E d (d + q) in first order, u
the unit roundoff (Ballard et al., SIAM J. Matrix Anal. Appl. 37, 2016; errors met are far smaller):

| algorithm | format | R | E | q | error growth |
|---|---|---|---|---|---|
${numbered.map(({ dtype, number, growth, algorithm: { text, grid, growth: bound } }) => `| ${number}: ${text} | ${dtype} | ${grid.rank} | ${bound.values} | ${bound.roundings} | ${growth.toFixed(2)} |`).join('\n')}

The error growth is what one would expect of random numbers: how many times the error of a plain product (root mean square).

The bound is relative to the largest entries of A and B, not to each element of C: rows and columns of very different scale lose digits,
as with any such algorithm. Infinities and NaN spread over more of C than in a plain product.

## Files

| file | holds |
|---|---|
| \`${name}.h\` | what a program calls |
| \`${name}_algorithms.h\`, \`kernel.h\` | the algorithms by themselves |
| \`${name}_config.h\` | the rules, and the models of the time |
| \`work.h\`, \`mode.c\` | what the models count, and the mode |
${formats.map(({ dtype }) => `| \`${name}_${dtype}.c\`, \`dispatch.h\` | the choice for \`${C_TYPE[dtype]}\` |\n| \`${name}_${dtype}_*.c\` | its algorithms, generated; 0 is the BLAS, \`plain\` the plain product for \`BLAS=none\` |`).join('\n')}
${commonFiles(['test_dispatch.h'])}
`;
}

function otherShapes(formats: readonly Format[]): string {
  if (formats.every(({ timeModels }) => timeModels.length === 0)) {
    return 'A problem that was not measured follows the nearest one that was; the BLAS computes it where a dimension is less than half of that one’s.';
  }
  const errors = formats.flatMap(({ timeModels }) => timeModels.map(({ error90 }) => error90));
  return (
    'For a problem that was not measured, a model predicts the times from what each algorithm has to do, with constants that were fitted on the device: ' +
    `nine in ten of its measurements were within ${Math.ceil(100 * Math.max(...errors))} % of it. ` +
    'The BLAS computes what is not predicted to be faster by a margin, and what is less than half as large as everything that was measured.'
  );
}

function ruleLine({ dtype, units }: Format, { problem, numbers }: Format['rules'][number]): string {
  const { m, k, n, threads, ...laid } = problem;
  const named = (number: number): string =>
    number === 0 ? 'BLAS: nothing was faster' : `${number}: ${units[number - 1].algorithm.text}`;
  return `| ${m} x ${k} x ${n} | ${dtype}${transposedSuffix(laid)} | ${threads} | ${named(numbers.fast)} | ${named(numbers.accurate)} |`;
}
