import { inverseOf } from './matrix.js';

/**
 * Describes a change of basis that mixes a few basis vectors of one axis: rows become `matrix` times rows, columns become columns times
 * `inverse`. Every entry is a dyadic fraction, so doubles hold them exactly.
 */
export interface BasisMove {
  /** How many basis vectors it mixes. */
  readonly order: number;
  /** [order, order], row-major. */
  readonly matrix: readonly number[];
  readonly inverse: readonly number[];
  /**
   * How the sum of the rows' squared norms changes: matrix^T matrix - I over the Gram matrix of the rows, as its upper triangle
   * row by row with the entries off the diagonal doubled.
   */
  readonly rowForm: readonly number[];
  /** The same for the columns: inverse inverse^T - I. */
  readonly columnForm: readonly number[];
  /** Whether it only scales, which leaves every zero a zero. */
  readonly isDiagonal: boolean;
}

/** Lists what one step of the search may do, by kind. Signs and orders are left out: they change nothing. */
export interface BasisMoves {
  /** One vector doubled or halved. */
  readonly scalings: readonly BasisMove[];
  /** A multiple of one vector added to another. */
  readonly elementary: readonly BasisMove[];
  /** The same, with the other scaled. */
  readonly scaledElementary: readonly BasisMove[];
  /** Multiples of two vectors added to a third, or of one to two others. */
  readonly doubleElementary: readonly BasisMove[];
  /** Sum and difference of two vectors, which keep the growth almost as it is. */
  readonly sums: readonly BasisMove[];
  /** I - v v^T / 2 with v = (1, ±1, ±1, ±1): the smallest orthogonal matrices with dyadic entries, which keep the growth exactly. */
  readonly reflections: readonly BasisMove[];
}

const MULTIPLES = [0.25, -0.25, 0.5, -0.5, 1, -1, 2, -2] as const;
const DOUBLE_MULTIPLES = [0.5, -0.5, 1, -1] as const;

/** All moves of the search. */
export const BASIS_MOVES: BasisMoves = {
  scalings: [move([2]), move([0.5])],
  elementary: MULTIPLES.map((c) => move([1, c, 0, 1])),
  scaledElementary: MULTIPLES.flatMap((c) => [move([1, c, 0, 0.5]), move([1, c, 0, 2])]),
  doubleElementary: DOUBLE_MULTIPLES.flatMap((a) =>
    DOUBLE_MULTIPLES.flatMap((b) => [move([1, a, b, 0, 1, 0, 0, 0, 1]), move([1, 0, 0, a, 1, 0, b, 0, 1])]),
  ),
  sums: [0.25, 0.5, 1, 2, 4].flatMap((c) => [move([1, c, 1, -c]), move([0.5, c / 2, 0.5, -c / 2])]),
  reflections: [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => {
    const v = [1, 1 - 2 * (bits & 1), 1 - (bits & 2), 1 - ((bits & 4) >> 1)];
    return move(v.flatMap((x, i) => v.map((y, j) => (i === j ? 1 : 0) - (x * y) / 2)));
  }),
};

/** @param matrix row-major, with a power of two as determinant */
function move(matrix: readonly number[]): BasisMove {
  const order = Math.sqrt(matrix.length);
  const inverse = inverseOf(matrix, order);
  const rowForm: number[] = [];
  const columnForm: number[] = [];
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) {
      let [row, column] = i === j ? [-1, -1] : [0, 0];
      for (let t = 0; t < order; t++) {
        row += matrix[t * order + i] * matrix[t * order + j];
        column += inverse[i * order + t] * inverse[j * order + t];
      }
      rowForm.push(i === j ? row : 2 * row);
      columnForm.push(i === j ? column : 2 * column);
    }
  }
  const isDiagonal = matrix.every((x, at) => x === 0 || Math.floor(at / order) === at % order);
  return { order, matrix, inverse, rowForm, columnForm, isDiagonal };
}
