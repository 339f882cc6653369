import {
  contentHash,
  orbitInvariant,
  type Random,
  type Size,
  sameSize,
  standard,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import { type SyntheticGame, syntheticGame } from '../game/demonstrations.js';
import { grownGame, type Part } from '../game/grown.js';
import type { GameRules } from '../game/state.js';
import type { BestFactorization, StoredGame } from '../run/replay-file.js';
import { demonstratedGame, gameOfAlgorithm } from './demonstrated-game.js';
import { exampleOf, type TrainingExample } from './example.js';
import type { FlipDemonstrations } from './flips/flip-demonstrations.js';
import { type BegunGame, gameInside } from './game-inside.js';
import { isSwappable, playedExample, swappedExample } from './played-examples.js';
import type { PricedImages } from './priced-images.js';

type ReplayConfig = Pick<TrainingConfig, 'alsoSizes' | 'demonstrations' | 'learner' | 'replay' | 'acting'>;

/** Names what a run may have beside its games. */
interface ReplaySources {
  /** Shows the best under symmetries, each at a price of its own. */
  readonly images?: PricedImages | undefined;
  /** Gives what the run's own walks find; then the best have one factorization for each orbit. */
  readonly flips?: FlipDemonstrations | undefined;
}

/**
 * A factorization whose bonus is lower by so many moves than the best of its size is shown half as often. With lambda as the rank is, half a move
 * is 2 % of the latency of <3,3,3>.
 */
const HALVED_BY = 0.5;

/** Gives training examples: from synthetic games, from played games, and from the best factorizations under random transformations. */
export class ReplayBuffer {
  readonly #rules: GameRules;
  readonly #config: ReplayConfig;
  readonly #parts: readonly Part[];
  readonly #images: PricedImages | undefined;
  readonly #flips: FlipDemonstrations | undefined;
  /** The orbit of each of the best, by content hash, in a run with demonstrations of its walks. */
  readonly #orbits = new Map<string, string>();
  #played: StoredGame[] = [];
  #best: BestFactorization[] = [];
  /** The samples that a new position of a played game allows, and those that are left. */
  #samplesPerPosition = Number.POSITIVE_INFINITY;
  #samplesLeft = Number.POSITIVE_INFINITY;

  /**
   * @param parts the factorizations in the files that `config.demonstrations.grown` names
   * @param sources what the run has beside that; without any, the bonus of the best holds for all their images
   */
  constructor(
    rules: GameRules,
    config: ReplayConfig,
    parts: readonly Part[] = [],
    { images, flips }: ReplaySources = {},
  ) {
    this.#rules = rules;
    this.#config = config;
    this.#parts = parts;
    this.#images = images;
    this.#flips = flips;
  }

  get played(): readonly StoredGame[] {
    return this.#played;
  }

  /** Gives the best factorizations; of each size the best comes first. */
  get best(): readonly BestFactorization[] {
    return this.#best;
  }

  /**
   * Limits the samples that the played games give from now on: on average so many for each position of a new game. When they are used
   * up, the played games leave their share to the other sources.
   */
  limitPlayed(samplesPerPosition: number): void {
    this.#samplesPerPosition = samplesPerPosition;
    this.#samplesLeft = 0;
  }

  addGame(game: StoredGame): void {
    this.#samplesLeft += this.#samplesPerPosition * game.moves.length;
    this.#played.push(game);
    if (this.#played.length > this.#config.replay.playedGames) this.#played.shift();
  }

  /** Keeps the factorization if it is new and among the best; says whether it was new. */
  addBest(factorization: VerifiedFactorization, bonus: number, origin: BestFactorization['origin']): boolean {
    const hash = contentHash(factorization);
    if (this.#best.some((known) => known.hash === hash)) return false;
    if (this.#flips !== undefined && this.#isOrbitKept(factorization)) return false;
    this.#best.push({ hash, factorization, bonus, origin });
    this.#sortBest();
    return true;
  }

  /**
   * Replaces the estimates by a measured bonus. This changes the value targets of all games that ended with the factorization, and its
   * place among the best. It has no effect on what has left the replay.
   */
  applyBonus(hash: string, bonus: number): void {
    const measured = <T extends { readonly hash?: string | undefined }>(known: T): T =>
      known.hash === hash ? { ...known, bonus } : known;
    this.#played = this.#played.map(measured);
    this.#best = this.#best.map(measured);
    this.#sortBest();
  }

  /** Drops a game, if it is still in the replay. */
  dropGame(gameId: string): void {
    this.#played = this.#played.filter(({ id }) => id !== gameId);
  }

  /** Replaces everything, for a resumed run. */
  restore(played: readonly StoredGame[], best: readonly BestFactorization[]): void {
    this.#played = [...played];
    this.#best = [...best];
  }

  /** Gives the share of each source; they add up to 1. A source that is still empty leaves its share to the others. */
  get mix(): { readonly synthetic: number; readonly played: number; readonly best: number } {
    const wanted = this.#config.learner.mix;
    const played = this.#played.length > 0 && this.#samplesLeft >= 1 ? wanted.played : 0;
    const best = this.#best.length > 0 ? wanted.best : 0;
    const sum = wanted.synthetic + played + best;
    return sum === 0
      ? { synthetic: 1, played: 0, best: 0 }
      : { synthetic: wanted.synthetic / sum, played: played / sum, best: best / sum };
  }

  /** Gives the share of the samples that are of what the run's walks found; the others are as `mix` says. */
  get flipsShare(): number {
    return this.#flips === undefined || this.#flips.isEmpty ? 0 : this.#flips.share;
  }

  /** One example, its source drawn from the mix. */
  sample(random: Random): TrainingExample {
    // Nothing is drawn in a run without walks, which goes on as it would have before there were any.
    if (this.#flips !== undefined && random.bernoulli(this.flipsShare)) return this.#flips.example(random);
    const { synthetic, played, best } = this.mix;
    const source = random.categorical([synthetic, played, best]);
    if (source === 1) return this.#playedExample(random);
    if (source === 2) return this.#bestExample(random);
    return exampleOf(this.#syntheticGame(random));
  }

  /** A game inside a factorization of the lowest rank that is kept of the rules' size, or else inside the schoolbook algorithm. */
  begunGame(random: Random): BegunGame {
    const { size, arithmetic } = this.#rules;
    const kept = this.#bestOf(size).map(({ factorization }) => factorization);
    const lowest = Math.min(...kept.map(({ rank }) => rank));
    const best =
      kept.length === 0 ? [verify({ ...standard(size), arithmetic })] : kept.filter(({ rank }) => rank === lowest);
    return gameInside(this.#rules, best[random.int(best.length)], this.#config, random);
  }

  #syntheticGame(random: Random): SyntheticGame {
    const { synthetic, grown } = this.#config.demonstrations;
    const parts = this.#flips === undefined ? this.#parts : [...this.#parts, ...this.#flips.parts];
    return parts.length > 0 && random.bernoulli(grown.share)
      ? grownGame(this.#rules, parts, { synthetic, ...grown }, random)
      : syntheticGame(this.#rules, synthetic, random);
  }

  #playedExample(random: Random): TrainingExample {
    this.#samplesLeft--;
    const game = this.#played[random.int(this.#played.length)];
    const { swapProbability } = this.#config.replay;
    // Nothing is drawn without swaps: a run that began before there were any goes on as it would have.
    const isSwapped = swapProbability > 0 && isSwappable(game) && random.bernoulli(swapProbability);
    return isSwapped ? swappedExample(this.#rules, game, random) : playedExample(this.#rules, game, random);
  }

  #bestExample(random: Random): TrainingExample {
    const kept = this.#targets.map((size) => this.#bestOf(size)).filter(({ length }) => length > 0);
    const ofSize = kept[random.int(kept.length)];
    const best = ofSize[drawByBonus(ofSize, random)];
    if (this.#images !== undefined) {
      const shown = this.#images.show(best.hash, best, random);
      return exampleOf(gameOfAlgorithm(this.#rules, shown.factorization, this.#config, random), shown.bonus);
    }
    const { factorization, bonus } = best;
    return exampleOf(demonstratedGame(this.#rules, factorization, this.#config, random), bonus);
  }

  /** Tells whether one of the best has the factorization's orbit; its images are all shown by way of that one. */
  #isOrbitKept(factorization: VerifiedFactorization): boolean {
    const { size, rank } = factorization;
    const alike = this.#bestOf(size).filter((known) => known.factorization.rank === rank);
    if (alike.length === 0) return false;
    const orbitOf = (each: VerifiedFactorization, hash: string): string => {
      const orbit = this.#orbits.get(hash) ?? orbitInvariant(each);
      this.#orbits.set(hash, orbit);
      return orbit;
    };
    const orbit = orbitInvariant(factorization);
    return alike.some((known) => orbitOf(known.factorization, known.hash) === orbit);
  }

  get #targets(): readonly Size[] {
    return [this.#rules.size, ...this.#config.alsoSizes];
  }

  #bestOf(size: Size): BestFactorization[] {
    return this.#best.filter(({ factorization }) => sameSize(factorization.size, size));
  }

  /** Each size has an equal share of the room; demonstrations are of the rules' size. */
  #sortBest(): void {
    const score = ({ factorization, bonus }: BestFactorization): number => bonus - factorization.rank;
    const room = Math.floor(this.#config.replay.bestFactorizations / this.#targets.length);
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

/** Draws an index: all alike where no bonus differs, as without a latency; else faster algorithms more often. */
function drawByBonus(of: readonly BestFactorization[], random: Random): number {
  const highest = Math.max(...of.map(({ bonus }) => bonus));
  if (of.every(({ bonus }) => bonus === highest)) return random.int(of.length);
  return random.categorical(of.map(({ bonus }) => 0.5 ** ((highest - bonus) / HALVED_BY)));
}
