import { AlphaTensorError } from '../errors.js';
import { checkSize, modeLengths, type Size } from '../tensor.js';
import { parseCoefficient } from './coefficient.js';
import type { AnyRecord } from './record.js';
import { type Matrix, reconstruct } from './scheme.js';

/** One scheme of a table: its size, its rank and the lines of u, v and w. */
export interface Table {
  readonly size: Size;
  readonly rank: number;
  readonly lines: readonly (readonly string[])[];
}

/**
 * Splits a table of integers, as flip graph programs write and read it, into its schemes: a line `n m p R` each, then u, v and w. A line with the
 * number of schemes may come first.
 * @returns undefined if the text is no such table
 * @throws AlphaTensorError INVALID_ARGUMENT for a size that is not accepted, UNSUPPORTED_FORMAT where lines are missing
 */
export function splitTables(text: string): readonly Table[] | undefined {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/[\s,;]+/));
  if (lines[0]?.length === 1 && lines[1]?.length === 4) lines.shift();
  if (!isHeader(lines[0])) return undefined;
  const tables: Table[] = [];
  for (let at = 0; at < lines.length; ) {
    if (!isHeader(lines[at]))
      throw malformed(`"${lines[at].slice(0, 6).join(' ')}" stands where a line n m p R should`);
    const [n, m, p, rank] = lines[at++].map(Number);
    const size = { n, m, p };
    checkSize(size);
    const count = linesOf(size, rank, lines.slice(at));
    tables.push({ size, rank, lines: lines.slice(at, at + count) });
    at += count;
  }
  return tables;
}

/** Reads one scheme of a table. @throws AlphaTensorError UNSUPPORTED_FORMAT, INVALID_ARGUMENT or NOT_A_FACTORIZATION */
export function readTable({ size, rank, lines }: Table): AnyRecord {
  const lengths = modeLengths(size);
  // A line for each product, or one for each entry.
  const counts = lines.length === 3 * rank ? [rank, rank, rank] : lengths;
  let at = 0;
  const [u, v, w] = counts.map((count): Matrix => {
    const matrix = lines.slice(at, at + count).map((line) => line.map(parseCoefficient));
    at += count;
    return matrix;
  });
  return reconstruct({ size, modes: [u, v, w], orders: ['transposed', 'row-major'] });
}

function isHeader(line: readonly string[] | undefined): boolean {
  return line?.length === 4 && line.every((token) => /^[1-9]\d{0,4}$/.test(token));
}

/** How many lines a scheme takes: as many as products for each of u, v and w, or as many as entries. */
function linesOf(size: Size, rank: number, lines: readonly (readonly string[])[]): number {
  const lengths = modeLengths(size);
  const byEntry = lengths.reduce((sum, length) => sum + length, 0);
  const isByEntry = lines[0]?.length === rank && lines[0].length !== lengths[0];
  const count = isByEntry ? byEntry : 3 * rank;
  if (lines.length < count) {
    throw malformed(`${lines.length} lines follow ${size.n} ${size.m} ${size.p} ${rank} where ${count} are needed`);
  }
  return count;
}

function malformed(what: string): AlphaTensorError {
  return new AlphaTensorError('UNSUPPORTED_FORMAT', `The table n m p R is damaged or incomplete: ${what}.`);
}
