import { AlphaTensorError, modeLengths, type Size } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import { type Basis, targetTensor } from '../game/basis.js';
import type { Unimodular } from '../game/unimodular.js';
import type { GameMessage } from './game-message.js';
import { RefusedGame } from './refusal.js';

/** The largest entry of an inverse. Its products with moves stay far within 32 bits. */
const MOST_INVERSE = 1_000_000;

/**
 * Reads the basis of a game. The matrices must be inverse to each other exactly, and the target within the entries that the configuration
 * allows.
 * @throws RefusedGame `wrong`
 */
export function readBasis(message: Pick<GameMessage, 'u' | 'v' | 'w'>, target: Size, config: TrainingConfig): Basis {
  const { size, arithmetic, acting } = config;
  const [u, v, w] = modeLengths(size).map((dimension, mode) => {
    const { matrix = [], inverse = [] } = [message.u, message.v, message.w][mode] ?? {};
    return readUnimodular(matrix, inverse, dimension, arithmetic === 'modulo-2');
  });
  // Each entry of the target is a sum of n*m*p products of three entries at most, which must be exact in 32 bits.
  const largest = [u, v, w].reduce((product, { matrix }) => product * largestOf(matrix), 1);
  if (largest * target.n * target.m * target.p >= 2 ** 31) throw new RefusedGame('wrong', 'Its basis is too large.');
  const basis: Basis = { size, target, arithmetic, u, v, w };
  if (!tensorOf(basis).every((x) => Math.abs(x) <= acting.basis.maxEntry)) {
    throw new RefusedGame('wrong', `In its basis an entry of the target is beyond ${acting.basis.maxEntry}.`);
  }
  return basis;
}

function tensorOf(basis: Basis): Int8Array {
  try {
    return targetTensor(basis);
  } catch (error) {
    if (!(error instanceof AlphaTensorError)) throw error;
    throw new RefusedGame('wrong', 'In its basis an entry of the target leaves 8 bits.');
  }
}

function readUnimodular(
  matrix: readonly number[],
  inverse: readonly number[],
  dimension: number,
  isModulo2: boolean,
): Unimodular {
  const length = dimension * dimension;
  if (matrix.length !== length || inverse.length !== length) {
    throw new RefusedGame('wrong', `A matrix of its basis is not ${dimension} by ${dimension}.`);
  }
  if (largestOf(inverse) > MOST_INVERSE || largestOf(matrix) > MOST_INVERSE) {
    throw new RefusedGame('wrong', 'An entry of its basis is too large.');
  }
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < dimension; j++) {
      let sum = 0;
      for (let k = 0; k < dimension; k++) sum += matrix[i * dimension + k] * inverse[k * dimension + j];
      if ((isModulo2 ? Math.abs(sum % 2) : sum) !== (i === j ? 1 : 0)) {
        throw new RefusedGame('wrong', 'The matrices of its basis are not inverse to each other.');
      }
    }
  }
  return { dimension, matrix: Int32Array.from(matrix), inverse: Int32Array.from(inverse) };
}

function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}
