import {
  AlphaTensorError,
  type Arithmetic,
  formatSize,
  fromRows,
  modeLengths,
  type Random,
  reduced,
  type Size,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import { type Action, factorsOf } from './action.js';
import { cutFactors, paddedTensor } from './padding.js';
import type { GameRules } from './state.js';
import { applyMatrix, identity, randomUnimodular, type Unimodular } from './unimodular.js';

/**
 * Holds a change of basis: one unimodular matrix for each mode, of dimension n*m, m*p and p*n. The game is played on
 * T'[a',b',c'] = sum over a,b,c of U[a',a] V[b',b] W[c',c] T[a,b,c]. A term (u',v',w') of T' is the term
 * (U^-1 u', V^-1 v', W^-1 w') of T. Unlike a symmetry, a change of basis changes the tensor that is factorized.
 */
export interface Basis {
  /** The size that the network is made for. It sets the lengths of the modes. */
  readonly size: Size;
  /** The size whose tensor is played: `size`, or a smaller one padded into it (game/padding.ts). */
  readonly target: Size;
  readonly arithmetic: Arithmetic;
  readonly u: Unimodular;
  readonly v: Unimodular;
  readonly w: Unimodular;
}

/** Sets how the basis of a game is drawn. */
interface BasisOptions {
  /** The chance that a game is played in the canonical basis. */
  readonly canonicalProbability: number;
  /** The chance that an off-diagonal entry of a triangular factor is 1, and the same chance again for -1. Small sizes gain from more. */
  readonly offDiagonal: number;
  /** The largest absolute value of the target's entries, 1 to 127. A basis that exceeds it is drawn again. */
  readonly maxEntry: number;
}

/**
 * Holds the article's values (Fawzi et al., Nature 610 (2022), Methods, "Change of basis"). `maxEntry` is ours: it keeps the entries
 * so small that the input can be one-hot encoded.
 */
const DEFAULT_BASIS_OPTIONS: BasisOptions = {
  canonicalProbability: 1 - 0.9983,
  offDiagonal: 0.0075,
  maxEntry: 2,
};

/** Limits the draws of one basis. When all of them fail, the options are at fault. */
const MAX_DRAWS = 1000;

/** Makes the basis that changes nothing. */
export function canonicalBasis(size: Size, arithmetic: Arithmetic = 'standard', target: Size = size): Basis {
  const [u, v, w] = modeLengths(size).map(identity);
  return { size, target, arithmetic, u, v, w };
}

/**
 * Draws the basis of a game: the canonical one with the given chance, else a random one. Each mode gets its own matrix; in a cubic
 * size one matrix serves all three modes.
 * @throws AlphaTensorError INVALID_ARGUMENT if `maxEntry` is not 1 to 127, or if no draw keeps the target within it
 */
export function randomBasis(
  size: Size,
  arithmetic: Arithmetic,
  random: Random,
  options: Partial<BasisOptions> = {},
  target: Size = size,
): Basis {
  const { canonicalProbability, offDiagonal, maxEntry } = { ...DEFAULT_BASIS_OPTIONS, ...options };
  if (!(maxEntry >= 1 && maxEntry <= 127)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `maxEntry must be from 1 to 127, but is ${maxEntry}.`, {
      field: 'maxEntry',
    });
  }
  if (random.bernoulli(canonicalProbability)) return canonicalBasis(size, arithmetic, target);
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const cubic = size.n === size.m && size.m === size.p;
  const tensor = paddedTensor(target, size);
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const u = randomUnimodular(lengthU, arithmetic, random, offDiagonal);
    const v = cubic ? u : randomUnimodular(lengthV, arithmetic, random, offDiagonal);
    const w = cubic ? u : randomUnimodular(lengthW, arithmetic, random, offDiagonal);
    const basis = { size, target, arithmetic, u, v, w };
    if (multiplyModes(tensor, basis).every((x) => Math.abs(x) <= maxEntry)) return basis;
  }
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `None of ${MAX_DRAWS} random bases keeps ${formatSize(size)} within ±${maxEntry}; lower offDiagonal (${offDiagonal}) or raise maxEntry.`,
    { field: 'offDiagonal' },
  );
}

