import { type Arithmetic, moduloWords, modulusOf } from './arithmetic.js';
import { AlphaTensorError } from './errors.js';
import { checkSize, forEachOne, formatSize, type ModeLengths, modeLengths, type Size } from './tensor.js';

/**
 * One factor matrix as integers over a common denominator.
 * `coefficients` has shape [rank, length], rank-major: row r is the r-th factor.
 */
export interface FactorMatrix {
  readonly coefficients: Int32Array;
  /** Positive; every entry is coefficients[i] / denominator. */
  readonly denominator: number;
}

/**
 * A claimed factorization T_{n,m,p} = sum over r of u_r (x) v_r (x) w_r, in the index convention of tensor.ts.
 * It is only a claim: see `verify`.
 */
export interface Factorization {
  readonly size: Size;
  readonly rank: number;
  readonly arithmetic: Arithmetic;
  /** [rank, n*m], [rank, m*p] and [rank, p*n]. */
  readonly u: FactorMatrix;
  readonly v: FactorMatrix;
  readonly w: FactorMatrix;
}

declare const verifiedMark: unique symbol;
/** A factorization that has been reconstructed exactly. Only `verify` makes one; nothing else may leave the trainer or be compiled. */
export type VerifiedFactorization = Factorization & { readonly [verifiedMark]: true };

/** Bounds on what is accepted from outside. */
export const LIMITS = {
  maxRank: 5000,
  maxCoefficient: 1 << 15,
  maxDenominator: 1 << 15,
} as const;

export const MODES = ['u', 'v', 'w'] as const;
export type Mode = (typeof MODES)[number];

/**
 * Builds a factorization from rank-major integer rows, u[r][a] and so on, with denominator 1.
 * The shape is checked, the claim is not.
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function fromRows(
  size: Size,
  u: readonly ArrayLike<number>[],
  v: readonly ArrayLike<number>[],
  w: readonly ArrayLike<number>[],
  arithmetic: Arithmetic = 'standard',
): Factorization {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const pack = (rows: readonly ArrayLike<number>[], length: number, mode: Mode): FactorMatrix => {
    const coefficients = new Int32Array(rows.length * length);
    rows.forEach((row, r) => {
      if (row.length !== length) {
        throw new AlphaTensorError(
          'INVALID_ARGUMENT',
          `Row ${r} of ${mode} has ${row.length} entries; ${formatSize(size)} needs ${length}.`,
          { field: mode },
        );
      }
      coefficients.set(row, r * length);
      for (let i = 0; i < length; i++) {
        if (coefficients[r * length + i] !== row[i]) {
          throw new AlphaTensorError(
            'INVALID_ARGUMENT',
            `Entry ${i} of row ${r} of ${mode} is ${row[i]}; a whole number of at most ${LIMITS.maxCoefficient} in size is needed.`,
            { field: mode },
          );
        }
      }
    });
    return { coefficients, denominator: 1 };
  };
  const factorization: Factorization = {
    size,
    rank: u.length,
    arithmetic,
    u: pack(u, lengthU, 'u'),
    v: pack(v, lengthV, 'v'),
    w: pack(w, lengthW, 'w'),
  };
  checkShape(factorization);
  return factorization;
}

/**
 * Checks sizes, lengths and bounds, not the claim itself.
 * @throws AlphaTensorError INVALID_ARGUMENT naming the field
 */
