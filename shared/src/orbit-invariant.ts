import { createHash } from 'node:crypto';
import { modulusOf } from './arithmetic.js';
import type { Factorization, FactorMatrix } from './factorization.js';
import { sortedSize } from './images.js';
import { eliminate } from './modular-rank.js';
import { formatSize, type Size, sameSize } from './tensor.js';

// Two factorizations lie in one orbit if a symmetry of the tensor maps one to the other (de Groote, "On varieties of optimal algorithms
// for the computation of bilinear mappings", 1978): U -> X U Y^-1, V -> Y V Z^-1, W -> Z W X^-1, another order of the products, another
// scale within a product, and, where dimensions are equal, rotations and the transposition. What is computed here stays the same under all
// of them. So different values prove different orbits; equal values do not prove one orbit.

/** The prime modulo which ranks are taken over the rationals. It is larger than every numerator and denominator of LIMITS. */
const PRIME = 65_521;

/** How often the label of a product takes in the labels of the others. */
const ROUNDS = 2;

/** The matrices of one mode, one for each product, row-major. */
interface ModeMatrices {
  readonly rows: number;
  readonly columns: number;
  readonly matrices: readonly Int32Array[];
}

/** What pairs of products (r, s) have in common: numbers at [mode][r * rank + s]. */
interface Relations {
  readonly rank: number;
  /** Ranks of [M_r | M_s]. */
  readonly beside: readonly Uint8Array[];
  /** Ranks of M_r over M_s. */
  readonly above: readonly Uint8Array[];
  /** Ranks of M_r times the next mode's matrix of s. */
  readonly chained: readonly Uint8Array[];
  /** Whether trace(U V W) is not zero, where this mode is that of s and the others are those of r. */
  readonly traces: readonly Uint8Array[];
}

/** Says how an image of the factorization is seen: which mode stands at each place, and whether its matrices are transposed. */
interface View {
  readonly modes: readonly number[];
  /** Which entry of `chained` belongs to each place. */
  readonly chains: readonly number[];
  readonly isTransposed: boolean;
}

/**
 * Computes a number, as 16 hexadecimal digits, that all factorizations of one orbit share. Ranks are exact modulo the prime 65,521
 * (modulo 2 or 3 in that arithmetic): single matrices, two side by side, two one above the other, products of two matrices of neighbouring modes,
 * and which traces of three vanish. Each product is then labelled by what it shares with the others, as in the refinement of colours by
 * Weisfeiler and Leman (1968). The number is that of the size with its dimensions in rising order.
 */
export function orbitInvariant(factorization: Factorization): string {
  const { size, rank, arithmetic } = factorization;
  const relations = relationsOf(matricesOf(factorization), rank, modulusOf(arithmetic) ?? PRIME);
  const seen = viewsOf(size).map((view) => labelOf(relations, view));
  const least = seen.reduce((a, b) => (a < b ? a : b));
  return digest(`${arithmetic} ${formatSize(sortedSize(size))} ${rank} ${least}`).slice(0, 16);
}

function matricesOf({ size: { n, m, p }, rank, u, v, w }: Factorization): ModeMatrices[] {
  const split = ({ coefficients }: FactorMatrix, rows: number, columns: number): ModeMatrices => ({
    rows,
    columns,
    matrices: Array.from({ length: rank }, (_, r) =>
      coefficients.subarray(r * rows * columns, (r + 1) * rows * columns),
    ),
  });
  return [split(u, n, m), split(v, m, p), split(w, p, n)];
}

