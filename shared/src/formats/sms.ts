import { AlphaTensorError } from '../errors.js';
import { LIMITS } from '../factorization.js';
import { type Coefficient, NO_COEFFICIENT, parseCoefficient } from './coefficient.js';
import type { AnyRecord } from './record.js';
import { type Matrix, reconstruct, sizeFromLengths, transpose } from './scheme.js';

const HEADER = /^(\d{1,6})\s+(\d{1,6})\s+([A-Za-z])\w*$/;

/** Tells whether the text is one sparse matrix: a line `rows columns R`, and then `row column value`. */
export function looksLikeSms(text: string): boolean {
  return HEADER.test(linesOf(text)[0] ?? '');
}

/**
 * Reads the three sparse matrices of an algorithm as plinopt has them (https://github.com/jgdumas/plinopt): L is R x nm, R is R x mp, and P,
 * from the products to the entries of the product row by row, np x R.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT, INVALID_ARGUMENT or NOT_A_FACTORIZATION
 */
export function readSms(left: string, right: string, product: string): AnyRecord {
  const [l, r, p] = [left, right, product].map((text, index) => headerOf(text, 'LRP'[index]));
  if (l.rows !== r.rows || r.rows !== p.columns) {
    throw malformed(`L has ${l.rows} rows, R ${r.rows} and P ${p.columns} columns; each needs one for each product`);
  }
  const size = sizeFromLengths(l.columns, r.columns, p.rows);
  const [u, v, w] = [l, r, p].map(matrixOf);
  return reconstruct({ size, modes: [u, v, transpose(w)], orders: ['row-major', 'transposed'] });
}

interface Sms {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly lines: readonly string[];
}

function headerOf(text: string, name: string): Sms {
  const [first = '', ...lines] = linesOf(text);
  const [match, rows, columns] = first.match(HEADER) ?? [];
  if (match === undefined)
    throw malformed(`${name} does not begin with a line such as "7 4 R", but with "${first.slice(0, 40)}"`);
  const end = lines.findIndex((line) => /^0\s+0\s+0$/.test(line));
  if (end < 0) throw malformed(`${name} is not ended by 0 0 0`);
  const [longest, most] = [Math.max(Number(rows), Number(columns)), LIMITS.maxRank];
  if (longest > most) throw malformed(`${name} is ${rows} x ${columns}; at most ${most} rows and columns are read`);
  return { name, rows: Number(rows), columns: Number(columns), lines: lines.slice(0, end) };
}

function matrixOf({ name, rows, columns, lines }: Sms): Matrix {
  // Each row and each column of an algorithm has something in it, so that memory is bounded by the size of the file.
  if (lines.length < Math.max(rows, columns)) throw malformed(`${name} has a row or a column without entries`);
  const matrix = Array.from({ length: rows }, () => new Array<Coefficient>(columns).fill(NO_COEFFICIENT));
  for (const line of lines) {
    const [i, j, value, ...rest] = line.split(/\s+/);
    const [row, column] = [Number(i) - 1, Number(j) - 1];
    if (value === undefined || rest.length > 0 || matrix[row] === undefined || !(column in matrix[row])) {
      throw malformed(`"${line.slice(0, 40)}" of ${name} is no row, column and value within ${rows} x ${columns}`);
    }
    matrix[row][column] = parseCoefficient(value);
  }
  return matrix;
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[%#]/.test(line));
}

function malformed(what: string): AlphaTensorError {
  return new AlphaTensorError('UNSUPPORTED_FORMAT', `The sparse matrices (SMS) cannot be read: ${what}.`);
}
