import fc from 'fast-check';
import {
  type Arithmetic,
  compose,
  type Factorization,
  type FactorMatrix,
  laderman,
  MODES,
  type Mode,
  modeLengths,
  reduced,
  standard,
  strassen,
  type VerifiedFactorization,
  verify,
  winograd,
} from '../../shared/src/index.js';

/** Exact algorithms of several sizes, square and rectangular, standard and modulo 2. No term of theirs is zero. */
export const exactFactorizations: readonly VerifiedFactorization[] = [
  strassen(),
  winograd(),
  laderman(),
  standard({ n: 1, m: 1, p: 1 }),
  standard({ n: 1, m: 2, p: 3 }),
  standard({ n: 3, m: 1, p: 2 }),
  compose(strassen(), standard({ n: 1, m: 1, p: 2 })),
  modulo2(strassen()),
  modulo2(compose(standard({ n: 1, m: 3, p: 1 }), winograd())),
];

/** The same, and some modulo 3, in which no games are played. */
export const exactInEveryField: readonly VerifiedFactorization[] = [
  ...exactFactorizations,
  modulo3(strassen()),
  modulo3(laderman()),
];

export const anyExact: fc.Arbitrary<VerifiedFactorization> = fc.constantFrom(...exactFactorizations);

/** The same algorithm over the field of two elements. Integers only. */
export function modulo2(factorization: Factorization): VerifiedFactorization {
  return inField(factorization, 'modulo-2');
}

/** The same over the field of three elements. Halves are allowed: 2 is its own inverse. */
export function modulo3(factorization: Factorization): VerifiedFactorization {
  return inField(factorization, 'modulo-3');
}

function inField(factorization: Factorization, arithmetic: Arithmetic): VerifiedFactorization {
  const elements = ({ coefficients, denominator }: FactorMatrix): FactorMatrix => ({
    coefficients: coefficients.map((x) => reduced(x * denominator, arithmetic)),
    denominator: 1,
  });
  const { u, v, w } = factorization;
  return verify({ ...factorization, arithmetic, u: elements(u), v: elements(v), w: elements(w) });
}

/** The terms in another order; `order` is a permutation of 0 … rank-1. */
export function permuteTerms(factorization: Factorization, order: readonly number[]): Factorization {
  return mapMatrices(factorization, ({ coefficients, denominator }, length) => ({
    coefficients: Int32Array.from(coefficients, (_, i) => {
      const [position, entry] = [Math.floor(i / length), i % length];
      return coefficients[order[position] * length + entry];
    }),
    denominator,
  }));
}

/** Multiplies one factor of a term by `scale` and divides another by it, which leaves the term as it is. */
export function moveScale(
  factorization: Factorization,
  term: number,
  scale: number,
  from: Mode,
  to: Mode,
): Factorization {
  const size = Math.abs(scale);
  return mapMatrices(factorization, ({ coefficients, denominator }, length, mode) => {
    const inTerm = (i: number): boolean => Math.floor(i / length) === term;
    if (mode === to) return { coefficients: coefficients.map((x, i) => (inTerm(i) ? x * scale : x)), denominator };
    if (mode !== from) return { coefficients, denominator };
    return {
      coefficients: coefficients.map((x, i) => (inTerm(i) ? x * Math.sign(scale) : x * size)),
      denominator: denominator * size,
    };
  });
}

/** One coefficient changed by `delta`. */
export function mutate(factorization: Factorization, mode: Mode, index: number, delta: number): Factorization {
  const coefficients = factorization[mode].coefficients.slice();
  coefficients[index] += delta;
  return { ...factorization, [mode]: { ...factorization[mode], coefficients } };
}

function mapMatrices(
  factorization: Factorization,
  change: (matrix: FactorMatrix, length: number, mode: Mode) => FactorMatrix,
): Factorization {
  const lengths = modeLengths(factorization.size);
  const [u, v, w] = MODES.map((mode, index) => change(factorization[mode], lengths[index], mode));
  return { ...factorization, u, v, w };
}

/** <n,m,p> becomes <m,p,n>: the factors change places in a circle. */
export function cyclicShift({ size: { n, m, p }, u, v, w, ...rest }: Factorization): Factorization {
  return { ...rest, size: { n: m, m: p, p: n }, u: v, v: w, w: u };
}

/** <n,m,p> becomes <p,m,n>: (A B)^T = B^T A^T. */
export function transposed({ size: { n, m, p }, u, v, w, ...rest }: Factorization): Factorization {
  return {
    ...rest,
    size: { n: p, m, p: n },
    u: transposeRows(v, m, p),
    v: transposeRows(u, n, m),
    w: transposeRows(w, p, n),
  };
}

export interface SignedPermutation {
  readonly order: readonly number[];
  /** 1 or -1. */
  readonly signs: readonly number[];
}

/** Changes the order and the signs of the rows of A (n), of its columns with the rows of B (m), and of the columns of B (p). */
export function signedPermutations(
  factorization: Factorization,
  ...[n, m, p]: readonly [SignedPermutation, SignedPermutation, SignedPermutation]
): Factorization {
  const sides = { u: [n, m], v: [m, p], w: [p, n] } as const;
  return mapMatrices(factorization, ({ coefficients, denominator }, length, mode) => {
    const [rows, columns] = sides[mode];
    const width = columns.order.length;
    return {
      denominator,
      coefficients: Int32Array.from(coefficients, (_, at) => {
        const start = at - (at % length);
        const [i, j] = [Math.floor((at % length) / width), at % width];
        return rows.signs[i] * columns.signs[j] * coefficients[start + rows.order[i] * width + columns.order[j]];
      }),
    };
  });
}

/** Each term's matrix of rows x columns transposed. */
function transposeRows({ coefficients, denominator }: FactorMatrix, rows: number, columns: number): FactorMatrix {
  const length = rows * columns;
  return {
    denominator,
    coefficients: Int32Array.from(coefficients, (_, at) => {
      const start = at - (at % length);
      const [j, i] = [Math.floor((at % length) / rows), at % rows];
      return coefficients[start + i * columns + j];
    }),
  };
}
