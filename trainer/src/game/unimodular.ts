import { AlphaTensorError, type Arithmetic, type Random, reduced } from '@alphatensor-edge/shared';

/** Holds a square integer matrix of determinant ±1 and its inverse, which is an integer matrix too. Both are row-major. */
export interface Unimodular {
  readonly dimension: number;
  readonly matrix: Int32Array;
  readonly inverse: Int32Array;
}

/** Makes the identity matrix. */
export function identity(dimension: number): Unimodular {
  const matrix = new Int32Array(dimension * dimension);
  for (let i = 0; i < dimension; i++) matrix[i * dimension + i] = 1;
  return { dimension, matrix, inverse: matrix };
}

/**
 * Draws the product L U of a lower and an upper triangular matrix. Their diagonals are ±1. An off-diagonal entry is -1 or 1 with
 * probability `offDiagonal` each, else 0. Modulo 2 and 3 they are reduced.
 * @throws AlphaTensorError INVALID_ARGUMENT if an entry of the product or of its inverse does not fit into 32 bits
 */
export function randomUnimodular(
  dimension: number,
  arithmetic: Arithmetic,
  random: Random,
  offDiagonal: number,
): Unimodular {
  const lower = new Int32Array(dimension * dimension);
  const upper = new Int32Array(dimension * dimension);
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < dimension; j++) {
      const index = i * dimension + j;
      if (i === j) {
        lower[index] = randomSign(random);
        upper[index] = randomSign(random);
      } else {
        (i > j ? lower : upper)[index] = random.bernoulli(2 * offDiagonal) ? randomSign(random) : 0;
      }
    }
  }
  const matrix = multiply(lower, upper, dimension);
  const inverse = multiply(invertUpper(upper, dimension), invertLower(lower, dimension), dimension);
  const inField = (entries: Int32Array): Int32Array => entries.map((x) => reduced(x, arithmetic));
  return { dimension, matrix: inField(matrix), inverse: inField(inverse) };
}

/**
 * Computes matrix * vector exactly; `matrix` is row-major with vector.length columns.
 * @throws AlphaTensorError INVALID_ARGUMENT if an entry of the result does not fit into 32 bits
 */
export function applyMatrix(matrix: Int32Array, vector: ArrayLike<number>, arithmetic: Arithmetic): Int32Array {
  const columns = vector.length;
  const rows = matrix.length / columns;
  const result = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += matrix[i * columns + j] * vector[j];
    result[i] = arithmetic === 'standard' ? exactInt32(sum) : reduced(sum, arithmetic);
  }
  return result;
}

/** Multiplies two square row-major matrices. */
export function multiply(a: Int32Array, b: Int32Array, dimension: number): Int32Array {
  const result = new Int32Array(dimension * dimension);
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < dimension; j++) {
      let sum = 0;
      for (let k = 0; k < dimension; k++) sum += a[i * dimension + k] * b[k * dimension + j];
      result[i * dimension + j] = exactInt32(sum);
    }
  }
  return result;
}

/** Inverts a lower triangular matrix by forward substitution. This is exact, as the diagonal is ±1. */
function invertLower(lower: Int32Array, dimension: number): Int32Array {
  const inverse = new Int32Array(dimension * dimension);
  for (let i = 0; i < dimension; i++) {
    const pivot = lower[i * dimension + i];
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k++) sum -= lower[i * dimension + k] * inverse[k * dimension + j];
      inverse[i * dimension + j] = exactInt32(sum * pivot);
    }
  }
  return inverse;
}

function invertUpper(upper: Int32Array, dimension: number): Int32Array {
  return transpose(invertLower(transpose(upper, dimension), dimension), dimension);
}

function transpose(matrix: Int32Array, dimension: number): Int32Array {
  return matrix.map((_, index) => matrix[(index % dimension) * dimension + Math.floor(index / dimension)]);
}

function randomSign(random: Random): number {
  return random.bernoulli(0.5) ? 1 : -1;
}

function exactInt32(value: number): number {
  if (Math.abs(value) > 0x7fffffff) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      'An entry of a random basis or of its inverse leaves 32 bits; lower the probability of off-diagonal entries.',
      { field: 'offDiagonal' },
    );
  }
  return value;
}
