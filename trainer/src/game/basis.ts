import {
  AlphaTensorError,
  type Arithmetic,
  formatSize,
  fromRows,
  modeLengths,
  type Random,
  type Size,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import { type Action, factorsOf } from './action.js';
import { cutFactors, paddedTensor } from './padding.js';
import type { GameRules } from './state.js';
import { applyMatrix, identity, randomUnimodular, type Unimodular } from './unimodular.js';

/**
 * A change of basis: one unimodular matrix for each mode, of dimension n*m, m*p and p*n. The game is played on
 * T'[a',b',c'] = sum over a,b,c of U[a',a] V[b',b] W[c',c] T[a,b,c]; a term (u',v',w') of T' is the term
 * (U^-1 u', V^-1 v', W^-1 w') of T. Unlike a symmetry it changes the tensor that is factorized.
 */
export interface Basis {
  /** Of the modes, which the network is for. */
  readonly size: Size;
  /** Whose tensor is played: `size`, or a smaller one padded into it (game/padding.ts). */
  readonly target: Size;
  readonly arithmetic: Arithmetic;
  readonly u: Unimodular;
  readonly v: Unimodular;
  readonly w: Unimodular;
}

export interface BasisOptions {
  /** The chance that a game is played in the canonical basis. */
  readonly canonicalProbability: number;
  /** The chance of an off-diagonal entry 1 of a triangular factor, and again of -1; small sizes gain from more. */
  readonly offDiagonal: number;
  /** Bases in which the target has a larger entry (in size) are drawn again; at most 127. */
  readonly maxEntry: number;
}

/** Fawzi et al., Nature 610 (2022), Methods, "Change of basis"; `maxEntry` is ours and keeps the input one-hot encodable. */
const DEFAULT_BASIS_OPTIONS: BasisOptions = {
  canonicalProbability: 1 - 0.9983,
  offDiagonal: 0.0075,
  maxEntry: 2,
};

/** Draws after which the options are taken to be at fault. */
const MAX_DRAWS = 1000;

export function canonicalBasis(size: Size, arithmetic: Arithmetic = 'standard', target: Size = size): Basis {
  const [u, v, w] = modeLengths(size).map(identity);
  return { size, target, arithmetic, u, v, w };
}

/**
 * The basis of a game: canonical with the given chance, else random. The three matrices are drawn one for each mode;
 * for cubic sizes one matrix serves all three.
 * @throws AlphaTensorError INVALID_ARGUMENT if no draw keeps the target within `maxEntry`
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
 * A tensor of the basis' size (row-major, as in game/state.ts) in the new basis.
 * @throws AlphaTensorError INVALID_ARGUMENT if an entry leaves 8 bits
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

/** The target of a game in this basis. */
export function targetTensor(basis: Basis): Int8Array {
  return transformTensor(paddedTensor(basis.target, basis.size), basis);
}

/** The factors of one term as exact integers. */
export type Term = readonly [u: Int32Array, v: Int32Array, w: Int32Array];

/** A move found in the basis, in the canonical one. Its entries are exact and may lie outside the move alphabet. */
export function mapBack(action: Action, basis: Basis): Term {
  const [u, v, w] = factorsOf(action, basis.size);
  return [
    applyMatrix(basis.u.inverse, u, basis.arithmetic),
    applyMatrix(basis.v.inverse, v, basis.arithmetic),
    applyMatrix(basis.w.inverse, w, basis.arithmetic),
  ];
}

/** A term of the canonical basis in this one: the inverse of `mapBack`. Its entries may lie outside the move alphabet. */
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
 * What a finished game found, in the canonical basis and exactly reconstructed: the only way from a game to a factorization.
 * @throws AlphaTensorError NOT_A_FACTORIZATION if the moves do not add up to the target
 */
export function playedFactorization(rules: GameRules, basis: Basis, actions: readonly Action[]): VerifiedFactorization {
  const { size, target } = basis;
  // Terms that the target's own modes see nothing of cancel among themselves.
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
  return arithmetic === 'modulo-2' ? result.map((x) => x & 1) : result;
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
