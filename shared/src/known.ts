import { AlphaTensorError } from './errors.js';
import { fromRows, LIMITS, type VerifiedFactorization, verify } from './factorization.js';
import { forEachOne, formatSize, modeLengths, parseSize, type Size, standardRank } from './tensor.js';

/** Makes the schoolbook algorithm, rank n*m*p. @throws AlphaTensorError INVALID_ARGUMENT if the rank is over LIMITS */
export function standard(size: Size): VerifiedFactorization {
  const rank = standardRank(size);
  if (rank > LIMITS.maxRank) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `The standard algorithm of ${formatSize(size)} has rank ${rank}; at most ${LIMITS.maxRank} is accepted.`,
      { field: 'size' },
    );
  }
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const unit = (length: number, index: number): Int32Array => {
    const vector = new Int32Array(length);
    vector[index] = 1;
    return vector;
  };
  const terms: [Int32Array, Int32Array, Int32Array][] = [];
  forEachOne(size, (a, b, c) => terms.push([unit(lengthU, a), unit(lengthV, b), unit(lengthW, c)]));
  return verify(
    fromRows(
      size,
      terms.map((t) => t[0]),
      terms.map((t) => t[1]),
      terms.map((t) => t[2]),
    ),
  );
}

const TWO: Size = { n: 2, m: 2, p: 2 };

/** Gives Strassen's algorithm, "Gaussian elimination is not optimal", Numer. Math. 13 (1969): <2,2,2;7>, 18 additions. w is C transposed. */
export function strassen(): VerifiedFactorization {
  return verify(
    fromRows(
      TWO,
      [
        [1, 0, 0, 1],
        [0, 0, 1, 1],
        [1, 0, 0, 0],
        [0, 0, 0, 1],
        [1, 1, 0, 0],
        [-1, 0, 1, 0],
        [0, 1, 0, -1],
      ],
      [
        [1, 0, 0, 1],
        [1, 0, 0, 0],
        [0, 1, 0, -1],
        [-1, 0, 1, 0],
        [0, 0, 0, 1],
        [1, 1, 0, 0],
        [0, 0, 1, 1],
      ],
      [
        [1, 0, 0, 1],
        [0, 1, 0, -1],
        [0, 0, 1, 1],
        [1, 1, 0, 0],
        [-1, 0, 1, 0],
        [0, 0, 0, 1],
        [1, 0, 0, 0],
      ],
    ),
  );
}

