import { type Arithmetic, modeLengths, modulusOf, type Size } from '@alphatensor-edge/shared';
import { isSolved, type Position } from './state.js';

/** Holds the reward of every move. */
export const MOVE_REWARD = -1;

/**
 * Holds the largest prime below 2^26, so that products of two residues stay exact in doubles. The rank modulo a prime never exceeds
 * the rational rank. The two are equal unless the prime divides every nonzero minor of full rank. By Hadamard's bound a k x k minor
 * of entries up to x is at most (x sqrt(k))^k. This is below the prime for 4 x 4 up to x = 45 and for 9 x 9 up to x = 2, so the rank
 * is exact there. Beyond, the chance that the prime divides a minor is about one in 67 million. A nonzero slice never counts as 0.
 */
const PRIME = 67108859;

/**
 * Sums the matrix ranks of the slices residual[:, :, c]. The sum is an upper bound on the rank of the residual, and 0 only for the
 * zero tensor (Fawzi et al., Nature 610 (2022), Methods). Modulo 2 the ranks are taken over the field of two elements.
 */
export function sliceRankSum(residual: Int8Array, size: Size, arithmetic: Arithmetic): number {
  const [rows, columns, slices] = modeLengths(size);
  const modulus = modulusOf(arithmetic) ?? PRIME;
  const slice = new Float64Array(rows * columns);
  let sum = 0;
  for (let c = 0; c < slices; c++) {
    for (let i = 0; i < slice.length; i++) {
      const entry = residual[i * slices + c] % modulus;
      slice[i] = entry < 0 ? entry + modulus : entry;
    }
    sum += rankModulo(slice, rows, columns, modulus);
  }
  return sum;
}

/**
 * Gives the reward at the end of a game, which is added to the -1 of each move. A solved game gets 0. A game that is out of moves gets
 * minus its slice ranks, so that it scores below every solved game.
 * @param bonus the latency's part of the reward: lambda * b, up to a constant that is the same for every game. An unsolved game must get
 *   the lowest bonus, that of b = -b_max, so that it still scores below every solved game.
 */
export function terminalReward(position: Position, bonus = 0): number {
  const { rules, residual } = position;
  return (isSolved(position) ? 0 : -sliceRankSum(residual, rules.size, rules.arithmetic)) + bonus;
}

/**
 * Gives the value targets of a played or synthetic game of `moves` moves. Element t is the sum of the rewards from position t on:
 * -(moves - t) plus the terminal reward.
 */
export function returnsToGo(moves: number, terminal: number): Float64Array {
  return Float64Array.from({ length: moves }, (_, t) => MOVE_REWARD * (moves - t) + terminal);
}

/** Computes the rank over the integers modulo a prime. Overwrites `matrix`, which is row-major with entries 0 … modulus-1. */
function rankModulo(matrix: Float64Array, rows: number, columns: number, modulus: number): number {
  let rank = 0;
  for (let column = 0; column < columns && rank < rows; column++) {
    let pivotRow = rank;
    while (pivotRow < rows && matrix[pivotRow * columns + column] === 0) pivotRow++;
    if (pivotRow === rows) continue;
    for (let j = column; j < columns; j++) {
      const kept = matrix[rank * columns + j];
      matrix[rank * columns + j] = matrix[pivotRow * columns + j];
      matrix[pivotRow * columns + j] = kept;
    }
    const pivot = matrix[rank * columns + column];
    for (let i = rank + 1; i < rows; i++) {
      const factor = matrix[i * columns + column];
      if (factor === 0) continue;
      for (let j = column; j < columns; j++) {
        const entry = (matrix[i * columns + j] * pivot - matrix[rank * columns + j] * factor) % modulus;
        matrix[i * columns + j] = entry < 0 ? entry + modulus : entry;
      }
    }
    rank++;
  }
  return rank;
}
