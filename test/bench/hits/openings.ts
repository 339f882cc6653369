import { bestKnownRank, Random, sameSize, strassen } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import type { Action } from '@alphatensor-edge/trainer/game/action.js';
import { playedFactorization, randomBasis, targetTensor } from '@alphatensor-edge/trainer/game/basis.js';
import { isSolved, type Position, play, start } from '@alphatensor-edge/trainer/game/state.js';
import { demonstratedGame } from '@alphatensor-edge/trainer/training/demonstrated-game.js';
import { refusal } from '../bench.js';

/** Where a search begins. */
export interface Opening {
  readonly position: Position;
  /** Whether moves from the game's beginning solve it, exactly. */
  isSolution(moves: readonly Action[]): boolean;
}

/** What every arm is tried on. */
export interface Setting {
  readonly searches: number;
  /** Of the network, a search. */
  readonly evaluations: number;
  readonly openings: 'mixed' | 'all';
  readonly remaining: number | undefined;
  readonly seed: string;
}

/** The target in a random basis, or a position from which `remaining` terms of a known image are left, for each search. */
export function drawOpenings(
  config: TrainingConfig,
  { searches, openings: which, remaining, seed }: Setting,
): Opening[] {
  if (remaining !== undefined && !sameSize(config.size, strassen().size)) {
    throw refusal("--remaining takes a checkpoint of <2,2,2>: its games begin inside Strassen's algorithm.");
  }
  const openings: Opening[] = [];
  for (let draw = 0; openings.length < searches; draw++) {
    const random = new Random(`${seed}/basis/${draw}`);
    const opening =
      remaining === undefined ? wholeGame(config, which === 'all', random) : begunGame(config, remaining, random);
    if (opening !== undefined) openings.push(opening);
  }
  return openings;
}

/** Undefined for a basis that makes no more nonzeros than the target has, unless all are wanted. */
function wholeGame(config: TrainingConfig, all: boolean, random: Random): Opening | undefined {
  const rules = gameRules(config);
  const basis = randomBasis(config.size, config.arithmetic, random, config.acting.basis);
  const target = targetTensor(basis);
  const { n, m, p } = config.size;
  if (!all && target.filter((x) => x !== 0).length <= n * m * p) return undefined;
  const rank = bestKnownRank(config.size);
  return {
    position: start(rules, target, rank),
    isSolution: (moves) => playedFactorization(rules, basis, moves).rank <= rank,
  };
}

/** Undefined if another number of terms is left. */
function begunGame(config: TrainingConfig, left: number, random: Random): Opening | undefined {
  const { position, remaining } = demonstratedGame(gameRules(config), strassen(), config, random);
  if (remaining.length !== left) return undefined;
  return {
    position,
    isSolution: (moves) => isSolved(moves.slice(position.history.length).reduce(play, position)),
  };
}
