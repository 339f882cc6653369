import {
  contentHash,
  type Random,
  type Size,
  sameSize,
  standard,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { Action } from '../game/action.js';
import { type Basis, canonicalBasis, randomBasis, type Term, targetTensor } from '../game/basis.js';
import { type SyntheticGame, syntheticGame } from '../game/demonstrations.js';
import { grownGame, type Part } from '../game/grown.js';
import { movesIn, termsOf } from '../game/moves.js';
import { padFactors } from '../game/padding.js';
import { returnsToGo } from '../game/reward.js';
import { type GameRules, moveLimitOf, type Position, play, start } from '../game/state.js';
import { applySymmetry, randomSymmetry } from '../game/symmetry.js';
import type { BestFactorization, StoredGame } from '../run/replay-file.js';
import { exampleOf, type TrainingExample } from './example.js';

/** A game that begins after some moves. */
export interface BegunGame {
  readonly basis: Basis;
  /** The moves before the opening, which has no history. */
  readonly prefix: readonly Action[];
  readonly opening: Position;
}

/** Draws after which a factorization is shown as it is: its images under random transformations had entries outside F. */
const TRANSFORMATION_DRAWS = 20;

/** Where training examples come from: synthetic games, played games, and the best factorizations under random transformations. */
export class ReplayBuffer {
  #played: StoredGame[] = [];
  #best: BestFactorization[] = [];

  constructor(
    private readonly rules: GameRules,
    private readonly config: Pick<TrainingConfig, 'alsoSizes' | 'demonstrations' | 'learner' | 'replay' | 'acting'>,
    /** What `config.demonstrations.grown` names, read. */
    private readonly parts: readonly Part[] = [],
  ) {}

  get played(): readonly StoredGame[] {
    return this.#played;
  }

  /** The best of each size first. */
  get best(): readonly BestFactorization[] {
    return this.#best;
  }

  addGame(game: StoredGame): void {
    this.#played.push(game);
    if (this.#played.length > this.config.replay.playedGames) this.#played.shift();
  }

  /** Keeps the factorization if it is new and among the best; says whether it was new. */
  addBest(factorization: VerifiedFactorization, bonus: number, origin: BestFactorization['origin']): boolean {
    const hash = contentHash(factorization);
    if (this.#best.some((known) => known.hash === hash)) return false;
    this.#best.push({ hash, factorization, bonus, origin });
    this.#sortBest();
    return true;
  }

  /**
   * Puts a measured reward lambda * b in the place of the estimates: the value targets of all games that ended with the
   * factorization change from now on, and its own place among the best. What has left the replay meanwhile is passed over.
   */
  applyReward(hash: string, bonus: number): void {
    const rewarded = <T extends { readonly hash?: string | undefined }>(known: T): T =>
      known.hash === hash ? { ...known, bonus } : known;
    this.#played = this.#played.map(rewarded);
    this.#best = this.#best.map(rewarded);
    this.#sortBest();
  }

  /** Forgets a game; one that has left the replay meanwhile is passed over. */
  dropGame(gameId: string): void {
    this.#played = this.#played.filter(({ id }) => id !== gameId);
  }

  /** Replaces everything, as when a run is resumed. */
  restore(played: readonly StoredGame[], best: readonly BestFactorization[]): void {
    this.#played = [...played];
    this.#best = [...best];
  }

  /** What examples are drawn from, shares that add up to 1; what a source that is still empty would give is left to the others. */
  get mix(): { readonly synthetic: number; readonly played: number; readonly best: number } {
    const wanted = this.config.learner.mix;
    const played = this.#played.length > 0 ? wanted.played : 0;
    const best = this.#best.length > 0 ? wanted.best : 0;
    const sum = wanted.synthetic + played + best;
    return sum === 0
      ? { synthetic: 1, played: 0, best: 0 }
      : { synthetic: wanted.synthetic / sum, played: played / sum, best: best / sum };
  }

  /** One example, its source drawn from the mix. */
  sample(random: Random): TrainingExample {
    const { synthetic, played, best } = this.mix;
    const source = random.categorical([synthetic, played, best]);
    if (source === 1) return this.#playedExample(random);
    if (source === 2) return this.#bestExample(random);
    return exampleOf(this.#syntheticGame(random));
  }

  /** A game inside a factorization of the lowest rank that is kept of the rules' size, or else inside the schoolbook algorithm. */
  begunGame(random: Random): BegunGame {
    const { size, arithmetic } = this.rules;
    const kept = this.#bestOf(size).map(({ factorization }) => factorization);
    const lowest = Math.min(...kept.map(({ rank }) => rank));
    const best =
      kept.length === 0 ? [verify({ ...standard(size), arithmetic })] : kept.filter(({ rank }) => rank === lowest);
    return gameInside(this.rules, best[random.int(best.length)], this.config, random);
  }

  #syntheticGame(random: Random): SyntheticGame {
    const { synthetic, grown } = this.config.demonstrations;
    return this.parts.length > 0 && random.bernoulli(grown.share)
      ? grownGame(this.rules, this.parts, { synthetic, ...grown }, random)
      : syntheticGame(this.rules, synthetic, random);
  }

  #playedExample(random: Random): TrainingExample {
    const game = this.#played[random.int(this.#played.length)];
    const { swapProbability } = this.config.replay;
    // Nothing is drawn without swaps: a run that began before there were any goes on as it would have.
    const isSwapped = swapProbability > 0 && isSwappable(game) && random.bernoulli(swapProbability);
    return isSwapped ? swappedExample(this.rules, game, random) : playedExample(this.rules, game, random);
  }

  #bestExample(random: Random): TrainingExample {
    const kept = this.#targets.map((size) => this.#bestOf(size)).filter(({ length }) => length > 0);
    const ofSize = kept[random.int(kept.length)];
    const { factorization, bonus } = ofSize[random.int(ofSize.length)];
    return exampleOf(demonstratedGame(this.rules, factorization, this.config, random), bonus);
  }

  get #targets(): readonly Size[] {
    return [this.rules.size, ...this.config.alsoSizes];
  }

  #bestOf(size: Size): BestFactorization[] {
    return this.#best.filter(({ factorization }) => sameSize(factorization.size, size));
  }

  /** Each size has an equal share of the room; demonstrations are of the rules' size. */
  #sortBest(): void {
    const score = ({ factorization, bonus }: BestFactorization): number => bonus - factorization.rank;
    const room = Math.floor(this.config.replay.bestFactorizations / this.#targets.length);
    this.#best = this.#targets.flatMap((size) => {
      // Array.sort is stable: of equals, the one found first stays first.
      let best = this.#bestOf(size).sort((a, b) => score(b) - score(a));
      let found = best.filter(({ origin }) => origin === 'rl');
      while (best.length > room && found.length > 0) {
        // Of the worst, the oldest goes, so that games inside the best begin at ever other places.
        const worst = score(found[found.length - 1]);
        const oldest = found.find((known) => score(known) === worst);
        best = best.filter((known) => known !== oldest);
        found = found.filter((known) => known !== oldest);
      }
      return best;
    });
  }
}

