import { AlphaTensorError } from '../errors.js';
import {
  addCoefficients,
  type Coefficient,
  multiplyCoefficients,
  NO_COEFFICIENT,
  parseCoefficient,
} from './coefficient.js';
import type { AnyRecord } from './record.js';
import { type Matrix, reconstruct, transpose } from './scheme.js';

/** A product of free parameters of an approximate algorithm: `x`, `-x`, `xi` (the inverse of x). */
const FREE_PARAMETER = /^-?\d*x[a-z0-9]*$/i;
const SUBSTITUTIONS = /^#.*substitution.*$/im;

/** Tells whether the text has the shape of a coefficient file: nothing but numbers, free parameters, `#` and comments. */
export function looksLikeFastMatmul(text: string): boolean {
  const matrices = splitMatrices(text.split(SUBSTITUTIONS)[0]);
  return (
    matrices.length === 3 &&
    matrices.every(
      (rows) => rows.length > 0 && rows.every((row) => row.every((token) => /^[-+\d.x][-+\w./]*$/.test(token))),
    )
  );
}

/**
 * Reads a coefficient file of fast-matmul (https://github.com/arbenson/fast-matmul, Benson & Ballard, PPoPP 2015): three
 * matrices separated by `#`, rows are the entries of A, B and C, columns the products. The size follows from the numbers
 * of rows, n*m, m*p and n*p. There C is not transposed; here it is.
 *
 * The reduced form has shared sums: further rows of the first two matrices, and further columns of the third. After a line `# Substitution
 * information` it says for each of the three what they are sums of.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT (also for approximate algorithms), INVALID_ARGUMENT or NOT_A_FACTORIZATION
 */
export function parseFastMatmul(text: string): AnyRecord {
  const [main, substitutions = ''] = text.split(SUBSTITUTIONS);
  const tokens = splitMatrices(main);
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
  const [ofU = [], ofV = [], ofW = []] = groupsOf(substitutions).map(coefficientsOf);
  const [u, v, w] = tokens.map(coefficientsOf);
  const rank = u[0].length;
  // In published files some rows lack the columns of sums that they have nothing of.
  const wide = ofW.length === 0 ? w : w.map((row) => padded(row, rank + ofW.length));
  for (const [matrix, width] of [
    [u, rank],
    [v, rank],
    [wide, rank + ofW.length],
  ] as const) {
    const ragged = matrix.find((row) => row.length !== width);
    if (ragged === undefined) continue;
    const why = `A row has ${ragged.length} columns; the first row has ${rank}.`;
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', why);
  }
  const modes = [
    transpose(expandRows(u, ofU)),
    transpose(expandRows(v, ofV)),
    expandRows(transpose(wide), ofW),
  ] as const;
  return reconstruct({ modes, orders: ['row-major', 'transposed'] });
}

function padded(row: readonly Coefficient[], width: number): readonly Coefficient[] {
  return [...row, ...new Array<Coefficient>(Math.max(0, width - row.length)).fill(NO_COEFFICIENT)];
}

function coefficientsOf(tokens: readonly (readonly string[])[]): Matrix {
  return tokens.map((row) => row.map((token) => parseCoefficient(token)));
}

/** The last rows of a matrix are those of shared sums, which go to the rows of what they are sums of. */
function expandRows(matrix: Matrix, sums: Matrix): Matrix {
  const own = matrix.length - sums.length;
  const rows = matrix.map((row) => [...row]);
  if (own < 1) throw new AlphaTensorError('UNSUPPORTED_FORMAT', 'There are more substitutions than rows for them.');
  for (let sum = sums.length - 1; sum >= 0; sum--) {
    sums[sum].forEach((coefficient, of) => {
      if (coefficient.re.numerator === 0 && coefficient.im.numerator === 0) return;
      // A sum may be one of earlier sums.
      if (of >= own + sum) {
        throw new AlphaTensorError('UNSUPPORTED_FORMAT', `Substitution ${sum + 1} is one of what comes after it.`);
      }
      rows[of] = rows[of].map((x: Coefficient, i) =>
        addCoefficients(x, multiplyCoefficients(coefficient, rows[own + sum][i])),
      );
    });
  }
  return rows.slice(0, own);
}

/** The tokens of each row of each matrix; comments and blank lines dropped. */
function splitMatrices(text: string): string[][][] {
  // A comment at the start separates nothing.
  return groupsOf(text).filter((rows) => rows.length > 0);
}

/** The tokens of each row between lines of #, which may be none. */
function groupsOf(text: string): string[][][] {
  const groups: string[][][] = [[]];
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed.startsWith('#')) groups.push([]);
    else if (trimmed !== '') groups[groups.length - 1].push(trimmed.split(/\s+/));
  }
  return groups;
}
