import { type Factorization, MODES, standardRank } from '@alphatensor-edge/shared';
import type { Differentiable } from './lbfgs.js';
import { inverseOf } from './matrix.js';

/**
 * Computes log(growth) over the orbit of a factorization, as a function of triangular changes of basis. Growth does not change under
 * orthogonal ones, so upper triangular X, Y, Z with a positive diagonal reach every value of the orbit. The parameters are, axis by axis
 * and row by row, the logarithm of each entry on the diagonal and the entries to the right of it.
 */
export class OrbitGrowth {
  /** How many parameters there are. */
  readonly parameters: number;
  readonly #lengths: readonly number[];
  readonly #factorization: Factorization;
  /** The factors of one product in the new bases, and half of one: rewritten for each, as this runs thousands of times. */
  readonly #factors: readonly Float64Array[];
  readonly #half: Float64Array;

  constructor(factorization: Factorization) {
    const { n, m, p } = factorization.size;
    this.#factorization = factorization;
    this.#lengths = [n, m, p];
    this.#factors = [n * m, m * p, p * n].map((length) => new Float64Array(length));
    this.#half = new Float64Array(Math.max(n * m, m * p, p * n));
    this.parameters = this.#lengths.reduce((sum, length) => sum + (length * (length + 1)) / 2, 0);
  }

  /** Makes the upper triangular matrices X, Y, Z that the parameters stand for, row-major. */
  bases(point: Float64Array): number[][] {
    let at = 0;
    return this.#lengths.map((length) => {
      const basis = new Array<number>(length * length).fill(0);
      for (let i = 0; i < length; i++) {
        for (let j = i; j < length; j++, at++) basis[i * length + j] = i === j ? Math.exp(point[at]) : point[at];
      }
      return basis;
    });
  }

  /** Computes log(growth) at `point` and its gradient: with dX = e X, d Phi = 2 <e, sum_r v(w U U^T - u W^T W)>, u, v, w squared norms. */
  readonly evaluate: Differentiable = (point, gradient) => {
    const bases = this.bases(point);
    const inverses = bases.map((basis, axis) => inverseOf(basis, this.#lengths[axis]));
    const { rank } = this.#factorization;
    const norms = [0, 0, 0];
    const moments = this.#lengths.map((length) => new Float64Array(length * length));
    let phi = 0;
    for (let r = 0; r < rank; r++) {
      const factors = this.#factors;
      for (let mode = 0; mode < 3; mode++) {
        this.#writeFactor(mode, r, bases, inverses);
        let norm = 0;
        for (const x of factors[mode]) norm += x * x;
        norms[mode] = norm;
      }
      phi += norms[0] * norms[1] * norms[2];
      this.#lengths.forEach((length, axis) => {
        const [next, before] = [(axis + 1) % 3, (axis + 2) % 3];
        const [width, height] = [this.#lengths[next], this.#lengths[before]];
        const [byRow, byColumn] = [norms[next] * norms[before], norms[next] * norms[axis]];
        for (let i = 0; i < length; i++) {
          for (let j = 0; j < length; j++) {
            let [row, column] = [0, 0];
            for (let t = 0; t < width; t++) row += factors[axis][i * width + t] * factors[axis][j * width + t];
            for (let t = 0; t < height; t++)
              column += factors[before][t * length + i] * factors[before][t * length + j];
            moments[axis][i * length + j] += byRow * row - byColumn * column;
          }
        }
      });
    }
    let at = 0;
    this.#lengths.forEach((length, axis) => {
      for (let i = 0; i < length; i++) {
        for (let j = i; j < length; j++) {
          // Entry (i, j) of moment times X^-T.
          let slope = 0;
          for (let t = 0; t < length; t++) slope += moments[axis][i * length + t] * inverses[axis][j * length + t];
          gradient[at++] = (slope / phi) * (i === j ? bases[axis][i * length + i] : 1);
        }
      }
    });
    return Math.log(phi / standardRank(this.#factorization.size)) / 2;
  };

  /** Writes X U Y^-1, and so on. */
  #writeFactor(mode: number, r: number, bases: readonly number[][], inverses: readonly number[][]): void {
    const [rows, columns] = [this.#lengths[mode], this.#lengths[(mode + 1) % 3]];
    const { coefficients, denominator } = this.#factorization[MODES[mode]];
    const [left, right] = [bases[mode], inverses[(mode + 1) % 3]];
    const half = this.#half.fill(0);
    const factor = this.#factors[mode].fill(0);
    for (let t = 0; t < rows; t++) {
      for (let j = 0; j < columns; j++) {
        const x = coefficients[(r * rows + t) * columns + j] / denominator;
        if (x !== 0) for (let i = 0; i < rows; i++) half[i * columns + j] += left[i * rows + t] * x;
      }
    }
    for (let i = 0; i < rows; i++) {
      for (let t = 0; t < columns; t++) {
        const x = half[i * columns + t];
        if (x !== 0) for (let j = 0; j < columns; j++) factor[i * columns + j] += x * right[t * columns + j];
      }
    }
  }
}
