import { type Arithmetic, modeLengths, Random, type Size } from '@alphatensor-edge/shared';
import { type Action, makeSignCanonical } from '../game/action.js';
import type { Position } from '../game/state.js';
import {
  permuteAction,
  permuteTensor,
  randomSignedPermutation,
  type SignedPermutation,
  unpermuteAction,
} from '../game/symmetry.js';

/**
 * Makes the coordinates in which a network sees positions. One of them is drawn for every query and every training sample (Fawzi et
 * al., Methods, use 100). The first changes nothing. They belong to the network and do not depend on a run's seed, so a checkpoint is
 * always read with the coordinates it was trained in.
 */
export function signedPermutations(size: Size, arithmetic: Arithmetic, count: number): SignedPermutation[] {
  const total = modeLengths(size).reduce((x, y) => x + y);
  const identity: SignedPermutation = {
    target: Int32Array.from(modeLengths(size).flatMap((length) => Array.from({ length }, (_, index) => index))),
    sign: new Int8Array(total).fill(1),
  };
  const random = new Random('signed permutations of the network');
  const others = Array.from({ length: count - 1 }, () => randomSignedPermutation(size, arithmetic, random));
  return [identity, ...others];
}

/**
 * Writes the position in other coordinates. Its moves stay sign-canonical.
 * @param moves how many of the last moves are kept, as a network may see only a few
 */
export function permutePosition(
  position: Position,
  permutation: SignedPermutation,
  moves: number = position.history.length,
): Position {
  const { size } = position.rules;
  const residual = new Int8Array(position.residual.length);
  permuteTensor(position.residual, permutation, size, residual);
  const seen = position.history.slice(Math.max(0, position.history.length - moves));
  return { ...position, residual, history: seen.map((action) => permuteMove(action, permutation, size)) };
}

/** Writes a move in other coordinates, sign-canonical. */
export function permuteMove(action: Action, permutation: SignedPermutation, size: Size): Action {
  return makeSignCanonical(permuteAction(action, permutation, size), size);
}

/** Writes a move of other coordinates in the original ones, sign-canonical; the inverse of `permuteMove`. */
export function unpermuteMove(action: Action, permutation: SignedPermutation, size: Size): Action {
  return makeSignCanonical(unpermuteAction(action, permutation, size), size);
}
