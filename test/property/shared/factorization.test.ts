import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AlphaTensorError,
  canonical,
  compose,
  contentHash,
  type Factorization,
  fromRows,
  isExact,
  LIMITS,
  MODES,
  type Mode,
  standard,
  strassen,
  verify,
} from '../../../shared/src/index.js';
import { anyExact, exactInEveryField, modulo2, moveScale, mutate, permuteTerms } from '../../support/factorizations.js';

const modePair: fc.Arbitrary<readonly [Mode, Mode]> = fc
  .shuffledSubarray([...MODES], { minLength: 2, maxLength: 2 })
  .map(([from, to]) => [from, to] as const);

/** The same algorithm written in another way: terms reordered, scales and signs moved between a term's factors. */
const disguised: fc.Arbitrary<{ original: Factorization; disguise: Factorization }> = fc
  .constantFrom(...exactInEveryField)
  .chain((original) =>
    fc
      .record({
        order: fc.shuffledSubarray(
          Array.from({ length: original.rank }, (_, r) => r),
          { minLength: original.rank, maxLength: original.rank },
        ),
        moves: fc.array(
          fc.record({
            term: fc.nat(original.rank - 1),
            scale: original.arithmetic === 'standard' ? fc.constantFrom(-3, -2, -1, 2, 3) : fc.constant(-1),
            modes: modePair,
          }),
          { maxLength: 4 },
        ),
      })
      .map(({ order, moves }) => ({
        original,
        disguise: moves.reduce(
          (current, { term, scale, modes }) => moveScale(current, term, scale, ...modes),
          permuteTerms(original, order),
        ),
      })),
  );

describe('canonical form and content hash', () => {
  test('are the same for every way of writing an algorithm', () => {
    fc.assert(
      fc.property(disguised, ({ original, disguise }) => {
        expect(isExact(disguise)).toBe(true);
        expect(canonical(disguise)).toEqual(canonical(original));
        expect(contentHash(disguise)).toBe(contentHash(original));
      }),
    );
  });

  test('the canonical form is exact and its own canonical form', () => {
    fc.assert(
      fc.property(disguised, ({ disguise }) => {
        const form = canonical(disguise);
        expect(isExact(form)).toBe(true);
        expect(canonical(form)).toEqual(form);
      }),
    );
  });

  test('different algorithms have different hashes', () => {
    const hashes = exactInEveryField.map(contentHash);
    expect(new Set(hashes).size).toBe(exactInEveryField.length);
  });

  test('a scale that the limits cannot hold is refused, not wrapped', () => {
    // Two terms that cancel, each with coefficients at the limit in every factor.
    const row = [LIMITS.maxCoefficient];
    const claim = fromRows({ n: 1, m: 1, p: 1 }, [row, row, [1]], [row, row, [1]], [row, [-row[0]], [1]]);
    expect(isExact(claim)).toBe(true);
    expect(() => canonical(claim)).toThrow(AlphaTensorError);
  });
});

describe('verify', () => {
  test('rejects any algorithm with one coefficient changed', () => {
    // The tensor changes by delta e (x) the two other factors of that term, none of which is zero here.
    fc.assert(
      fc.property(
        anyExact,
        fc.constantFrom(...MODES),
        fc.nat(),
        fc.constantFrom(-3, -1, 1, 3),
        (factorization, mode, place, delta) => {
          const index = place % factorization[mode].coefficients.length;
          const broken = mutate(factorization, mode, index, delta);
          expect(isExact(broken)).toBe(false);
          expect(() => verify(broken)).toThrow(expect.objectContaining({ code: 'NOT_A_FACTORIZATION' }));
        },
      ),
    );
  });

  test('is exact where doubles are not', () => {
    // 343 terms of size 2^45 leave the 53 bits of a double.
    const { u, v, w, ...rest } = standard({ n: 7, m: 7, p: 7 });
    const stretch = ({ coefficients }: typeof u): typeof u => ({
      coefficients: coefficients.map((x) => x * LIMITS.maxCoefficient),
      denominator: LIMITS.maxDenominator,
    });
    const stretched = { ...rest, u: stretch(u), v: stretch(v), w: stretch(w) };
    expect(isExact(stretched)).toBe(true);
    expect(isExact(mutate(stretched, 'w', stretched.w.coefficients.indexOf(LIMITS.maxCoefficient), -1))).toBe(false);
  });

  test('modulo 2 forgives even differences and no others', () => {
    const twoOff = mutate(strassen(), 'u', 0, 2);
    expect(isExact(twoOff)).toBe(false);
    expect(isExact({ ...twoOff, arithmetic: 'modulo-2' })).toBe(true);
  });

  test('modulo 3 forgives multiples of 3 and no others, and says so', () => {
    const threeOff = mutate(strassen(), 'u', 0, 3);
    expect(isExact(threeOff)).toBe(false);
    expect(isExact({ ...threeOff, arithmetic: 'modulo-3' })).toBe(true);
    const twoOff: Factorization = { ...mutate(strassen(), 'u', 0, 2), arithmetic: 'modulo-3' };
    expect(() => verify(twoOff)).toThrow(/do not reconstruct <2,2,2> modulo 3: /);
    const halves: Factorization = { ...strassen(), arithmetic: 'modulo-3', u: { ...strassen().u, denominator: 2 } };
    expect(() => verify(halves)).toThrow('A factorization modulo 3 cannot have fractions.');
  });

  test('names the field that is out of bounds', () => {
    const field = (factorization: Factorization): unknown => {
      try {
        return verify(factorization);
      } catch (error) {
        return error instanceof AlphaTensorError ? error.details.field : error;
      }
    };
    const good = strassen();
    expect(field(mutate(good, 'v', 0, LIMITS.maxCoefficient))).toBe('v');
    expect(field({ ...good, rank: 10_000 })).toBe('rank');
    expect(field({ ...good, u: { ...good.u, coefficients: good.u.coefficients.subarray(1) } })).toBe('u');
    expect(field({ ...good, w: { ...good.w, denominator: 0 } })).toBe('w.denominator');
    expect(field({ ...good, size: { n: 0, m: 2, p: 2 } })).toBe('n');
  });
});

describe('compose', () => {
  test('of exact algorithms is exact, for rectangles, fractions, modulo 2 and modulo 3', () => {
    const scaled = fc
      .tuple(fc.constantFrom(...exactInEveryField), modePair, fc.constantFrom(-2, 1, 3))
      .map(([factorization, modes, scale]) => ({
        factorization:
          factorization.arithmetic === 'standard'
            ? verify(moveScale(factorization, 0, scale, ...modes))
            : factorization,
      }));
    fc.assert(
      fc.property(scaled, scaled, ({ factorization: outer }, { factorization: inner }) => {
        fc.pre(outer.arithmetic === inner.arithmetic);
        const product = compose(outer, inner);
        expect(product.rank).toBe(outer.rank * inner.rank);
        expect(product.size).toEqual({
          n: outer.size.n * inner.size.n,
          m: outer.size.m * inner.size.m,
          p: outer.size.p * inner.size.p,
        });
        expect(isExact(product)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('refuses what does not fit', () => {
    expect(() => compose(strassen(), modulo2(strassen()))).toThrow(/modulo-2/);
    const level3 = compose(compose(strassen(), strassen()), strassen());
    expect(() => compose(level3, level3)).toThrow(/rank 117649/);
    const large = verify(moveScale(standard({ n: 1, m: 1, p: 1 }), 0, LIMITS.maxCoefficient, 'w', 'u'));
    expect(() => compose(large, large)).toThrow(AlphaTensorError);
  });
});
