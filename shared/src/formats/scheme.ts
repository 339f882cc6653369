import type { Arithmetic } from '../arithmetic.js';
import { AlphaTensorError } from '../errors.js';
import { MODES } from '../factorization.js';
import { type GaussianMatrix, verifyGaussian } from '../gaussian.js';
import { modeLengths, type Size } from '../tensor.js';
import { type Coefficient, isReal } from './coefficient.js';
import { toFactorMatrix } from './rational.js';
import { type AnyRecord, checkLengths, verifiedFromRows } from './record.js';

/** A matrix as a file gives it, row by row. */
export type Matrix = readonly (readonly Coefficient[])[];
export type Modes = readonly [u: Matrix, v: Matrix, w: Matrix];

/** How a file orders the entries of the product: `transposed` as here, k*n+i; or row by row, i*p+k. */
export type ProductOrder = 'transposed' | 'row-major';

/** What a file says of a scheme. What it does not say follows from what reconstructs the product exactly. */
export interface Scheme {
  /** The size. Undefined: it follows from the lengths of u, v and w. */
  readonly size?: Size | undefined;
  /** Matrices with a row for each product; or all three with a column for each. */
  readonly modes: Modes;
  /** Orders of the product that such files have, the usual one first. */
  readonly orders: readonly ProductOrder[];
  /** Undefined: the file does not say, and it is modulo 2 where all coefficients are 0 or 1 and only that is exact. */
  readonly arithmetic?: Arithmetic | undefined;
}

/**
 * Reconstructs a scheme exactly: the only way from a file to a record. Errors are about the usual order and arithmetic.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT, INVALID_ARGUMENT or NOT_A_FACTORIZATION
 */
export function reconstruct(scheme: Scheme): AnyRecord {
  const { size, modes } = inRows(scheme);
  const isComplex = modes.some((matrix) => matrix.some((row) => !row.every(isReal)));
  const arithmetics: readonly Arithmetic[] =
    scheme.arithmetic !== undefined ? [scheme.arithmetic] : isBinary(modes) ? ['standard', 'modulo-2'] : ['standard'];
  let first: unknown;
  for (const arithmetic of isComplex ? (['standard'] as const) : arithmetics)
    for (const order of scheme.orders) {
      const [u, v, w] = modes;
      const ordered: Modes = [u, v, order === 'transposed' ? w : w.map((row) => transposeProduct(row, size))];
      try {
        if (isComplex) return { gaussian: verifiedGaussian(size, ordered), origin: 'imported' };
        const [x, y, z] = ordered.map((matrix) => matrix.map((row) => row.map(({ re }) => re)));
        return { factorization: verifiedFromRows(size, arithmetic, [x, y, z]), origin: 'imported' };
      } catch (error) {
        if (!(error instanceof AlphaTensorError) || error.code !== 'NOT_A_FACTORIZATION') throw error;
        first ??= error;
      }
    }
  throw first;
}

function verifiedGaussian(size: Size, modes: Modes) {
  const lengths = modeLengths(size);
  const [u, v, w] = modes.map((matrix, index): GaussianMatrix => {
    checkLengths(matrix, index, lengths[index]);
    const parts = [...matrix.map((row) => row.map(({ re }) => re)), ...matrix.map((row) => row.map(({ im }) => im))];
    const { coefficients, denominator } = toFactorMatrix(parts, MODES[index]);
    const half = coefficients.length / 2;
    return { real: coefficients.slice(0, half), imaginary: coefficients.slice(half), denominator };
  });
  return verifyGaussian({ size, rank: modes[0].length, u, v, w });
}

function isBinary(modes: Modes): boolean {
  return modes.every((matrix) =>
    matrix.every((row) =>
      row.every(({ re, im }) => im.numerator === 0 && re.denominator === 1 && (re.numerator & 1) === re.numerator),
    ),
  );
}

/** Turns the matrices so that each row is a product. There are more products than entries of any matrix, but for trivial schemes. */
function inRows({ size, modes }: Scheme): { readonly size: Size; readonly modes: Modes } {
  const [down, across] = [modes.map((matrix) => matrix.length), modes.map((matrix) => matrix[0]?.length ?? 0)];
  modes.forEach((matrix, index) => {
    const ragged = matrix.find((row) => row.length !== across[index]);
    if (ragged === undefined) return;
    throw unsupported(`a row of ${MODES[index]} has ${ragged.length} entries, the first one ${across[index]}`);
  });
  const areRows = isOneRank(down) && (!isOneRank(across) || down[0] >= across[0]);
  if (!areRows && !isOneRank(across)) {
    throw unsupported(
      `u, v and w are matrices of ${modes.map((_, index) => `${down[index]} x ${across[index]}`).join(', ')}, which have neither equally many rows nor equally many columns, one for each product`,
    );
  }
  const turned: Modes = areRows ? modes : [transpose(modes[0]), transpose(modes[1]), transpose(modes[2])];
  const [nm, mp, pn] = areRows ? across : down;
  return { size: size ?? sizeFromLengths(nm, mp, pn), modes: turned };
}

function isOneRank([u, v, w]: readonly number[]): boolean {
  return u > 0 && u === v && v === w;
}

/** Gives the one size whose matrices have so many entries: n^2 = (n*m)(n*p)/(m*p), and so on. @throws AlphaTensorError UNSUPPORTED_FORMAT */
export function sizeFromLengths(nm: number, mp: number, np: number): Size {
  const n = Math.sqrt((nm * np) / mp);
  const [m, p] = [nm / n, np / n];
  if (![n, m, p].every((x) => Number.isInteger(x) && x > 0) || m * p !== mp) {
    throw unsupported(
      `u, v and w with ${nm}, ${mp} and ${np} entries a product belong to no matrix product; n*m, m*p and n*p are needed`,
    );
  }
  return { n, m, p };
}

/** Puts the entries (i, k) of a product, row by row, in the places k*n+i. */
export function transposeProduct<T>(row: readonly T[], { n, p }: Size): T[] {
  return row.length === n * p ? row.map((_, entry) => row[(entry % n) * p + Math.floor(entry / n)]) : [...row];
}

/** Turns columns into rows. */
export function transpose<T>(matrix: readonly (readonly T[])[]): T[][] {
  return (matrix[0] ?? []).map((_, column) => matrix.map((row) => row[column]));
}

function unsupported(why: string): AlphaTensorError {
  return new AlphaTensorError('UNSUPPORTED_FORMAT', `This is not a factorization: ${why}.`);
}
