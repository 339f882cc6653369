import { Random, sameSize, standard, type VerifiedFactorization, verify } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import { Explorer } from '@alphatensor-edge/trainer/explore/explorer.js';
import { pack, unpack } from '@alphatensor-edge/trainer/explore/packed.js';
import {
  type Basis,
  canonicalBasis,
  playedFactorization,
  randomBasis,
  targetTensor,
} from '@alphatensor-edge/trainer/game/basis.js';
import { type Position, play, start } from '@alphatensor-edge/trainer/game/state.js';
import type { Checkpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { imageOf } from '@alphatensor-edge/trainer/training/demonstrated-game.js';
import type { Opening } from './openings.js';

/** In which coordinates the target is played. */
export const BASES = ['canonical', 'random'] as const;
export type BasisKind = (typeof BASES)[number];

/** An opening of any size, or a game in progress. */
export interface WholeOpening extends Opening {
  /** Makes the factorization of moves that solve it, verified exactly. */
  factorization(moves: Parameters<Opening['isSolution']>[0]): VerifiedFactorization;
}

/** Makes the opening of a game of `rank` moves. */
export function openingAt(config: TrainingConfig, rank: number, kind: BasisKind, random: Random): WholeOpening {
  const { size, arithmetic, acting } = config;
  const draw = (): { basis: Basis } => {
    return { basis: randomBasis(size, arithmetic, random, { ...acting.basis, canonicalProbability: 0 }) };
  };
  const basis = kind === 'canonical' ? canonicalBasis(size, arithmetic) : mixed(config, draw).basis;
  return solvable(config, rank, basis, start(gameRules(config), targetTensor(basis), rank));
}

/**
 * Makes the position at which `left` terms of an algorithm are left, and as many moves. The algorithm is shown as the network's training
 * shows it, under a random symmetry; random terms of it have been played.
 */
export function begunAt(
  config: TrainingConfig,
  algorithm: VerifiedFactorization,
  left: number,
  kind: BasisKind,
  random: Random,
): WholeOpening {
  const rules = gameRules(config);
  const canonicalProbability = kind === 'canonical' ? 1 : 0;
  const acting = { ...config.acting, basis: { ...config.acting.basis, canonicalProbability } };
  const draw = (): ReturnType<typeof imageOf> => imageOf(rules, algorithm, { ...config, acting }, random);
  const { terms, basis } = kind === 'canonical' ? draw() : mixed(config, draw);
  const { rank } = algorithm;
  const opening = start(rules, targetTensor(basis), rank);
  return solvable(config, rank, basis, random.shuffle(terms).slice(left).reduce(play, opening));
}

function solvable(config: TrainingConfig, rank: number, basis: Basis, position: Position): WholeOpening {
  const factorization: WholeOpening['factorization'] = (moves) => playedFactorization(gameRules(config), basis, moves);
  return { position, isSolution: (moves) => factorization(moves).rank <= rank, factorization };
}

/** Draws until the basis does more than permute entries and change signs. */
function mixed<Drawn extends { readonly basis: Basis }>({ size }: TrainingConfig, draw: () => Drawn): Drawn {
  for (;;) {
    const drawn = draw();
    if (targetTensor(drawn.basis).filter((x) => x !== 0).length > size.n * size.m * size.p) return drawn;
  }
}

/**
 * Gives algorithms of a rank: those that the run's walks found and its last checkpoint keeps, or else one that walks find now.
 * @param flips the most of these walks
 */
export function algorithmsOf(
  { config: { size, arithmetic }, resume }: Checkpoint,
  rank: number,
  seed: string,
  flips = 500_000_000,
): readonly VerifiedFactorization[] {
  const shown = (resume?.flips?.walked ?? []).map(({ factorization }) => factorization);
  const ofRank = shown.filter((each) => each.rank === rank && sameSize(each.size, size));
  if (ofRank.length > 0) return ofRank;
  const starts = [pack(verify({ ...standard(size), arithmetic }), arithmetic)];
  const explorer = new Explorer({ size, arithmetic, starts }, new Random(`${seed}/algorithms`));
  while (explorer.flips < flips) {
    const find = explorer.advance();
    if (find?.terms.rank === rank) return [unpack(find.terms, size, arithmetic)];
  }
  throw new Error(`Walks of ${flips} flips found no algorithm of rank ${rank}.`);
}
