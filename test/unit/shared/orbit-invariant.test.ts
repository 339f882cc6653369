import { describe, expect, it } from 'vitest';
import {
  canonical,
  fromRows,
  laderman,
  loadFactorization,
  modeLengths,
  orbitInvariant,
  Random,
  rotate,
  standard,
  strassen,
  transposeProduct,
  type VerifiedFactorization,
  verify,
  winograd,
} from '../../../shared/src/index.js';
import { rankModulo } from '../../../shared/src/modular-rank.js';
import { applySymmetry, randomSymmetry } from '../../../trainer/src/game/symmetry.js';

/** Another order of the products, and another scale within each. */
function rearranged(factorization: VerifiedFactorization, random: Random): VerifiedFactorization {
  const { size, rank } = factorization;
  const order = random.shuffle(Array.from({ length: rank }, (_, r) => r));
  const signs = order.map(() => [random.bernoulli(0.5) ? 1 : -1, random.bernoulli(0.5) ? 1 : -1]);
  const rows = (['u', 'v', 'w'] as const).map((mode, index) => {
    const length = modeLengths(size)[index];
    return order.map((r, place) => {
      const [first, second] = signs[place];
      const sign = [first, second, first * second][index];
      return factorization[mode].coefficients.slice(r * length, (r + 1) * length).map((x) => sign * x);
    });
  });
  const { u, v, w, ...rest } = fromRows(size, rows[0], rows[1], rows[2]);
  return verify({
    ...rest,
    u: { ...u, denominator: factorization.u.denominator },
    v: { ...v, denominator: factorization.v.denominator },
    w: { ...w, denominator: factorization.w.denominator },
  });
}

/** Images under random symmetries, orders, scales, rotations and the transposition. */
function randomImage(factorization: VerifiedFactorization, random: Random): VerifiedFactorization {
  const { size, arithmetic } = factorization;
  let image = applySymmetry(factorization, randomSymmetry(size, arithmetic, random, 0.2));
  for (let turns = random.int(3); turns > 0; turns--) image = rotate(image);
  if (random.bernoulli(0.5)) image = transposeProduct(image);
  return rearranged(image, random);
}

describe('the invariant of an orbit', () => {
  const random = new Random('orbits');

  it.each(['2x2x2:7', '2x2x3:11', '2x3x3:15', '2x3x4:20'])('stays the same under symmetries of %s', async (name) => {
    const { factorization } = await loadFactorization(name);
    const own = orbitInvariant(factorization);
    expect(own).toMatch(/^[0-9a-f]{16}$/);
    for (let i = 0; i < 4; i++) expect(orbitInvariant(randomImage(factorization, random))).toBe(own);
  });

  it('stays the same for a cube, and with fractions', async () => {
    const own = orbitInvariant(laderman());
    expect(orbitInvariant(randomImage(laderman(), random))).toBe(own);
    expect(orbitInvariant(canonical(laderman()))).toBe(own);
    const { u, v, ...rest } = strassen();
    const halves = verify({
      ...rest,
      u: { ...u, denominator: 2 },
      v: { ...v, coefficients: v.coefficients.map((x) => 2 * x) },
    });
    expect(orbitInvariant(halves)).toBe(orbitInvariant(strassen()));
  });

  it('is one for <2,2,2;7>, which has one orbit', () => {
    expect(orbitInvariant(winograd())).toBe(orbitInvariant(strassen()));
  });

  it('tells orbits apart: two of <3,3,3;23>, other ranks', async () => {
    const load = async (name: string): Promise<string> => orbitInvariant((await loadFactorization(name)).factorization);
    expect(await load('3x3x3:23')).not.toBe(orbitInvariant(laderman()));
    expect(orbitInvariant(standard({ n: 2, m: 2, p: 2 }))).not.toBe(orbitInvariant(strassen()));
  });
});

describe('a rank modulo a prime', () => {
  it('is that of the matrix', () => {
    expect(rankModulo([1, 2, 3, 2, 4, 6], 2, 65_521)).toBe(1);
    expect(rankModulo([0, 0, 0, 1, 1, 0], 3, 65_521)).toBe(2);
    expect(rankModulo([0, 0, 0, 0], 2, 65_521)).toBe(0);
    // The determinant is 2.
    expect(rankModulo([1, 1, -1, 1], 2, 65_521)).toBe(2);
    expect(rankModulo([1, 1, -1, 1], 2, 2)).toBe(1);
  });
});
