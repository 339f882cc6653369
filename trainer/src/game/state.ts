import type { Arithmetic, Size } from '@alphatensor-edge/shared';

import { modeLengths, multiplicationTensor, sameSize, standardRank } from '@alphatensor-edge/shared';
import { type Action, factorsOf } from './action.js';

/** The arithmetics that games are played in: modulo 3 there are flip graph searches only. */
export type GameArithmetic = Exclude<Arithmetic, 'modulo-3'>;

/** Holds the rules of the game, the same for every game of a run. */
export interface GameRules {
  readonly size: Size;
  readonly arithmetic: GameArithmetic;
  /** The move alphabet F, ascending and symmetric, for example [-2,-1,0,1,2]; [0,1] modulo 2. */
  readonly values: readonly number[];
  /** A game is over after this many moves. */
  readonly moveLimit: number;
}

/** Holds a position of TensorGame. It never changes: `play` makes a new one. */
export interface Position {
  readonly rules: GameRules;
  /** What is left to factorize. Shape [n*m, m*p, p*n], row-major. */
  readonly residual: Int8Array;
  /** Moves so far, oldest first. */
  readonly history: readonly Action[];
  readonly movesLeft: number;
}

/**
 * Makes the opening position of a game.
 * @param tensor the target, for example T_{n,m,p} in another basis
 * @param movesLeft the move limit of this game, where it is not that of the rules
 */
export function start(
  rules: GameRules,
  tensor: Int8Array = multiplicationTensor(rules.size),
  movesLeft: number = rules.moveLimit,
): Position {
  return { rules, residual: tensor, history: [], movesLeft };
}

/**
 * Gives the move limit of a game with this target. For the rules' own size it is theirs. For a smaller size padded into it, it is one
 * below the schoolbook algorithm's rank, as in the presets, at least 1 and at most the rules' limit.
 */
export function moveLimitOf({ size, moveLimit }: GameRules, target: Size): number {
  return sameSize(target, size) ? moveLimit : Math.min(moveLimit, Math.max(1, standardRank(target) - 1));
}

/** Subtracts the move's rank-one term from the residual (modulo 2 where the rules say so). */
export function play(position: Position, action: Action): Position {
  const residual = position.residual.slice();
  subtractTerm(residual, action, position.rules);
  return {
    rules: position.rules,
    residual,
    history: [...position.history, action],
    movesLeft: position.movesLeft - 1,
  };
}

/**
 * Subtracts the move's term from the residual in place: residual -= u (x) v (x) w. Entries wrap at 8 bits, which no game in a basis of
 * small entries reaches.
 */
export function subtractTerm(residual: Int8Array, action: Action, rules: GameRules): void {
  const [u, v, w] = factorsOf(action, rules.size);
  const [lengthU, lengthV, lengthW] = modeLengths(rules.size);
  const modulo2 = rules.arithmetic === 'modulo-2';
  for (let a = 0; a < lengthU; a++) {
    if (u[a] === 0) continue;
    for (let b = 0; b < lengthV; b++) {
      const uv = u[a] * v[b];
      if (uv === 0) continue;
      const base = (a * lengthV + b) * lengthW;
      for (let c = 0; c < lengthW; c++) {
        const next = residual[base + c] - uv * w[c];
        residual[base + c] = modulo2 ? next & 1 : next;
      }
    }
  }
}

/** Tells whether nothing is left to factorize. */
export function isSolved(position: Position): boolean {
  return position.residual.every((x) => x === 0);
}

/** Tells whether the game is solved or out of moves. */
export function isOver(position: Position): boolean {
  return position.movesLeft === 0 || isSolved(position);
}
