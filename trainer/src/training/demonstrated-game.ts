import type { Random, VerifiedFactorization } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { Action } from '../game/action.js';
import { type Basis, canonicalBasis, randomBasis, type Term, targetTensor } from '../game/basis.js';
import type { SyntheticGame } from '../game/demonstrations.js';
import { movesIn, termsOf } from '../game/moves.js';
import { padFactors } from '../game/padding.js';
import { type GameRules, moveLimitOf, play, start } from '../game/state.js';
import { applySymmetry, randomSymmetry } from '../game/symmetry.js';

/** Limits the random images of a factorization that are tried. When all have entries outside F, it is shown as it is. */
const TRANSFORMATION_DRAWS = 20;

/**
 * Makes a game in progress from a known factorization. It applies a random symmetry and a random basis, shuffles the terms, and plays
 * some of them. An image with entries outside the alphabet is drawn again; in the end the factorization is shown as it is. Call
 * `demonstrates` first: it refuses a factorization that is too long for the move limit or has entries outside the alphabet.
 */
export function demonstratedGame(
  rules: GameRules,
  factorization: VerifiedFactorization,
  config: Pick<TrainingConfig, 'acting' | 'replay'>,
  random: Random,
): SyntheticGame {
  return gameOf(rules, factorization, imageOf(rules, factorization, config, random), random);
}

/** Does the same without a symmetry, in a random basis alone: the game is played for this algorithm and no other. */
export function gameOfAlgorithm(
  rules: GameRules,
  factorization: VerifiedFactorization,
  { acting }: Pick<TrainingConfig, 'acting'>,
  random: Random,
): SyntheticGame {
  return gameOf(
    rules,
    factorization,
    inRandomBasis(rules, factorization, acting, random, (same) => same),
    random,
  );
}

interface InBasis {
  readonly terms: Action[];
  readonly basis: Basis;
}

function gameOf(
  rules: GameRules,
  factorization: VerifiedFactorization,
  { terms, basis }: InBasis,
  random: Random,
): SyntheticGame {
  random.shuffle(terms);
  const played = random.int(terms.length);
  const opening = start(rules, targetTensor(basis), moveLimitOf(rules, factorization.size));
  const position = terms.slice(0, played).reduce(play, opening);
  return { position, remaining: terms.slice(played) };
}

/** Gives the terms of a random image in a random basis, as moves, in their order. */
export function imageOf(
  rules: GameRules,
  factorization: VerifiedFactorization,
  { acting, replay }: Pick<TrainingConfig, 'acting' | 'replay'>,
  random: Random,
): InBasis {
  return inRandomBasis(rules, factorization, acting, random, (same) => shownImage(same, replay, random));
}

/** Gives a random image of a factorization, or the factorization itself where the configuration says so. */
function shownImage(
  factorization: VerifiedFactorization,
  { images, symmetryOffDiagonal }: TrainingConfig['replay'],
  random: Random,
): VerifiedFactorization {
  if (images === 'as-kept') return factorization;
  const { size, arithmetic } = factorization;
  return applySymmetry(factorization, randomSymmetry(size, arithmetic, random, symmetryOffDiagonal));
}

/** Gives the terms of another random image in the same basis; undefined if the image that is drawn has an entry outside the alphabet. */
export function otherImage(
  rules: GameRules,
  factorization: VerifiedFactorization,
  { replay }: Pick<TrainingConfig, 'replay'>,
  basis: Basis,
  random: Random,
): Action[] | undefined {
  return termsIn(rules, shownImage(factorization, replay, random), basis);
}

function inRandomBasis(
  rules: GameRules,
  factorization: VerifiedFactorization,
  acting: TrainingConfig['acting'],
  random: Random,
  transform: (same: VerifiedFactorization) => VerifiedFactorization,
): InBasis {
  const { size, arithmetic } = rules;
  const target = factorization.size;
  for (let draw = 0; draw < TRANSFORMATION_DRAWS; draw++) {
    const image = transform(factorization);
    const basis = randomBasis(size, arithmetic, random, acting.basis, target);
    const terms = termsIn(rules, image, basis);
    if (terms !== undefined) return { terms, basis };
  }
  const basis = canonicalBasis(size, arithmetic, target);
  return { terms: termsIn(rules, factorization, basis) as Action[], basis };
}

/** Tells whether the factorization can be played in the canonical basis: within the move limit and with entries of the alphabet. */
export function demonstrates(rules: GameRules, factorization: VerifiedFactorization): boolean {
  const { size, rank } = factorization;
  const basis = canonicalBasis(rules.size, rules.arithmetic, size);
  return rank <= moveLimitOf(rules, size) && termsIn(rules, factorization, basis) !== undefined;
}

/** Gives the terms as moves in a basis; undefined if one has an entry outside the alphabet. */
function termsIn(rules: GameRules, factorization: VerifiedFactorization, basis: Basis): Action[] | undefined {
  const { size } = factorization;
  const terms = termsOf(factorization)?.map((term) => padFactors(term, size, rules.size) as unknown as Term);
  return terms && movesIn(rules, terms, basis);
}
