import { type Factorization, fromRows, type VerifiedFactorization, verify } from './factorization.js';
import { forEachOne, modeLengths, type Size } from './tensor.js';

/** The schoolbook algorithm, rank n*m*p. */
export function standard(size: Size): VerifiedFactorization {
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

/** Strassen, "Gaussian elimination is not optimal", Numer. Math. 13 (1969): <2,2,2;7>, 18 additions. w is C transposed. */
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

/** Winograd's form of <2,2,2;7>, 15 additions when common sums are shared (Probert 1976). w is C transposed. */
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

/** An algorithm by the name people use on the command line. */
export const KNOWN: Readonly<Record<string, () => Factorization & VerifiedFactorization>> = {
  strassen,
  winograd,
};
