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
import { movesIn, termsOf } from './moves.js';
import type { GameRules } from './state.js';
import { applySymmetry, randomSymmetry } from './symmetry.js';
import { randomUnimodular } from './unimodular.js';

/** How games are grown from factorizations of smaller sizes. */
export interface GrownOptions {
  /** The random terms beside the smaller tensors are drawn as those of a synthetic game. */
  readonly synthetic: Pick<SyntheticOptions, 'zeroProbability' | 'sizeWeights'>;
  readonly maxExtra: number;
  /** The chance that a smaller tensor stands in the canonical basis, and the off-diagonal entries of the bases else. */
  readonly canonicalProbability: number;
  readonly offDiagonal: number;
  /** Off-diagonal entries of the symmetries under which a solution is shown. */
  readonly symmetryOffDiagonal: number;
}

/** A factorization of a size that lies within the game's and is smaller; see `partsFor`. */
export type Part = VerifiedFactorization;

/** Draws after which a part is shown as it is: its images under random transformations had entries outside the alphabet. */
const TRANSFORMATION_DRAWS = 40;

/**
 * The factorization in every orientation that lies within `size`: of <n,m,p>, those of its rotations and transposes (trace(ABC) =
 * trace(BCA) = trace(C^T B^T A^T)) that are no larger in any dimension. None if they are too large or as large: a game must not contain
 * its own target.
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
 * A game that contains smaller multiplication tensors: its tensor is the sum of one or more of `parts`, each at a random place in
 * the larger matrices and in a random basis of its own, and of random rank-one terms; half of the time only some of a part's
 * terms are left. The target of the game, in the canonical basis, is never made: such a draw is repeated.
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
      remaining.push(...moves.slice(random.bernoulli(0.5) ? 0 : random.int(moves.length)));
    } while (random.bernoulli(0.5));
    const most = Math.min(options.maxExtra, rules.moveLimit - remaining.length);
    return withRandomTerms(rules, remaining, random.int(most + 1), options, random);
  });
}

/** One whole part and `extra` random rank-one terms, for looking at what a network makes of them. */
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
  return gameOf(rules, random.shuffle([...terms, ...Array.from({ length: extra }, draw)]), draw, random);
}

/** The terms of a random image of `part` at a random place in a random basis, as moves of the larger game. */
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

/** For each dimension, which rows or columns of the larger matrices those of the smaller ones become. */
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

/** trace(ABC) = trace(BCA): a factorization of <m,p,n>. */
function rotate({ size: { n, m, p }, rank, arithmetic, u, v, w }: Factorization): VerifiedFactorization {
  return verify({ size: { n: m, m: p, p: n }, rank, arithmetic, u: v, v: w, w: u });
}

/** trace(ABC) = trace(C^T B^T A^T): a factorization of <n,p,m>. */
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