/** Gives Winograd's form of <2,2,2;7>, 15 additions when common sums are shared (Probert 1976). w is C transposed. */
export function winograd(): VerifiedFactorization {
  return verify(
    fromRows(
      TWO,
      [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [1, 1, -1, -1],
        [0, 0, 0, 1],
        [0, 0, 1, 1],
        [-1, 0, 1, 1],
        [1, 0, -1, 0],
      ],
      [
        [1, 0, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
        [1, -1, -1, 1],
        [-1, 1, 0, 0],
        [1, -1, 0, 1],
        [0, -1, 0, 1],
      ],
      [
        [1, 1, 1, 1],
        [1, 0, 0, 0],
        [0, 0, 1, 0],
        [0, -1, 0, 0],
        [0, 0, 1, 1],
        [0, 1, 1, 1],
        [0, 1, 0, 1],
      ],
    ),
  );
}

/**
 * Gives Laderman's algorithm, "A noncommutative algorithm for multiplying 3 x 3 matrices using 23 multiplications", Bull. AMS 82 (1976):
 * <3,3,3;23>, in the article's own numbering.
 */
export function laderman(): VerifiedFactorization {
  const products: readonly (readonly [a: string, b: string])[] = [
    ['a11+a12+a13-a21-a22-a32-a33', 'b22'],
    ['a11-a21', '-b12+b22'],
    ['a22', '-b11+b12+b21-b22-b23-b31+b33'],
    ['-a11+a21+a22', 'b11-b12+b22'],
    ['a21+a22', '-b11+b12'],
    ['a11', 'b11'],
    ['-a11+a31+a32', 'b11-b13+b23'],
    ['-a11+a31', 'b13-b23'],
    ['a31+a32', '-b11+b13'],
    ['a11+a12+a13-a22-a23-a31-a32', 'b23'],
    ['a32', '-b11+b13+b21-b22-b23-b31+b32'],
    ['-a13+a32+a33', 'b22+b31-b32'],
    ['a13-a33', 'b22-b32'],
    ['a13', 'b31'],
    ['a32+a33', '-b31+b32'],
    ['-a13+a22+a23', 'b23+b31-b33'],
    ['a13-a23', 'b23-b33'],
    ['a22+a23', '-b31+b33'],
    ['a12', 'b21'],
    ['a23', 'b32'],
    ['a21', 'b13'],
    ['a31', 'b12'],
    ['a33', 'b33'],
  ];
  /** The products that are added up in c11, c12, c13, c21 … */
  const sums = [
    [6, 14, 19],
    [1, 4, 5, 6, 12, 14, 15],
    [6, 7, 9, 10, 14, 16, 18],
    [2, 3, 4, 6, 14, 16, 17],
    [2, 4, 5, 6, 20],
    [14, 16, 17, 18, 21],
    [6, 7, 8, 11, 12, 13, 14],
    [12, 13, 14, 15, 22],
    [6, 7, 8, 9, 23],
  ];
  const w = products.map((_, r) => {
    const row = new Int32Array(9);
    sums.forEach((terms, entry) => {
      const [i, k] = [Math.floor(entry / 3), entry % 3];
      if (terms.includes(r + 1)) row[k * 3 + i] = 1;
    });
    return row;
  });
  return verify(
    fromRows(
      { n: 3, m: 3, p: 3 },
      products.map(([a]) => linearForm(a)),
      products.map(([, b]) => linearForm(b)),
      w,
    ),
  );
}

/** `a11-a23` as a vector over the nine entries of a 3 x 3 matrix, row by row. */
function linearForm(text: string): Int32Array {
  const form = new Int32Array(9);
  for (const [, sign, i, j] of text.matchAll(/([+-]?)[ab]([1-3])([1-3])/g)) {
    form[(Number(i) - 1) * 3 + Number(j) - 1] = sign === '-' ? -1 : 1;
  }
  return form;
}

/** An algorithm by the name people use on the command line. */
export const KNOWN: Readonly<Record<string, () => VerifiedFactorization>> = {
  strassen,
  winograd,
  laderman,
};

/** What `resolveKnown` accepts, for help texts and errors. */
export const KNOWN_NAMES: readonly string[] = [...Object.keys(KNOWN), 'standard:n,m,p'];

/** Tells whether `resolveKnown` would take the text for a name, rather than for a file's path. */
export function isKnownName(name: string): boolean {
  return Object.hasOwn(KNOWN, name) || name.startsWith('standard:');
}

/** Gives the algorithm of a name: `strassen`, `winograd`, `laderman` or `standard:n,m,p`. @throws AlphaTensorError NOT_FOUND listing the names */
export function resolveKnown(name: string): VerifiedFactorization {
  if (name.startsWith('standard:')) return standard(parseSize(name.slice('standard:'.length)));
  if (!Object.hasOwn(KNOWN, name)) {
    throw new AlphaTensorError('NOT_FOUND', `"${name}" is not a known algorithm; known are ${KNOWN_NAMES.join(', ')}.`);
  }
  return KNOWN[name]();
}

/**
 * The lowest ranks known over the rationals, by sorted size; from the table of dronperminov/FastMatrixMultiplication
 * (arXiv 2511.20317). Only where this project needs a scale or a goal; a search is never shown them.
 */
const BEST_KNOWN_RANKS: Readonly<Record<string, number>> = {
  '2,2,2': 7,
  '2,2,3': 11,
  '2,2,4': 14,
  '2,2,5': 18,
  '2,3,3': 15,
  '2,3,4': 20,
  '2,3,5': 25,
  '2,4,4': 26,
  '2,4,5': 32,
  '2,5,5': 40,
  '3,3,3': 23,
  '3,3,4': 29,
  '3,3,5': 36,
  '3,3,6': 40,
  '3,4,4': 38,
  '3,4,5': 47,
  '3,4,6': 54,
  '3,5,5': 58,
  '3,5,6': 68,
  '4,4,4': 48,
  '4,4,5': 61,
  '4,4,6': 73,
  '4,5,5': 76,
  '4,5,6': 90,
  '5,5,5': 93,
  '5,5,6': 110,
  '5,6,6': 130,
  '6,6,6': 153,
};

/** Gives the lowest rank known for a size (the order of n, m, p does not matter), the schoolbook's where the table has none. */
export function bestKnownRank(size: Size): number {
  const sorted = [size.n, size.m, size.p].sort((a, b) => a - b);
  return BEST_KNOWN_RANKS[sorted.join(',')] ?? standardRank(size);
}
