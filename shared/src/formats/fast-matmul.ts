import { AlphaTensorError } from '../errors.js';
import type { Size } from '../tensor.js';
import { parseRational, type Rational } from './rational.js';
import { type FactorizationRecord, transpose, verifiedFromRows } from './record.js';

/** A product of free parameters of an approximate algorithm: `x`, `-x`, `xi` (the inverse of x). */
const FREE_PARAMETER = /^-?\d*x[a-z0-9]*$/i;

/** Tells whether the text has the shape of a coefficient file: nothing but numbers, free parameters, `#` and comments. */
export function looksLikeFastMatmul(text: string): boolean {
  const matrices = splitMatrices(text);
  return (
    matrices.length === 3 &&
    matrices.every(
      (rows) => rows.length > 0 && rows.every((row) => row.every((token) => /^[-+\d./x][\w./]*$/.test(token))),
    )
  );
}

/**
 * Reads a coefficient file of fast-matmul (https://github.com/arbenson/fast-matmul, Benson & Ballard, PPoPP 2015): three
 * matrices separated by `#`, rows are the entries of A, B and C, columns the products. The size follows from the numbers
 * of rows, n*m, m*p and n*p. There C is not transposed; here it is.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT (also for approximate algorithms), INVALID_ARGUMENT or NOT_A_FACTORIZATION
 */
export function parseFastMatmul(text: string): FactorizationRecord {
  const tokens = splitMatrices(text);
  if (tokens.length !== 3) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `The file has ${tokens.length} matrices; three, separated by lines of #, are needed.`,
    );
  }
  const free = tokens.flat(2).find((token) => FREE_PARAMETER.test(token));
  if (free !== undefined) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `The file describes an approximate algorithm (it has the free parameter "${free}"); only exact algorithms are read.`,
    );
  }
  const [u, v, product] = tokens.map((matrix) => matrix.map((row) => row.map(parseRational)));
  const rank = u[0].length;
  for (const matrix of [u, v, product]) {
    const ragged = matrix.find((row) => row.length !== rank);
    if (ragged !== undefined) {
      throw new AlphaTensorError(
        'UNSUPPORTED_FORMAT',
        `A row has ${ragged.length} columns; the first row has ${rank}.`,
      );
    }
  }
  const size = sizeFromRows(u.length, v.length, product.length);
  return {
    factorization: verifiedFromRows(size, 'standard', [
      transpose(u),
      transpose(v),
      transpose(transposeEntries(product, size)),
    ]),
    origin: 'imported',
  };
}

/** The tokens of each row of each matrix; comments and blank lines dropped. */
function splitMatrices(text: string): string[][][] {
  const matrices: string[][][] = [[]];
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed.startsWith('#')) {
      // A comment at the start separates nothing.
      if (matrices[matrices.length - 1].length > 0) matrices.push([]);
    } else if (trimmed !== '') {
      matrices[matrices.length - 1].push(trimmed.split(/\s+/));
    }
  }
  return matrices;
}

/** n^2 = (n*m)(n*p)/(m*p), and so on: three row counts belong to one size only. */
function sizeFromRows(nm: number, mp: number, np: number): Size {
  const n = Math.sqrt((nm * np) / mp);
  const [m, p] = [nm / n, np / n];
  if (![n, m, p].every(Number.isInteger) || m * p !== mp) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `Matrices of ${nm}, ${mp} and ${np} rows belong to no matrix product; n*m, m*p and n*p rows are needed.`,
    );
  }
  return { n, m, p };
}

/** Row i*p+k of the file is entry (i, k) of the product, whose place here is k*n+i. */
function transposeEntries(product: readonly (readonly Rational[])[], { n, p }: Size): (readonly Rational[])[] {
  return Array.from({ length: n * p }, (_, entry) => product[(entry % n) * p + Math.floor(entry / n)]);
}