function relationsOf(modes: readonly ModeMatrices[], rank: number, prime: number): Relations {
  const scratch = new Float64Array(
    2 * Math.max(...modes.map(({ rows, columns }) => rows * columns), largestProduct(modes)),
  );
  const table = (of: (mode: number, r: number, s: number) => number, isSymmetric = false): Uint8Array[] =>
    modes.map((_, mode) => {
      const values = new Uint8Array(rank * rank);
      for (let r = 0; r < rank; r++) {
        for (let s = 0; s < rank; s++) {
          values[r * rank + s] = isSymmetric && s < r ? values[s * rank + r] : of(mode, r, s);
        }
      }
      return values;
    });
  return {
    rank,
    beside: table((mode, r, s) => {
      const { rows, columns, matrices } = modes[mode];
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < columns; k++) {
          scratch[2 * row * columns + k] = matrices[r][row * columns + k];
          scratch[(2 * row + 1) * columns + k] = matrices[s][row * columns + k];
        }
      }
      return eliminate(scratch, rows, 2 * columns, prime);
    }, true),
    above: table((mode, r, s) => {
      const { rows, columns, matrices } = modes[mode];
      scratch.set(matrices[r]);
      scratch.set(matrices[s], rows * columns);
      return eliminate(scratch, 2 * rows, columns, prime);
    }, true),
    chained: table((mode, r, s) => {
      const next = modes[(mode + 1) % 3];
      multiply(modes[mode], r, next, s, scratch, prime);
      return eliminate(scratch, modes[mode].rows, next.columns, prime);
    }),
    traces: table((mode, r, s) => {
      // The other two modes are neighbours, in this order.
      const [next, after] = [modes[(mode + 1) % 3], modes[(mode + 2) % 3]];
      multiply(next, r, after, r, scratch, prime);
      const { rows, columns, matrices } = modes[mode];
      let sum = 0;
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < columns; k++) sum += matrices[s][row * columns + k] * scratch[k * rows + row];
      }
      return sum % prime === 0 ? 0 : 1;
    }),
  };
}

function largestProduct(modes: readonly ModeMatrices[]): number {
  return Math.max(...modes.map(({ rows }, mode) => rows * modes[(mode + 1) % 3].columns));
}

/** Writes the product of two matrices modulo a prime. Entries below 2^16 leave room for the sum in a double. */
function multiply(
  left: ModeMatrices,
  r: number,
  right: ModeMatrices,
  s: number,
  into: Float64Array,
  prime: number,
): void {
  const [a, b] = [left.matrices[r], right.matrices[s]];
  for (let row = 0; row < left.rows; row++) {
    for (let column = 0; column < right.columns; column++) {
      let sum = 0;
      for (let k = 0; k < left.columns; k++) sum += a[row * left.columns + k] * b[k * right.columns + column];
      into[row * right.columns + column] = sum % prime;
    }
  }
}

/** Lists the images whose dimensions are in rising order: all six of a cube, one if all dimensions differ. */
function viewsOf(size: Size): View[] {
  const views: View[] = [];
  const dimensions = [size.n, size.m, size.p];
  for (let shift = 0; shift < 3; shift++) {
    const [a, b, c] = [0, 1, 2].map((place) => (place + shift) % 3);
    const [n, m, p] = [dimensions[a], dimensions[b], dimensions[c]];
    if (sameSize({ n, m, p }, sortedSize(size))) {
      views.push({ modes: [a, b, c], chains: [a, b, c], isTransposed: false });
    }
    // trace(A B C) = trace(B^T A^T C^T): V and U change places, and (U_s V_r)^T = V_r^T U_s^T.
    if (sameSize({ n: p, m, p: n }, sortedSize(size))) {
      views.push({ modes: [b, a, c], chains: [a, c, b], isTransposed: true });
    }
  }
  return views;
}

function labelOf(relations: Relations, view: View): string {
  const { rank } = relations;
  const pairs = Array.from({ length: rank * rank }, (_, pair) =>
    pairLabel(relations, view, Math.floor(pair / rank), pair % rank),
  );
  let labels = Array.from({ length: rank }, (_, r) => pairs[r * rank + r]);
  for (let round = 0; round < ROUNDS; round++) {
    const before = labels;
    labels = before.map((own, r) => {
      const others = before.map((label, s) => `${pairs[r * rank + s]}${label}`);
      return digest(`${own} ${others.sort().join(' ')}`).slice(0, 24);
    });
  }
  return digest(labels.sort().join(' '));
}

function pairLabel({ rank, beside, above, chained, traces }: Relations, view: View, r: number, s: number): string {
  const { modes, chains, isTransposed } = view;
  const [there, back] = [r * rank + s, s * rank + r];
  const [first, second] = isTransposed ? [above, beside] : [beside, above];
  const chain = isTransposed ? [back, there] : [there, back];
  const values = modes.flatMap((mode, place) => [
    first[mode][there],
    second[mode][there],
    chained[chains[place]][chain[0]],
    chained[chains[place]][chain[1]],
    traces[mode][there],
    traces[mode][back],
  ]);
  // Ranks are at most 128: two rows of matrices of 64.
  return String.fromCharCode(...values.map((value) => value + 0x100));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
