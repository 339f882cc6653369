import { describe, expect, it } from 'vitest';
import {
  compose,
  growth,
  laderman,
  loadFactorization,
  Random,
  standard,
  strassen,
  winograd,
} from '../../../../shared/src/index.js';
import { changeBasis } from '../../../../trainer/src/refine/basis-change.js';
import { orbitFloor } from '../../../../trainer/src/refine/floor.js';
import { minimize } from '../../../../trainer/src/refine/lbfgs.js';
import { OrbitGrowth } from '../../../../trainer/src/refine/orbit-growth.js';
import { plainOrders, roundedBases } from '../../../../trainer/src/refine/rounding.js';
import { dataPath, needsData } from '../../../support/data.js';

describe('growth over an orbit', () => {
  it('begins at the growth of the factorization', () => {
    const orbit = new OrbitGrowth(laderman());
    const zero = new Float64Array(orbit.parameters);
    expect(orbit.evaluate(zero, zero.slice())).toBeCloseTo(Math.log(growth(laderman())), 12);
  });

  it.each([
    ['strassen', strassen()],
    ['laderman', laderman()],
    ['an oblong product', compose(winograd(), standard({ n: 1, m: 2, p: 1 }))],
  ])('has the gradient of finite differences: %s', (_, factorization) => {
    const orbit = new OrbitGrowth(factorization);
    const random = new Random('gradient');
    const at = Float64Array.from({ length: orbit.parameters }, () => random.normal() / 2);
    const gradient = new Float64Array(at.length);
    orbit.evaluate(at, gradient);
    const unused = new Float64Array(at.length);
    gradient.forEach((slope, i) => {
      const moved = (by: number): number =>
        orbit.evaluate(
          Float64Array.from(at, (x, j) => (i === j ? x + by : x)),
          unused,
        );
      expect(slope).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 6);
    });
  });
});

describe('the floor of an orbit', () => {
  it('is 5/3 for <2,2,2;7>, from wherever one begins', () => {
    for (const seed of [1, 2]) {
      expect(orbitFloor(strassen(), seed).growth).toBeCloseTo(5 / 3, 6);
      expect(orbitFloor(winograd(), seed).growth).toBeCloseTo(5 / 3, 6);
    }
  });

  it('is 1 for the standard algorithm', () => {
    expect(orbitFloor(standard({ n: 2, m: 3, p: 2 })).growth).toBeCloseTo(1, 9);
  });

  it('is close to what its bases give when they are rounded to dyadic ones', () => {
    const floor = orbitFloor(winograd());
    const rounded = changeBasis(
      winograd(),
      roundedBases(floor.bases, { orders: plainOrders(floor.bases), grain: 0.25 }),
    );
    expect(growth(rounded)).toBeLessThan(1.1 * floor.growth);
    expect(growth(rounded)).toBeGreaterThanOrEqual(floor.growth);
  });

  for (const [size, expected] of [
    ['2,3,3', 2.024],
    ['2,4,5', 2.512],
    ['3,3,3', 2.602],
    ['3,4,5', 2.819],
    ['4,4,4', 3.421],
    ['4,5,5', 3.117],
  ] as const) {
    it(`is ${expected} for the published algorithm of ${size}`, async (context) => {
      needsData(context);
      const { factorization } = await loadFactorization(
        `${dataPath('deepmind-alphatensor', 'factorizations_r.npz')}#${size}`,
      );
      expect(Math.abs(orbitFloor(factorization).growth / expected - 1)).toBeLessThan(1e-3);
    });
  }
});

describe('L-BFGS', () => {
  it('finds the minimum of a curved valley', () => {
    const rosenbrock = (x: Float64Array, gradient: Float64Array): number => {
      const [a, b] = [1 - x[0], x[1] - x[0] ** 2];
      gradient.set([-2 * a - 400 * x[0] * b, 200 * b]);
      return a * a + 100 * b * b;
    };
    const { point, value } = minimize(rosenbrock, Float64Array.of(-1.2, 1), 200, 1e-9);
    expect(value).toBeLessThan(1e-15);
    expect(point[0]).toBeCloseTo(1, 6);
    expect(point[1]).toBeCloseTo(1, 6);
  });

  it('stays where it is at a minimum', () => {
    const bowl = (x: Float64Array, gradient: Float64Array): number => {
      gradient.set(x);
      return (x[0] * x[0]) / 2;
    };
    expect(minimize(bowl, Float64Array.of(0), 10, 1e-9)).toMatchObject({ value: 0, iterations: 0 });
  });
});
