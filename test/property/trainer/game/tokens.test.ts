import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modeLengths, Random } from '../../../../shared/src/index.js';
import { makeSignCanonical } from '../../../../trainer/src/game/action.js';
import { randomAction } from '../../../../trainer/src/game/demonstrations.js';
import {
  decodeToken,
  decodeTokens,
  encodeTokens,
  FORBIDDEN,
  maskRow,
  tokenLayout,
  tokenMasks,
} from '../../../../trainer/src/game/tokens.js';

const size = fc.record({
  n: fc.integer({ min: 1, max: 3 }),
  m: fc.integer({ min: 1, max: 3 }),
  p: fc.integer({ min: 1, max: 3 }),
});
const values = fc.constantFrom([-1, 0, 1], [-2, -1, 0, 1, 2], [0, 1]);
const entries = fc.integer({ min: 1, max: 4 });
const layouts = fc.tuple(size, values, entries).map(([s, v, e]) => tokenLayout(s, v, e));

describe('tokens', () => {
  it('spell every move and read it back', () => {
    fc.assert(
      fc.property(layouts, fc.integer(), (layout, seed) => {
        const rules = { size: layout.size, arithmetic: 'standard' as const, values: layout.values, moveLimit: 9 };
        const weights = layout.values.map((value) => (value === 0 ? 0 : 1));
        const action = randomAction(rules, 0.5, weights, new Random(seed));
        const tokens = encodeTokens(action, layout, new Int32Array(layout.length));
        expect(decodeTokens(tokens, layout)).toEqual(action);
      }),
    );
  });

  it('all mean something of their own, at every place', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const [a, b, c] = modeLengths(layout.size);
        layout.slots.forEach(({ alphabet }, position) => {
          for (let token = 0; token < alphabet; token++) {
            const action = new Int8Array(a + b + c);
            decodeToken(token, position, layout, action);
            expect(encodeTokens(action, layout, new Int32Array(layout.length))[position]).toBe(token);
          }
        });
      }),
      { numRuns: 20 },
    );
  });

  it('are allowed exactly where the move can still end sign-canonical without a zero factor', () => {
    fc.assert(
      fc.property(layouts, fc.integer(), (layout, seed) => {
        const random = new Random(seed);
        const masks = tokenMasks(layout);
        const [a, b, c] = modeLengths(layout.size);
        const action = new Int8Array(a + b + c);
        layout.slots.forEach((_, position) => {
          const row = maskRow(action, position, layout, masks) * layout.vocabulary;
          const allowed = [...masks.table.subarray(row, row + layout.vocabulary).keys()].filter(
            (token) => masks.table[row + token] === 0,
          );
          expect(masks.table.every((x) => x === 0 || x === Math.fround(FORBIDDEN))).toBe(true);
          expect(allowed.length).toBeGreaterThan(0);
          decodeToken(allowed[random.int(allowed.length)], position, layout, action);
        });
        expect(makeSignCanonical(action.slice(), layout.size)).toEqual(action);
      }),
    );
  });

  it('refuse an entry outside the alphabet, and an alphabet that is too large', () => {
    const layout = tokenLayout({ n: 1, m: 1, p: 1 }, [-1, 0, 1], 1);
    expect(() => encodeTokens(Int8Array.of(1, 2, 1), layout, new Int32Array(3))).toThrow(/entry 2.*-1, 0, 1/);
    expect(() => tokenLayout({ n: 4, m: 4, p: 4 }, [-2, -1, 0, 1, 2], 8)).toThrow(/fewer entries per token/);
  });
});
