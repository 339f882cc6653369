import {
  type Factorization,
  fromRows,
  modeLengths,
  multiplicationTensor,
  type Random,
  type Size,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import type { Action } from './action.js';
import { type Basis, canonicalBasis, type Term } from './basis.js';
import { gameOf, randomActions, type SyntheticGame, type SyntheticOptions } from './demonstrations.js';
import { drawUnmerged, UnmergedTerms } from './merging.js';
import { movesIn, termsOf } from './moves.js';
import type { GameRules } from './state.js';
import { applySymmetry, randomSymmetry } from './symmetry.js';
import { randomUnimodular } from './unimodular.js';

/** Sets how games are grown from factorizations of smaller sizes. */
interface GrownOptions {
  /** How the random terms beside the smaller tensors are drawn; the same as in a synthetic game. */
  readonly synthetic: Pick<SyntheticOptions, 'zeroProbability' | 'sizeWeights'>;
  /** The most random terms beside the smaller tensors. */
  readonly maxExtra: number;
  /** The chance that a smaller tensor is in the canonical basis. */
  readonly canonicalProbability: number;
  /** The chance of an off-diagonal entry 1, and again of -1, in the other bases; see `randomUnimodular`. */
  readonly offDiagonal: number;
  /** The same chance in the symmetries under which a solution is shown. */
  readonly symmetryOffDiagonal: number;
}

/** Holds a factorization of a smaller size that lies within the game's size; see `partsFor`. */
export type Part = VerifiedFactorization;

/**
 * Limits the random transformations that are tried on a part. When all their images have entries outside the alphabet, the part is
 * shown as it is.
 */
const TRANSFORMATION_DRAWS = 40;

/**
 * Turns a factorization of <n,m,p> into every orientation that lies within `size`. The orientations are its rotations and transposes
 * (trace(ABC) = trace(BCA) = trace(C^T B^T A^T)). One is kept for each size that is no larger than `size` in any dimension. Gives
 * none if the factorization has fractions, entries outside the alphabet, more terms than a game has moves, or at least the volume
 * n*m*p of `size`: a game must not contain its own target.
 */
export function partsFor(factorization: VerifiedFactorization, { size, values, moveLimit }: GameRules): Part[] {
  const volume = ({ n, m, p }: Size): number => n * m * p;
  if (factorization.rank > moveLimit || volume(factorization.size) >= volume(size)) return [];
  const usable = termsOf(factorization)?.every((term) => term.every((row) => row.every((x) => values.includes(x))));
  if (!usable) return [];
  const rotations = [factorization, rotate(factorization), rotate(rotate(factorization))];
  const all = new Map<string, Part>();
  for (const turned of [...rotations, ...rotations.map(transposed)]) {
    const { n, m, p } = turned.size;
    if (n <= size.n && m <= size.m && p <= size.p) all.set(`${n},${m},${p}`, turned);
  }
  return [...all.values()];
}

/**
 * Makes a game that contains smaller multiplication tensors. Its tensor is the sum of one or more of `parts` and of random rank-one
 * terms. Each part lies at a random place in the larger matrices and in a random basis of its own. Half of the time only some of a
 * part's terms are left. No random term merges with another term, and no part with one before it. A draw that gives the game's own target in the canonical basis is repeated.
 */
export function grownGame(
  rules: GameRules,
  parts: readonly Part[],
  options: GrownOptions,
  random: Random,
): SyntheticGame {
  return untilNotTarget(rules, () => {
    const remaining: Action[] = [];
    do {
      const part = parts[random.int(parts.length)];
      if (remaining.length + part.rank > rules.moveLimit) break;
      const moves = random.shuffle(partMoves(rules, part, options, random));
      const others = new UnmergedTerms(rules.size, remaining);
      if (moves.some((move) => others.mergesWith(move))) break;
      remaining.push(...moves.slice(random.bernoulli(0.5) ? 0 : random.int(moves.length)));
    } while (random.bernoulli(0.5));
    const most = Math.min(options.maxExtra, rules.moveLimit - remaining.length);
    return withRandomTerms(rules, remaining, random.int(most + 1), options, random);
  });
}

/** Makes a game of one whole part and `extra` random rank-one terms, to test how a network plays it. */
export function partWithTerms(
  rules: GameRules,
  part: Part,
  extra: number,
  options: GrownOptions,
  random: Random,
): SyntheticGame {
  return untilNotTarget(rules, () =>
    withRandomTerms(rules, partMoves(rules, part, options, random), extra, options, random),
  );
}

function untilNotTarget(rules: GameRules, draw: () => SyntheticGame): SyntheticGame {
  const target = multiplicationTensor(rules.size);
  for (;;) {
    const game = draw();
    if (game.position.residual.some((x, index) => x !== target[index])) return game;
  }
}

function withRandomTerms(
  rules: GameRules,
  terms: readonly Action[],
  extra: number,
  { synthetic }: GrownOptions,
  random: Random,
): SyntheticGame {
  const draw = randomActions(rules, synthetic, random);
  const added = drawUnmerged(extra, draw, rules.size, terms);
  return gameOf(rules, random.shuffle([...terms, ...added]), draw, random);
}

/** Gives the terms of a random image of `part`, at a random place and in a random basis, as moves of the larger game. */
function partMoves(rules: GameRules, part: Part, options: GrownOptions, random: Random): Action[] {
  const place = randomPlace(part.size, rules.size, random);
  for (let draw = 0; draw < TRANSFORMATION_DRAWS; draw++) {
    const image = applySymmetry(part, randomSymmetry(part.size, part.arithmetic, random, options.symmetryOffDiagonal));
    const moves = movesIn(rules, embed(image, rules.size, place), randomBasisOf(rules, options, random));
    if (moves !== undefined) return moves;
  }
  const moves = movesIn(rules, embed(part, rules.size, place), canonicalBasis(rules.size, rules.arithmetic));
  return moves as Action[];
}

function randomBasisOf({ size, arithmetic }: GameRules, options: GrownOptions, random: Random): Basis {
  if (random.bernoulli(options.canonicalProbability)) return canonicalBasis(size, arithmetic);
  const [u, v, w] = modeLengths(size).map((length) =>
    randomUnimodular(length, arithmetic, random, options.offDiagonal),
  );
  return { size, target: size, arithmetic, u, v, w };
}

/** Says, for each dimension, where each row or column of the smaller matrices lies in the larger ones. */
type Place = Readonly<Record<keyof Size, readonly number[]>>;

function randomPlace(size: Size, larger: Size, random: Random): Place {
  const choose = (dimension: keyof Size): number[] =>
    random.shuffle(Array.from({ length: larger[dimension] }, (_, index) => index)).slice(0, size[dimension]);
  return { n: choose('n'), m: choose('m'), p: choose('p') };
}

function embed(part: VerifiedFactorization, larger: Size, place: Place): Term[] {
  const factor = (row: Int32Array, rows: keyof Size, columns: keyof Size): Int32Array => {
    const result = new Int32Array(larger[rows] * larger[columns]);
    row.forEach((x, index) => {
      const [i, j] = [Math.floor(index / part.size[columns]), index % part.size[columns]];
      result[place[rows][i] * larger[columns] + place[columns][j]] = x;
    });
    return result;
  };
  return (termsOf(part) as Term[]).map(([u, v, w]) => [factor(u, 'n', 'm'), factor(v, 'm', 'p'), factor(w, 'p', 'n')]);
}

/** Turns a factorization of <n,m,p> into one of <m,p,n>, by trace(ABC) = trace(BCA). */
function rotate({ size: { n, m, p }, rank, arithmetic, u, v, w }: Factorization): VerifiedFactorization {
  return verify({ size: { n: m, m: p, p: n }, rank, arithmetic, u: v, v: w, w: u });
}

/** Turns a factorization of <n,m,p> into one of <n,p,m>, by trace(ABC) = trace(C^T B^T A^T). */
function transposed(factorization: Factorization): VerifiedFactorization {
  const { size, arithmetic } = factorization;
  const { n, m, p } = size;
  const turn = (row: Int32Array, rows: number, columns: number): Int32Array =>
    row.map((_, index) => row[(index % rows) * columns + Math.floor(index / rows)]);
  const terms = termsOf(factorization) as Term[];
  return verify(
    fromRows(
      { n, m: p, p: m },
      terms.map(([, , w]) => turn(w, p, n)),
      terms.map(([, v]) => turn(v, m, p)),
      terms.map(([u]) => turn(u, n, m)),
      arithmetic,
    ),
  );
}
