import { type Arithmetic, modeLengths, Random, type Size } from '@alphatensor-edge/shared';
import { type Action, makeSignCanonical } from '../game/action.js';
import { normalSigns } from '../game/normal-signs.js';
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

/** Says in which coordinates a network sees positions. */
export interface Coordinates {
  /** One of them is drawn for each position, the original ones first. */
  readonly permutations: readonly SignedPermutation[];
  /** Whether the signs follow from the position: then it is shown in the normal form of its signs (game/normal-signs.ts). */
  readonly normalizesSigns?: boolean | undefined;
}

/** Chooses the coordinates in which a network sees a position. */
export function coordinatesOf(
  { permutations, normalizesSigns }: Coordinates,
  { residual, rules: { size, arithmetic } }: Pick<Position, 'residual' | 'rules'>,
  random: Random,
): SignedPermutation {
  const permutation = permutations[random.int(permutations.length)];
  if (normalizesSigns !== true || arithmetic === 'modulo-2') return permutation;
  const { target, sign } = permutation;
  const isOriginal = permutation === permutations[0];
  const permuted = isOriginal ? residual : permuteTensor(residual, permutation, size, new Int8Array(residual.length));
  const signs = normalSigns(permuted, size);
  let base = 0;
  const combined = new Int8Array(sign.length);
  for (const length of modeLengths(size)) {
    for (let i = base; i < base + length; i++) combined[i] = sign[i] * signs[base + target[i]];
    base += length;
  }
  return { target, sign: combined };
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
