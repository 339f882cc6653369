import type { Sums } from '../../plan/additions.js';

/** Bounds the sums in one C function, because compile time grows faster than the length of a function. */
const SUMS_PER_FUNCTION = 32;

/**
 * Writes a C function of type at_combine_fn (native/temporaries.h) that computes every sum over its sources, one loop
 * for each sum.
 */
export function combineFunction(name: string, { sums, denominator }: Sums): string {
  if (sums.length <= SUMS_PER_FUNCTION) return combineRange(name, { sums, denominator }, 0, sums.length);
  const parts: string[] = [];
  const calls: string[] = [];
  for (let first = 0; first < sums.length; first += SUMS_PER_FUNCTION) {
    const last = Math.min(sums.length, first + SUMS_PER_FUNCTION);
    const part = `${name}_${first}`;
    parts.push(`__attribute__((noinline)) ${combineRange(part, { sums, denominator }, first, last)}`);
    calls.push(`  ${part}(width, source, target);`);
  }
  return [...parts, `${signature(name)} {`, ...calls, '}', ''].join('\n');
}

function combineRange(name: string, { sums, denominator }: Sums, first: number, last: number): string {
  const lines = [`${signature(name)} {`];
  for (let y = first; y < last; y++) lines.push(...sumLoop(y, sums[y], denominator));
  return [...lines, '}', ''].join('\n');
}

const signature = (name: string): string =>
  `static void ${name}(const size_t *width, const at_real *const *source, at_real *const *target)`;

function sumLoop(target: number, sum: Sums['sums'][number], denominator: number): string[] {
  const pointers = sum.map(({ source }) => `*restrict s${source} = source[${source}]`).join(', ');
  const terms = sum.map(({ source, coefficient }, index) => {
    const size = Math.abs(coefficient);
    const sign = coefficient < 0 ? (index === 0 ? '-' : ' - ') : index === 0 ? '' : ' + ';
    return `${sign}${size === denominator ? '' : `${constant(size, denominator)} * `}s${source}[j]`;
  });
  return [
    '  {',
    `    const at_real ${pointers};`,
    `    at_real *restrict t = target[${target}];`,
    '    AT_INDEPENDENT',
    `    for (size_t j = 0; j < width[${target}]; j++) t[j] = ${terms.join('')};`,
    '  }',
  ];
}

/** Writes a positive fraction as a constant of the program's element type. */
export function constant(numerator: number, denominator: number): string {
  return denominator === 1 ? `(at_real)${numerator}` : `(at_real)(${numerator}.0 / ${denominator}.0)`;
}
