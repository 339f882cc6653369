import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ARITHMETICS,
  type Arithmetic,
  contentHash,
  laderman,
  Random,
  standard,
  strassen,
  type VerifiedFactorization,
} from '../../../../shared/src/index.js';
import {
  inArithmetic,
  inOrder,
  merge,
  project,
  reordered,
  shear,
} from '../../../../trainer/src/explore/between-sizes.js';
import { dependence } from '../../../../trainer/src/explore/dependence.js';
import { extend, growthSizes } from '../../../../trainer/src/explore/grow.js';
import { createWalk, pack, unpack } from '../../../../trainer/src/explore/packed.js';
import { type PackedTerms, widthOf } from '../../../../trainer/src/explore/packed-terms.js';
import { PartWalk } from '../../../../trainer/src/explore/part-walk.js';
import { bestProjection, projectAlong } from '../../../../trainer/src/explore/projection.js';
import { randomImage } from '../../../../trainer/src/explore/random-image.js';
import { modulo2, modulo3 } from '../../../support/factorizations.js';

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
  arithmetic: fc.constantFrom(...ARITHMETICS),
});

describe('packing', () => {
  test('and unpacking give the same algorithm', () => {
    fc.assert(
      fc.property(anyStart, ({ start, arithmetic }) => {
        const expected = inArithmetic(start, arithmetic);
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
        fc.array(
          fc.oneof(
            fc.integer({ min: 1, max: 40 }),
            fc.constantFrom('plus' as const, 'split' as const, 'dependence' as const),
          ),
          { maxLength: 12 },
        ),
        ({ start, arithmetic }, seed, steps) => {
          const packed = pack(start, arithmetic);
          const walk = createWalk(arithmetic, start.rank + 3, new Random(seed), widthOf(packed));
          walk.load(packed);
          for (const step of steps) {
            const before = walk.rank;
            if (step === 'plus' || step === 'split') {
              if (before < walk.capacity && (step === 'plus' ? walk.plus() : walk.split()))
                expect(walk.rank).toBeLessThanOrEqual(before + 1);
            } else if (step === 'dependence') {
              expect(walk.reduceByDependence()).toBe(walk.rank < before);
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

  test('of a part of the products leaves the others as they are, and the sum', () => {
    fc.assert(
      fc.property(anyStart, fc.nat(), ({ start, arithmetic }, seed) => {
        const packed = pack(start, arithmetic);
        const random = new Random(seed);
        const walk = new PartWalk(createWalk(arithmetic, start.rank + 2, random, widthOf(packed)), random);
        walk.load(packed);
        walk.plus();
        walk.walk(30);
        const terms = walk.terms();
        expect(terms.rank).toBe(walk.rank);
        expect(unpack(terms, start.size, arithmetic).rank).toBe(walk.rank);
        const products = ({ rank, words, signs }: PackedTerms): string[] =>
          Array.from({ length: rank }, (_, term) => {
            const length = words.length / rank;
            return `${signs[term]}:${words.subarray(length * term, length * (term + 1))}`;
          });
        const before = new Set(products(packed));
        const stayed = products(terms).filter((product) => before.has(product)).length;
        expect(stayed).toBeGreaterThanOrEqual(Math.floor(start.rank / 2));
      }),
      { numRuns: 50 },
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

describe('a random element of the group', () => {
  test('gives a factorization of the same tensor and rank; with coefficients -1, 0 and 1 it keeps these and hardly more of them', () => {
    fc.assert(
      fc.property(anyStart, fc.nat(), ({ start, arithmetic }, seed) => {
        const from = inArithmetic(start, arithmetic);
        const image = randomImage(from, ['n', 'm', 'p'], new Random(seed));
        expect(image).toMatchObject({ size: start.size, rank: start.rank, arithmetic });
        if (arithmetic !== 'standard') return;
        const coefficients = (of: VerifiedFactorization): number[] => [
          ...of.u.coefficients,
          ...of.v.coefficients,
          ...of.w.coefficients,
        ];
        const count = (of: VerifiedFactorization): number => coefficients(of).filter((x) => x !== 0).length;
        expect(coefficients(image).every((x) => Math.abs(x) <= 1)).toBe(true);
        expect(count(image)).toBeLessThanOrEqual(1.1 * count(from));
      }),
      { numRuns: 50 },
    );
  });

  test('is another algorithm for some seed, in each arithmetic', () => {
    for (const from of [laderman(), modulo2(laderman()), modulo3(laderman())]) {
      const images = [1, 2, 3].map((seed) => contentHash(randomImage(from, ['n', 'm', 'p'], new Random(seed))));
      expect(images.some((hash) => hash !== contentHash(from))).toBe(true);
    }
  });
});

describe('dependent factors', () => {
  test('are found exactly if they are there: the sum of those named is zero', () => {
    const vectors = fc.array(fc.uint8Array({ minLength: 1, maxLength: 1 }), { maxLength: 12 });
    fc.assert(
      fc.property(vectors, (bytes) => {
        const words = bytes.map((byte) => Int32Array.from(byte));
        const found = dependence(words);
        const sums = new Set([0]);
        const isDependent = words.some(([word]) => {
          const isSum = sums.has(word);
          for (const sum of [...sums]) sums.add(sum ^ word);
          return isSum;
        });
        expect(found !== undefined).toBe(isDependent);
        if (found !== undefined) expect(found.reduce((sum, index) => sum ^ words[index][0], 0)).toBe(0);
      }),
    );
  });

  test('lower the rank of three products that flips do not merge at once', () => {
    // a(x)b1(x)c1 + a(x)b2(x)c2 + a(x)(b1+b2)(x)c3, which is a(x)b1(x)(c1+c3) + a(x)b2(x)(c2+c3).
    const bits = [0b1, 0b10, 0b11];
    for (const width of [2, 4]) {
      const words = new Int32Array(9 * width);
      bits.forEach((b, term) => {
        words[3 * width * term] = 1;
        words[width * (3 * term + 1)] = b;
        words[width * (3 * term + 2)] = 1 << term;
      });
      const walk = createWalk('modulo-2', 3, new Random(1), width);
      walk.load({ rank: 3, words, signs: new Int8Array(3).fill(1) });
      expect(walk.rank).toBe(3);
      expect(walk.reduceByDependence()).toBe(true);
      expect(walk.rank).toBe(2);
      expect(walk.reduceByDependence()).toBe(false);
    }
  });
});

describe('between sizes', () => {
  const dimension = fc.constantFrom('n', 'm', 'p');

  test('merging adds ranks, projecting undoes it, and both stay exact', () => {
    fc.assert(
      fc.property(anyStart, anySize, dimension, ({ start }, other, along) => {
        const second = standard({ ...start.size, [along]: other[along] });
        const merged = merge(start, second, along);
        expect(merged.rank).toBe(start.rank + second.rank);
        expect(merged.size).toEqual({ ...start.size, [along]: start.size[along] + other[along] });
        let back = merged;
        for (let step = 0; step < other[along]; step++) back = project(back, along, start.size[along]);
        expect(contentHash(back)).toBe(contentHash(start));
      }),
      { numRuns: 50 },
    );
  });

  test('the best projection loses what it says, as much from every basis, and no less than any row or column does', () => {
    fc.assert(
      fc.property(anyStart, dimension, fc.nat(), ({ start }, along, seed) => {
        fc.pre(start.size[along] > 1);
        const from = inArithmetic(start, 'modulo-2');
        const lost = bestProjection(pack(from, 'modulo-2'), from.size, along).vanishing;
        const image = randomImage(from, ['n', 'm', 'p'], new Random(seed));
        const projection = bestProjection(pack(image, 'modulo-2'), image.size, along);
        expect(projection.vanishing).toBe(lost);
        // `project` verifies what it makes.
        expect(projectAlong(image, projection).rank).toBe(image.rank - lost);
        for (let index = 0; index < image.size[along]; index++) {
          expect(project(image, along, index).rank).toBeGreaterThanOrEqual(image.rank - lost);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('another basis and another order of the dimensions give the same tensor', () => {
    fc.assert(
      fc.property(anyStart, dimension, fc.nat(), fc.nat(), ({ start, arithmetic }, along, source, target) => {
        const length = start.size[along];
        const from = inArithmetic(start, arithmetic);
        // `shear` and `inOrder` verify what they make.
        if (source % length !== target % length) {
          expect(shear(from, along, source % length, target % length).rank).toBe(start.rank);
        }
        const { n, m, p } = inOrder(from).size;
        expect(n <= m && m <= p).toBe(true);
        expect(reordered(inOrder(from), start.size).size).toEqual(start.size);
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
