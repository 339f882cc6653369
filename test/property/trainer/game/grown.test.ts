import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  modeLengths,
  multiplicationTensor,
  Random,
  type Size,
  standard,
  strassen,
} from '../../../../shared/src/index.js';
import { makeSignCanonical } from '../../../../trainer/src/game/action.js';
import { randomBasis, targetTensor } from '../../../../trainer/src/game/basis.js';
import { grownGame, partsFor, partWithTerms } from '../../../../trainer/src/game/grown.js';
import { type GameRules, isSolved, play } from '../../../../trainer/src/game/state.js';

const OPTIONS = {
  synthetic: { zeroProbability: [0.4, 0.75] as const, sizeWeights: [1] },
  maxExtra: 4,
  canonicalProbability: 0.5,
  offDiagonal: 0.02,
  symmetryOffDiagonal: 0.1,
};
const rulesFor = (size: Size, moveLimit: number): GameRules => ({
  size,
  arithmetic: 'standard',
  values: [-1, 0, 1],
  moveLimit,
});
const rules = fc.constantFrom(
  rulesFor({ n: 2, m: 2, p: 3 }, 11),
  rulesFor({ n: 3, m: 2, p: 2 }, 11),
  rulesFor({ n: 2, m: 2, p: 4 }, 15),
  rulesFor({ n: 2, m: 3, p: 3 }, 17),
);

describe('a grown game', () => {
  it('is solved by its remaining factors within the move limit, and is never the target', () => {
    fc.assert(
      fc.property(rules, fc.integer(), (rules, seed) => {
        const parts = [...partsFor(strassen(), rules), ...partsFor(standard({ n: 2, m: 1, p: 2 }), rules)];
        const { position, remaining } = grownGame(rules, parts, OPTIONS, new Random(seed));
        expect(isSolved([...remaining].reverse().reduce(play, position))).toBe(true);
        expect(remaining.length).toBeGreaterThan(0);
        expect(position.movesLeft).toBeGreaterThanOrEqual(remaining.length);
        expect(position.movesLeft + position.history.length).toBe(rules.moveLimit);
        expect(position.residual).not.toEqual(multiplicationTensor(rules.size));
        for (const action of remaining) {
          expect(action.every((x) => rules.values.includes(x))).toBe(true);
          expect(makeSignCanonical(action.slice(), rules.size)).toEqual(action);
        }
      }),
    );
  });

  it('is not the target in another basis either', () => {
    const size = { n: 2, m: 2, p: 3 };
    const rules = rulesFor(size, 11);
    const parts = partsFor(strassen(), rules);
    const random = new Random('another basis');
    const basis = randomBasis(size, 'standard', random, { canonicalProbability: 0, offDiagonal: 0.03 });
    // The Lie algebra that leaves T_{n,m,p} alone has dimension n^2 + m^2 + p^2 - 1 in every basis.
    expect(stabilizerDimension(multiplicationTensor(size), size)).toBe(16);
    expect(stabilizerDimension(targetTensor(basis), size)).toBe(16);
    for (let draw = 0; draw < 40; draw++) {
      const whole = partWithTerms(rules, parts[0], 4, OPTIONS, random);
      expect(stabilizerDimension(whole.position.residual, size)).not.toBe(16);
      const any = grownGame(rules, parts, OPTIONS, random);
      if (any.remaining.length === 11) expect(stabilizerDimension(any.position.residual, size)).not.toBe(16);
    }
  });

  it('draws again when it comes to the target', () => {
    // Of <1,1,2>, <1,1,1> and another elementary product are often the whole; nothing else is left out.
    const rules = rulesFor({ n: 1, m: 1, p: 2 }, 2);
    const parts = partsFor(standard({ n: 1, m: 1, p: 1 }), rules);
    const random = new Random('target');
    const target = multiplicationTensor(rules.size).join();
    const seen = new Set<string>();
    for (let draw = 0; draw < 500; draw++) {
      seen.add(grownGame(rules, parts, OPTIONS, random).position.residual.join());
    }
    expect(seen.has(target)).toBe(false);
    expect(seen.size).toBeGreaterThan(10);
  });
});

describe('partsFor', () => {
  const sizes = (of: Size, within: Size): string[] =>
    partsFor(standard(of), rulesFor(within, 30)).map(({ size: { n, m, p } }) => `${n}${m}${p}`);

  it('turns a part to every orientation that fits', () => {
    expect(sizes({ n: 1, m: 2, p: 3 }, { n: 3, m: 3, p: 3 }).sort()).toEqual([
      '123',
      '132',
      '213',
      '231',
      '312',
      '321',
    ]);
    expect(sizes({ n: 2, m: 3, p: 2 }, { n: 2, m: 3, p: 3 }).sort()).toEqual(['223', '232']);
  });

  it('takes nothing that is as large as the game, whichever way it is turned, or does not lie within it', () => {
    expect(sizes({ n: 2, m: 2, p: 3 }, { n: 2, m: 2, p: 3 })).toEqual([]);
    expect(sizes({ n: 3, m: 2, p: 2 }, { n: 2, m: 2, p: 3 })).toEqual([]);
    expect(sizes({ n: 1, m: 1, p: 4 }, { n: 2, m: 2, p: 3 })).toEqual([]);
    expect(partsFor(strassen(), rulesFor({ n: 2, m: 2, p: 3 }, 6))).toEqual([]);
  });
});

/**
 * The dimension of {(X, Y, Z) : X T + Y T + Z T = 0}, X, Y and Z acting on the modes, which no change of basis changes. Ranks are
 * taken modulo a prime.
 */
function stabilizerDimension(tensor: Int8Array, size: Size): number {
  const lengths = modeLengths(size);
  const strides = [lengths[1] * lengths[2], lengths[2], 1];
  const rows = lengths.flatMap((length, mode) =>
    Array.from({ length: length * length }, (_, entry) => {
      // The unit matrix of row `to` and column `from` moves the slice `from` to `to`.
      const [to, from] = [Math.floor(entry / length), entry % length];
      const image = new Array<number>(tensor.length).fill(0);
      tensor.forEach((x, index) => {
        if (Math.floor(index / strides[mode]) % length === from) image[index + (to - from) * strides[mode]] = x;
      });
      return image;
    }),
  );
  return rows.length - rankModuloPrime(rows, 32003);
}

function rankModuloPrime(rows: number[][], prime: number): number {
  let rank = 0;
  for (let column = 0; column < rows[0].length && rank < rows.length; column++) {
    const pivot = rows.findIndex((row, index) => index >= rank && row[column] % prime !== 0);
    if (pivot < 0) continue;
    [rows[rank], rows[pivot]] = [rows[pivot], rows[rank]];
    for (let i = rank + 1; i < rows.length; i++) {
      const [factor, scale] = [rows[i][column], rows[rank][column]];
      if (factor === 0) continue;
      for (let j = column; j < rows[i].length; j++) rows[i][j] = (rows[i][j] * scale - rows[rank][j] * factor) % prime;
    }
    rank++;
  }
  return rank;
}