export function checkShape(factorization: Factorization): void {
  const { size, rank } = factorization;
  checkSize(size);
  if (!Number.isInteger(rank) || rank < 1 || rank > LIMITS.maxRank) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `The rank must be a whole number from 1 to ${LIMITS.maxRank}, but is ${rank}.`,
      { field: 'rank' },
    );
  }
  const lengths: ModeLengths = modeLengths(size);
  MODES.forEach((mode, index) => {
    const { coefficients, denominator } = factorization[mode];
    const expected = rank * lengths[index];
    if (coefficients.length !== expected) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${mode} has ${coefficients.length} coefficients; ${formatSize(size)} of rank ${rank} needs ${rank} x ${lengths[index]} = ${expected}.`,
        { field: mode },
      );
    }
    if (!Number.isInteger(denominator) || denominator < 1 || denominator > LIMITS.maxDenominator) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `The denominator of ${mode} must be a whole number from 1 to ${LIMITS.maxDenominator}, but is ${denominator}.`,
        { field: `${mode}.denominator` },
      );
    }
    const worst = maxAbs(coefficients);
    if (worst > LIMITS.maxCoefficient) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `A coefficient of ${mode} is ${worst} in size; at most ${LIMITS.maxCoefficient} is accepted.`,
        { field: mode },
      );
    }
  });
}

/**
 * Reconstructs the tensor exactly and compares it with T_{n,m,p}: the only way to a VerifiedFactorization.
 * @throws AlphaTensorError INVALID_ARGUMENT (shape, bounds) or NOT_A_FACTORIZATION (with the first wrong entry)
 */
export function verify(factorization: Factorization): VerifiedFactorization {
  checkShape(factorization);
  const wrong = firstWrongEntry(factorization);
  if (wrong !== undefined) {
    const { size, rank, arithmetic } = factorization;
    const field = moduloWords(arithmetic);
    throw new AlphaTensorError(
      'NOT_A_FACTORIZATION',
      `The ${rank} terms do not reconstruct ${formatSize(size)}${field && ` ${field}`}: ` +
        `entry (${wrong.a}, ${wrong.b}, ${wrong.c}) is ${wrong.got}, not ${wrong.expected}; check the order of the entries ` +
        `(w indexes the product transposed) and the signs.`,
    );
  }
  return factorization as VerifiedFactorization;
}

/** Tells whether `verify` would accept it. */
export function isExact(factorization: Factorization): boolean {
  checkShape(factorization);
  return firstWrongEntry(factorization) === undefined;
}

/** Tells whether `verify` can sum in doubles, which are exact below 2^53; beyond that it takes BigInt, which is far slower. */
export function isExactInDoubles({ rank, u, v, w }: Factorization): boolean {
  const scale = u.denominator * v.denominator * w.denominator;
  const bound = maxAbs(u.coefficients) * maxAbs(v.coefficients) * maxAbs(w.coefficients) * rank + scale;
  return bound < Number.MAX_SAFE_INTEGER;
}

/** Tells whether it multiplies matrices of numbers: in standard arithmetic, or modulo 2 or 3 where it is exact over the integers too. */
export function isExactOverNumbers(factorization: VerifiedFactorization): boolean {
  return factorization.arithmetic === 'standard' || isExact({ ...factorization, arithmetic: 'standard' });
}

interface WrongEntry {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly got: string;
  readonly expected: number;
}

function firstWrongEntry(factorization: Factorization): WrongEntry | undefined {
  const { size, arithmetic, u, v, w } = factorization;
  if (arithmetic !== 'standard' && u.denominator * v.denominator * w.denominator !== 1) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `A factorization ${moduloWords(arithmetic)} cannot have fractions.`);
  }
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const scale = u.denominator * v.denominator * w.denominator;
  const exactInDoubles = isExactInDoubles(factorization);
  /** For each slice a, the places b * lengthW + c of the ones of T_{n,m,p}. */
  const ones: number[][] = Array.from({ length: lengthU }, () => []);
  forEachOne(size, (a, b, c) => ones[a].push(b * lengthW + c));

  const doubles = new Float64Array(exactInDoubles ? lengthV * lengthW : 0);
  for (let a = 0; a < lengthU; a++) {
    const residual = exactInDoubles
      ? residualInDoubles(factorization, a, ones[a], scale, doubles)
      : residualAsBigInt(factorization, a, ones[a], scale);
    const place = firstNonzero(residual, arithmetic);
    if (place !== undefined) {
      const expected = ones[a].includes(place) ? 1 : 0;
      const value = BigInt(residual[place]) + BigInt(expected) * BigInt(scale);
      const [b, c] = [Math.floor(place / lengthW), place % lengthW];
      return { a, b, c, got: scale === 1 ? `${value}` : `${value}/${scale}`, expected };
    }
  }
  return undefined;
}

function firstNonzero(residual: ArrayLike<number | bigint>, arithmetic: Arithmetic): number | undefined {
  const modulus = modulusOf(arithmetic);
  for (let place = 0; place < residual.length; place++) {
    const value = residual[place];
    if (typeof value === 'number' && (modulus === undefined ? value : value % modulus) !== 0) return place;
    if (typeof value === 'bigint' && (modulus === undefined ? value : value % BigInt(modulus)) !== 0n) return place;
  }
  return undefined;
}

/** residual[b, c] = sum over r of u[r, a] v[r, b] w[r, c] - scale * T[a, b, c], written into `residual`. */
function residualInDoubles(
  { size, rank, u, v, w }: Factorization,
  a: number,
  ones: readonly number[],
  scale: number,
  residual: Float64Array,
): Float64Array {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  residual.fill(0);
  for (const place of ones) residual[place] = -scale;
  for (let r = 0; r < rank; r++) {
    const x = u.coefficients[r * lengthU + a];
    if (x === 0) continue;
    for (let b = 0; b < lengthV; b++) {
      const xy = x * v.coefficients[r * lengthV + b];
      if (xy === 0) continue;
      for (let c = 0; c < lengthW; c++) residual[b * lengthW + c] += xy * w.coefficients[r * lengthW + c];
    }
  }
  return residual;
}

/** The same, of any size. */
function residualAsBigInt(
  { size, rank, u, v, w }: Factorization,
  a: number,
  ones: readonly number[],
  scale: number,
): bigint[] {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const residual = new Array<bigint>(lengthV * lengthW).fill(0n);
  for (const place of ones) residual[place] = -BigInt(scale);
  for (let r = 0; r < rank; r++) {
    const x = BigInt(u.coefficients[r * lengthU + a]);
    if (x === 0n) continue;
    for (let b = 0; b < lengthV; b++) {
      const xy = x * BigInt(v.coefficients[r * lengthV + b]);
      if (xy === 0n) continue;
      for (let c = 0; c < lengthW; c++) residual[b * lengthW + c] += xy * BigInt(w.coefficients[r * lengthW + c]);
    }
  }
  return residual;
}

function maxAbs(values: Int32Array): number {
  let result = 0;
  for (const value of values) result = Math.max(result, Math.abs(value));
  return result;
}
