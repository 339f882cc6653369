import { describe, expect, it } from 'vitest';
import {
  contentHash,
  countNonzeros,
  growth,
  imagesOf,
  rotate,
  standard,
  strassen,
  transposeProduct,
  type VerifiedFactorization,
} from '../../../shared/src/index.js';
import { joinAlongP } from '../../bench/catalogue/compositions.js';

/** <2,2,3;11>, which has three different pairs of dimensions and no symmetry. */
const OBLONG = joinAlongP(strassen(), standard({ n: 2, m: 2, p: 1 }));

describe('the images of a factorization', () => {
  it('have all orders of its dimensions, its growth and its nonzeros', () => {
    const images = imagesOf(OBLONG);
    const sizes = images.map(({ factorization: { size } }) => `${size.n}${size.m}${size.p}`);
    expect(sizes).toEqual(['223', '232', '322', '322', '232', '223']);
    for (const { factorization } of images) {
      expect(growth(factorization)).toBeCloseTo(growth(OBLONG), 12);
      expect(countNonzeros(factorization)).toBe(countNonzeros(OBLONG));
    }
    expect(new Set(images.map(({ factorization }) => contentHash(factorization))).size).toBe(6);
  });

  it('are each listed once', () => {
    // The schoolbook algorithm of a cube is its own image in every way.
    expect(imagesOf(standard({ n: 2, m: 2, p: 2 }))).toHaveLength(1);
  });

  it('come back to the factorization', () => {
    const same = (factorization: VerifiedFactorization): void =>
      expect(contentHash(factorization)).toBe(contentHash(OBLONG));
    same(rotate(rotate(rotate(OBLONG))));
    same(transposeProduct(transposeProduct(OBLONG)));
    // Transposed, a rotation goes the other way round.
    same(rotate(transposeProduct(rotate(transposeProduct(OBLONG)))));
  });
});
