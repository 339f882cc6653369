import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Arithmetic,
  contentHash,
  laderman,
  Random,
  standard,
  strassen,
  type VerifiedFactorization,
} from '../../../../shared/src/index.js';
import { widthOf } from '../../../../trainer/src/explore/flip-walk.js';
import { extend, growthSizes } from '../../../../trainer/src/explore/grow.js';
import { createWalk, pack, unpack } from '../../../../trainer/src/explore/packed.js';
import { modulo2 } from '../../../support/factorizations.js';

const anySize = fc.record({
  n: fc.integer({ min: 1, max: 4 }),
  m: fc.integer({ min: 1, max: 4 }),
  p: fc.integer({ min: 1, max: 4 }),
});
const anyStart: fc.Arbitrary<{ start: VerifiedFactorization; arithmetic: Arithmetic }> = fc.record({
  // Of the last, matrices have 72 and 36 entries, which need more than two words.
  start: fc.oneof(
    anySize.map(standard),
    fc.constantFrom(strassen(), laderman(), standard({ n: 9, m: 8, p: 1 }), standard({ n: 6, m: 6, p: 1 })),
  ),
  arithmetic: fc.constantFrom<Arithmetic>('standard', 'modulo-2'),
});

describe('packing', () => {
  test('and unpacking give the same algorithm', () => {
    fc.assert(
      fc.property(anyStart, ({ start, arithmetic }) => {
        const expected = arithmetic === 'modulo-2' ? modulo2(start) : start;
        const back = unpack(pack(start, arithmetic), start.size, arithmetic);
        expect(back.arithmetic).toBe(arithmetic);
        expect(contentHash(back)).toBe(contentHash(expected));
      }),
    );
  });
});

describe('a walk in the flip graph', () => {
  test('never leaves the tensor, whatever flips, reductions and plus transitions it takes', () => {
    fc.assert(
      fc.property(
        anyStart,
        fc.nat(),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant('plus' as const)), { maxLength: 12 }),
        ({ start, arithmetic }, seed, steps) => {
          const packed = pack(start, arithmetic);
          const walk = createWalk(arithmetic, start.rank + 3, new Random(seed), widthOf(packed));
          walk.load(packed);
          for (const step of steps) {
            const before = walk.rank;
            if (step === 'plus') {
              if (before < walk.capacity && walk.plus()) expect(walk.rank).toBeLessThanOrEqual(before + 1);
            } else {
              expect(walk.walk(step)).toBeLessThanOrEqual(step);
              expect(walk.rank).toBeLessThanOrEqual(before);
            }
            // unpack reconstructs exactly, and throws where it cannot.
            expect(unpack(walk.terms(), start.size, arithmetic).rank).toBe(walk.rank);
          }
        },
      ),
    );
  });

  test('can be loaded with what it came to', () => {
    fc.assert(
      fc.property(anyStart, fc.nat(), ({ start, arithmetic }, seed) => {
        const packed = pack(start, arithmetic);
        const walk = createWalk(arithmetic, start.rank + 1, new Random(seed), widthOf(packed));
        walk.load(packed);
        walk.walk(100);
        const other = createWalk(arithmetic, start.rank + 1, new Random(seed), widthOf(packed));
        other.load(walk.terms());
        expect(other.terms()).toEqual(walk.terms());
      }),
      { numRuns: 50 },
    );
  });
});

describe('growing', () => {
  test('in any dimension keeps an algorithm exact and adds the standard algorithm', () => {
    fc.assert(
      fc.property(anyStart, fc.constantFrom('n', 'm', 'p'), ({ start }, dimension) => {
        const { n, m, p } = start.size;
        const larger = extend(start, dimension);
        expect(larger.size).toEqual({ ...start.size, [dimension]: start.size[dimension] + 1 });
        expect(larger.rank).toBe(start.rank + (n * m * p) / start.size[dimension]);
      }),
    );
  });

  test('goes one step at a time to the size', () => {
    fc.assert(
      fc.property(anySize, (size) => {
        const sizes = growthSizes(size);
        expect(sizes.at(-1)).toEqual(size);
        expect(Math.max(...Object.values(sizes[0]))).toBeLessThanOrEqual(2);
        const total = sizes.map(({ n, m, p }) => n + m + p);
        expect(total).toEqual(total.map((_, i) => total[0] + i));
      }),
    );
  });
});
