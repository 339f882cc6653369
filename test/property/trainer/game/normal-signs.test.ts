import { describe, expect, it } from 'vitest';
import { Random, type Size } from '../../../../shared/src/index.js';
import { gameRules } from '../../../../trainer/src/config.js';
import { syntheticGame } from '../../../../trainer/src/game/demonstrations.js';
import { normalSigns } from '../../../../trainer/src/game/normal-signs.js';
import { isSolved, play, start } from '../../../../trainer/src/game/state.js';
import { permuteTensor, randomSignedPermutation } from '../../../../trainer/src/game/symmetry.js';
import {
  coordinatesOf,
  permuteMove,
  permutePosition,
  signedPermutations,
  unpermuteMove,
} from '../../../../trainer/src/network/permutations.js';
import { presetForSize } from '../../../../trainer/src/presets.js';

function withSigns(tensor: Int8Array, sign: Int8Array, size: Size): Int8Array {
  const { target } = signedPermutations(size, 'standard', 1)[0];
  return permuteTensor(tensor, { target, sign }, size, new Int8Array(tensor.length));
}

describe.each([
  { n: 2, m: 3, p: 3 },
  // 75 entries: more than one word of the equations.
  { n: 5, m: 5, p: 5 },
])('the normal form of signs of $n, $m, $p', (size) => {
  const config = presetForSize('mid', size);
  const random = new Random('signs');
  const { synthetic } = config.demonstrations;
  const { position, remaining } = syntheticGame(gameRules(config), { ...synthetic, rankExponent: 0 }, random);
  const normal = (tensor: Int8Array): Int8Array => withSigns(tensor, normalSigns(tensor, size), size);

  it('is the same for tensors that differ by signs of their entries alone', () => {
    const { residual } = position;
    const form = normal(residual);
    expect(form).not.toEqual(residual);
    expect(form.map(Math.abs)).toEqual(residual.map(Math.abs));
    for (let i = 0; i < 5; i++) {
      const other = withSigns(residual, randomSignedPermutation(size, 'standard', random).sign, size);
      expect(other).not.toEqual(residual);
      expect(normal(other)).toEqual(form);
    }
    const cell = residual.findIndex((x) => x !== 0);
    const larger = residual.slice();
    larger[cell] *= 2;
    expect(normal(larger)).not.toEqual(form);
  });

  it('is what a network sees that asks for it, in each of its permutations, and moves are mapped back', () => {
    const permutations = signedPermutations(size, 'standard', 3);
    for (let i = 0; i < 6; i++) {
      const coordinates = coordinatesOf({ permutations, normalizesSigns: true }, position, random);
      const seen = permutePosition(position, coordinates);
      expect(normal(seen.residual)).toEqual(seen.residual);
      const moves = remaining.map((action) => permuteMove(action, coordinates, size));
      expect(isSolved(moves.reduce(play, seen))).toBe(true);
      expect(moves.map((move) => unpermuteMove(move, coordinates, size))).toEqual(remaining);
    }
  });
});

describe('the coordinates of a network', () => {
  const size = { n: 2, m: 2, p: 2 };
  const permutations = signedPermutations(size, 'standard', 1);

  it('are as drawn where it does not ask for normal forms, and modulo 2', () => {
    const opening = start(gameRules(presetForSize('tiny', size)));
    expect(coordinatesOf({ permutations }, opening, new Random(1))).toBe(permutations[0]);
    const modulo2 = start(gameRules(presetForSize('tiny', size, 'modulo-2')));
    expect(coordinatesOf({ permutations, normalizesSigns: true }, modulo2, new Random(1))).toBe(permutations[0]);
  });
});