/** A random position of a played game; the policy is the search's, the value the return to go. */
export function playedExample(rules: GameRules, game: StoredGame, random: Random): TrainingExample {
  const move = random.int(game.moves.length);
  const { actions, policy } = game.searched[move];
  const value = returnsToGo(game.moves.length, game.terminal + game.bonus)[move];
  return { position: positionAfter(rules, game, game.moves.slice(0, move)), actions, policy, value };
}

/** Whether two moves of the game can change places and it still is one to imitate. */
function isSwappable({ moves, terminal }: StoredGame): boolean {
  return moves.length > 1 && terminal === 0;
}

/**
 * A solved game of two moves or more with a random move and the last one swapped (Fawzi et al., "Data augmentation": the order
 * of the terms is free), at a random position that it did not come to itself. The search was never there, so every factor that
 * is left is an equally good move, as in a synthetic game.
 */
export function swappedExample(rules: GameRules, game: StoredGame, random: Random): TrainingExample {
  const moves = [...game.moves];
  const last = moves.length - 1;
  const swapped = random.int(last);
  [moves[swapped], moves[last]] = [moves[last], moves[swapped]];
  const move = swapped + 1 + random.int(last - swapped);
  const position = positionAfter(rules, game, moves.slice(0, move));
  return exampleOf({ position, remaining: moves.slice(move) }, game.terminal + game.bonus);
}

function positionAfter(rules: GameRules, { opening, moveLimit }: StoredGame, moves: readonly Action[]): Position {
  return moves.reduce(play, start(rules, opening, moveLimit));
}

/**
 * A known factorization as a game in progress: a random symmetry and a random basis are applied, the order of its terms is
 * drawn, and some of them have been played. Images with entries outside the alphabet are drawn again; at last it is shown as
 * it is. One that is too long for the move limit or not in the alphabet itself is refused by `demonstrates` beforehand.
 */