/**
 * Writes a tensor in the new basis. The tensor has the basis's size and is row-major, as in game/state.ts.
 * @throws AlphaTensorError INVALID_ARGUMENT if an entry does not fit into 8 bits
 */
export function transformTensor(tensor: Int8Array, basis: Basis): Int8Array {
  const transformed = multiplyModes(tensor, basis);
  if (transformed.some((x) => Math.abs(x) > 127)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      'In this basis an entry of the tensor leaves 8 bits; use another basis.',
    );
  }
  return Int8Array.from(transformed);
}

/** Makes the target of a game in this basis. */
export function targetTensor(basis: Basis): Int8Array {
  return transformTensor(paddedTensor(basis.target, basis.size), basis);
}

/** Holds the factors of one term as exact integers. */
export type Term = readonly [u: Int32Array, v: Int32Array, w: Int32Array];

/** Maps a move in this basis to a term in the canonical basis. The entries are exact and may lie outside the move alphabet. */
export function mapBack(action: Action, basis: Basis): Term {
  const [u, v, w] = factorsOf(action, basis.size);
  return [
    applyMatrix(basis.u.inverse, u, basis.arithmetic),
    applyMatrix(basis.v.inverse, v, basis.arithmetic),
    applyMatrix(basis.w.inverse, w, basis.arithmetic),
  ];
}

/** Maps a term in the canonical basis to this one; the inverse of `mapBack`. The entries may lie outside the move alphabet. */
export function mapInto(
  [u, v, w]: readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>],
  basis: Basis,
): Term {
  return [
    applyMatrix(basis.u.matrix, u, basis.arithmetic),
    applyMatrix(basis.v.matrix, v, basis.arithmetic),
    applyMatrix(basis.w.matrix, w, basis.arithmetic),
  ];
}

/**
 * Turns the moves of a finished game into a factorization in the canonical basis, and verifies it exactly. There is no other way from
 * a game to a factorization.
 * @throws AlphaTensorError NOT_A_FACTORIZATION if the moves do not add up to the target
 */
export function playedFactorization(rules: GameRules, basis: Basis, actions: readonly Action[]): VerifiedFactorization {
  const { size, target } = basis;
  // A term that is zero in the target's own modes is left out: such terms cancel one another.
  const terms = actions
    .map((action) => cutFactors(mapBack(action, basis), target, size))
    .filter((term) => term.every((factor) => factor.some((x) => x !== 0)));
  return verify(
    fromRows(
      target,
      terms.map((term) => term[0]),
      terms.map((term) => term[1]),
      terms.map((term) => term[2]),
      rules.arithmetic,
    ),
  );
}

function multiplyModes(tensor: Int8Array, { size, arithmetic, u, v, w }: Basis): Int32Array {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  let result: Int32Array = Int32Array.from(tensor);
  result = multiplyMode(result, u.matrix, 1, lengthU, lengthV * lengthW);
  result = multiplyMode(result, v.matrix, lengthU, lengthV, lengthW);
  result = multiplyMode(result, w.matrix, lengthU * lengthV, lengthW, 1);
  return arithmetic === 'standard' ? result : result.map((x) => reduced(x, arithmetic));
}

/** Multiplies the middle mode of a tensor of shape [outer, length, inner] by a length x length matrix. */
function multiplyMode(
  tensor: Int32Array,
  matrix: Int32Array,
  outer: number,
  length: number,
  inner: number,
): Int32Array {
  const result = new Int32Array(tensor.length);
  for (let o = 0; o < outer; o++) {
    const base = o * length * inner;
    for (let x = 0; x < length; x++) {
      for (let y = 0; y < length; y++) {
        const factor = matrix[x * length + y];
        if (factor === 0) continue;
        for (let i = 0; i < inner; i++) result[base + x * inner + i] += factor * tensor[base + y * inner + i];
      }
    }
  }
  return result;
}
