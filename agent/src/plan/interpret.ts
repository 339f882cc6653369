import { modeLengths, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { blockOf, type Dimensions } from './plan.js';

/**
 * Computes C = A B by the given levels, outermost first, in float64, straight from u, v and w: the slow and obvious
 * oracle. Every matrix is padded with zeros to whole blocks. All are row-major: a is m x k, b is k x n, the result m x
 * n.
 */
export function interpret(
  levels: readonly VerifiedFactorization[],
  { m, k, n }: Dimensions,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): Float64Array {
  if (levels.length === 0) return multiply({ m, k, n }, a, b);
  const [{ size, rank, u, v, w }, ...inner] = levels;
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const block = blockOf({ m, k, n }, size);
  const c = new Float64Array(m * n);
  const scale = u.denominator * v.denominator * w.denominator;
  for (let r = 0; r < rank; r++) {
    const left = new Float64Array(block.m * block.k);
    for (let entry = 0; entry < lengthU; entry++) {
      addBlock(left, [block.m, block.k], u.coefficients[r * lengthU + entry], a, [m, k], size.m, entry);
    }
    const right = new Float64Array(block.k * block.n);
    for (let entry = 0; entry < lengthV; entry++) {
      addBlock(right, [block.k, block.n], v.coefficients[r * lengthV + entry], b, [k, n], size.p, entry);
    }
    const product = interpret(inner, block, left, right);
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        const [i, j] = [Math.floor(row / block.m), Math.floor(column / block.n)];
        const coefficient = w.coefficients[r * lengthW + j * size.n + i];
        if (coefficient === 0) continue;
        c[row * n + column] += (coefficient / scale) * product[(row % block.m) * block.n + (column % block.n)];
      }
    }
  }
  return c;
}

/** Multiplies by the definition of the product. */
export function multiply({ m, k, n }: Dimensions, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      for (let j = 0; j < n; j++) c[i * n + j] += a[i * k + l] * b[l * n + j];
    }
  }
  return c;
}

/** Does target += coefficient * (block `entry` of the matrix). The block is zero beyond the matrix's edge. */
function addBlock(
  target: Float64Array,
  [rows, columns]: readonly [number, number],
  coefficient: number,
  matrix: ArrayLike<number>,
  [height, width]: readonly [number, number],
  gridColumns: number,
  entry: number,
): void {
  if (coefficient === 0) return;
  const top = Math.floor(entry / gridColumns) * rows;
  const left = (entry % gridColumns) * columns;
  for (let i = 0; i < rows && top + i < height; i++) {
    for (let j = 0; j < columns && left + j < width; j++) {
      target[i * columns + j] += coefficient * matrix[(top + i) * width + left + j];
    }
  }
}