export function demonstratedGame(
  rules: GameRules,
  factorization: VerifiedFactorization,
  config: Pick<TrainingConfig, 'acting' | 'replay'>,
  random: Random,
): SyntheticGame {
  const { terms, basis } = imageOf(rules, factorization, config, random);
  random.shuffle(terms);
  const played = random.int(terms.length);
  const opening = start(rules, targetTensor(basis), moveLimitOf(rules, factorization.size));
  const position = terms.slice(0, played).reduce(play, opening);
  return { position, remaining: terms.slice(played) };
}

/** The terms of a random image in a random basis, as moves, in their order. */
function imageOf(
  rules: GameRules,
  factorization: VerifiedFactorization,
  { acting, replay }: Pick<TrainingConfig, 'acting' | 'replay'>,
  random: Random,
): { readonly terms: Action[]; readonly basis: Basis } {
  const { size, arithmetic } = rules;
  const target = factorization.size;
  for (let draw = 0; draw < TRANSFORMATION_DRAWS; draw++) {
    const symmetry = randomSymmetry(target, arithmetic, random, replay.symmetryOffDiagonal);
    const basis = randomBasis(size, arithmetic, random, acting.basis, target);
    const terms = termsIn(rules, applySymmetry(factorization, symmetry), basis);
    if (terms !== undefined) return { terms, basis };
  }
  const basis = canonicalBasis(size, arithmetic, target);
  return { terms: termsIn(rules, factorization, basis) as Action[], basis };
}

/** Whether the factorization can be played: within the move limit, in the alphabet, in the canonical basis. */
export function demonstrates(rules: GameRules, factorization: VerifiedFactorization): boolean {
  const { size, rank } = factorization;
  const basis = canonicalBasis(rules.size, rules.arithmetic, size);
  return rank <= moveLimitOf(rules, size) && termsIn(rules, factorization, basis) !== undefined;
}

/** The terms as moves in a basis; undefined if one has an entry outside the alphabet. */
function termsIn(rules: GameRules, factorization: VerifiedFactorization, basis: Basis): Action[] | undefined {
  const { size } = factorization;
  const terms = termsOf(factorization)?.map((term) => padFactors(term, size, rules.size) as unknown as Term);
  return terms && movesIn(rules, terms, basis);
}

/** Of more random terms another sum of as many is seldom found, and takes long (docs/training-2x3x3.md). */
const MOST_RANDOM_LEFT = 6;

/**
 * A game inside a factorization of the rules' size, in a random image: some of its terms were played, and there are as many moves
 * as terms are left, or one fewer if all its terms are more than the move limit allows. The terms left are a few random ones or,
 * half of the time, all that lie within a random smaller product.
 */
export function gameInside(
  rules: GameRules,
  factorization: VerifiedFactorization,
  config: Pick<TrainingConfig, 'acting' | 'replay'>,
  random: Random,
): BegunGame {
  const { terms, basis } = imageOf(rules, factorization, config, random);
  const order = random.shuffle(terms.map((_, index) => index));
  const within = new Set(random.bernoulli(0.5) ? termsWithin(factorization, random) : []);
  const left = within.size > 1 ? within : new Set(order.slice(0, 2 + random.int(MOST_RANDOM_LEFT - 1)));
  const prefix = terms.filter((_, index) => !left.has(index));
  const { residual } = prefix.reduce(play, start(rules, targetTensor(basis)));
  const movesLeft = left.size - (factorization.rank > rules.moveLimit ? 1 : 0);
  return { basis, prefix, opening: start(rules, residual, movesLeft) };
}

/** The terms that only use a random two of the values of each index (one, if there is no more). */
function termsWithin(factorization: VerifiedFactorization, random: Random): number[] {
  const { n, m, p } = factorization.size;
  const choose = (length: number): Set<number> =>
    new Set(random.shuffle(Array.from({ length }, (_, index) => index)).slice(0, 2));
  const [rows, inner, columns] = [choose(n), choose(m), choose(p)];
  const isWithin = (factor: Int32Array, first: Set<number>, second: Set<number>, width: number): boolean =>
    factor.every((x, index) => x === 0 || (first.has(Math.floor(index / width)) && second.has(index % width)));
  return (termsOf(factorization) ?? []).flatMap(([u, v, w], index) =>
    isWithin(u, rows, inner, m) && isWithin(v, inner, columns, p) && isWithin(w, columns, rows, n) ? index : [],
  );
}
