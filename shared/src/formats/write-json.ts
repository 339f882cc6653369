import writeFileAtomic from 'write-file-atomic';
import { type FactorMatrix, MODES, type Mode } from '../factorization.js';
import type { GaussianMatrix } from '../gaussian.js';
import { formatRational } from './rational.js';
import type { AnyRecord } from './record.js';

/**
 * Writes the file's text: keys always in the same order, one line a row, a newline at the end.
 * @param spaces false: none in the rows, for many files in a package
 */
export function formatFactorizationJson(record: AnyRecord, { spaces = true } = {}): string {
  const { origin, created, notes, provenance } = record;
  const { size, rank } = 'gaussian' in record ? record.gaussian : record.factorization;
  const head: [string, unknown][] = [
    ['n', [size.n, size.m, size.p]],
    ['m', rank],
    ['z2', 'factorization' in record && record.factorization.arithmetic === 'modulo-2'],
    ['z3', ('factorization' in record && record.factorization.arithmetic === 'modulo-3') || undefined],
    ['complex', 'gaussian' in record ? true : undefined],
    ['origin', origin],
    ['created', created],
    ['notes', notes],
    ...Object.entries(provenance ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  const fields = [
    ...head
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`),
    ...MODES.map((mode) => `  "${mode}": [\n${formatRows(record, mode, spaces ? ['    ', ', '] : ['', ','])}\n  ]`),
  ];
  return `{\n${fields.join(',\n')}\n}\n`;
}

/** Writes the file aside and renames it, so that no reader ever sees half of it. The folder must exist. */
export async function saveFactorization(path: string, record: AnyRecord): Promise<void> {
  await writeFileAtomic(path, formatFactorizationJson(record));
}

function formatRows(record: AnyRecord, mode: Mode, [indent, comma]: readonly [string, string]): string {
  const entries =
    'gaussian' in record ? gaussianEntries(record.gaussian[mode]) : realEntries(record.factorization[mode]);
  const { rank } = 'gaussian' in record ? record.gaussian : record.factorization;
  const length = entries.length / rank;
  return Array.from({ length: rank }, (_, r) => {
    const row = entries.slice(r * length, (r + 1) * length);
    return `${indent}[${row.map((entry) => JSON.stringify(entry)).join(comma)}]`;
  }).join(',\n');
}

function realEntries({ coefficients, denominator }: FactorMatrix): (number | string)[] {
  return Array.from(coefficients, (x) => formatRational(x, denominator));
}

function gaussianEntries({ real, imaginary, denominator }: GaussianMatrix): (number | string)[] {
  return Array.from(real, (re, i) => formatCoefficient(re, imaginary[i], denominator));
}

/** Writes a complex coefficient as text, such as `1/2-3/2i`. */
function formatCoefficient(re: number, im: number, denominator: number): number | string {
  const first = formatRational(re, denominator);
  if (im === 0) return first;
  const second = `${formatRational(im, denominator)}i`;
  return re === 0 ? second : `${first}${im < 0 ? '' : '+'}${second}`;
}
