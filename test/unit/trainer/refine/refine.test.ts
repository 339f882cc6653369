import { describe, expect, it } from 'vitest';
import {
  countNonzeros,
  growth,
  LIMITS,
  laderman,
  loadFactorization,
  strassen,
  verify,
  winograd,
} from '../../../../shared/src/index.js';
import { balanced } from '../../../../trainer/src/refine/balance.js';
import { composedStarts } from '../../../../trainer/src/refine/composed-starts.js';
import { orbitFloor } from '../../../../trainer/src/refine/floor.js';
import { Front, frontOf } from '../../../../trainer/src/refine/front.js';
import { Refinement, type RefinementState } from '../../../../trainer/src/refine/refine.js';
import { dataPath, needsData } from '../../../support/data.js';
import { modulo2, moveScale } from '../../../support/factorizations.js';

const options = { seed: 3, maxNonzeros: 1.5, flips: true };

function run(refinement: Refinement, chains: number): Refinement {
  while (refinement.chains < chains) refinement.advance();
  return refinement;
}

const figures = (refinement: Refinement) => refinement.front.map(({ growth, nonzeros }) => [growth, nonzeros]);

describe('refine', () => {
  it('makes Winograd’s form as accurate as the best that is known, within half as many nonzeros more', () => {
    const refinement = run(new Refinement(winograd(), options), 24);
    expect(refinement.best.growth).toBeLessThanOrEqual(1.7);
    expect(refinement.best.nonzeros).toBeLessThanOrEqual(1.5 * countNonzeros(winograd()));
    expect(refinement.best.growth).toBeGreaterThanOrEqual(refinement.floor.growth * (1 - 1e-9));
  });

  it('keeps a front of exact algorithms of the same rank, whose figures are theirs', () => {
    const { front } = run(new Refinement(laderman(), options), 8);
    expect(front.length).toBeGreaterThan(2);
    front.forEach((point, index) => {
      const { factorization } = point;
      expect(factorization.rank).toBe(23);
      expect(() => verify({ ...factorization })).not.toThrow();
      expect(point.growth).toBe(growth(factorization));
      expect(point.nonzeros).toBe(countNonzeros(factorization));
      if (index === 0) return;
      expect(point.nonzeros).toBeGreaterThan(front[index - 1].nonzeros);
      expect(point.growth).toBeLessThan(front[index - 1].growth);
    });
  });

  it('repeats from its seed, and differs with another', () => {
    const first = run(new Refinement(laderman(), options), 8);
    expect(run(new Refinement(laderman(), options), 8).state).toEqual(first.state);
    expect(figures(run(new Refinement(laderman(), { ...options, seed: 4 }), 8))).not.toEqual(figures(first));
  });

  it('goes on after a stop as if there had been none', () => {
    const stopped: RefinementState = run(new Refinement(laderman(), options), 8).state;
    const resumed = run(new Refinement(laderman(), options, stopped), 16);
    expect(resumed.state).toEqual(run(new Refinement(laderman(), options), 16).state);
  });

  it('goes on from the middle of an island, which begins anew and whose points count for the front', () => {
    const whole = run(new Refinement(strassen(), options), 136);
    const before = whole.state;
    const resumed = run(new Refinement(strassen(), options, before), 144);
    run(whole, 144);
    expect(before.island.length).toBeGreaterThan(0);
    expect(resumed.state).toEqual(whole.state);
    const { island: _, ...earlier } = before;
    expect(run(new Refinement(strassen(), options, { ...earlier, island: [] }), 144).best.growth).toBeLessThan(1.7);
  });

  it('leaves the orbit by flips and by nothing else', async (context) => {
    needsData(context);
    const file = dataPath('deepmind-alphatensor', 'factorizations_r.npz');
    const { factorization: published } = await loadFactorization(`${file}#3,3,3`);
    const floors = (flips: boolean): number[] => {
      const { front, floor } = run(new Refinement(published, { ...options, flips }), 10);
      return front.map(({ factorization }) => orbitFloor(factorization).growth / floor.growth);
    };
    for (const ratio of floors(false)) expect(ratio).toBeCloseTo(1, 5);
    expect(Math.min(...floors(true))).toBeLessThan(0.999);
  });

  it('refuses what is modulo 2', () => {
    expect(() => new Refinement(modulo2(strassen()), options)).toThrow(/modulo 2, where nothing is rounded/);
  });

  it('refines algorithms with thirds', () => {
    const thirds = verify(moveScale(strassen(), 2, 3, 'u', 'v'));
    const refinement = run(new Refinement(thirds, options), 10);
    expect(refinement.best.growth).toBeLessThan(1.9);
  });
});

describe('a front', () => {
  it('keeps what nothing else is as good as', () => {
    const front = new Front<{ growth: number; nonzeros: number }>();
    const best = { growth: 3, nonzeros: 10 };
    expect(front.offer(best)).toEqual([]);
    expect(front.offer({ growth: 2, nonzeros: 20 })).toEqual([]);
    const other = { ...best };
    expect(front.offer(other)[0]).toBe(other);
    expect(front.offer({ growth: 2.5, nonzeros: 25 })).toEqual([{ growth: 2.5, nonzeros: 25 }]);
    expect(front.offer({ growth: 2, nonzeros: 9 })).toEqual([best, { growth: 2, nonzeros: 20 }]);
    expect(front.points).toEqual([{ growth: 2, nonzeros: 9 }]);
  });
});

describe('the front of growth, nonzeros and additions', () => {
  const point = (growth: number, nonzeros: number, additions?: number) => ({ growth, nonzeros, additions });

  it('keeps a point for its additions alone, and one of two equal ones', () => {
    const points = [point(3, 10, 30), point(2, 20, 40), point(2.5, 25, 20), point(2.5, 26, 45), point(3, 10, 30)];
    expect(frontOf(points, 9)).toEqual([points[0], points[2], points[1]]);
    expect(frontOf([point(3, 10), point(2, 20), point(2.5, 25)], 9)).toEqual([point(3, 10), point(2, 20)]);
  });

  it('leaves out what is closest to a neighbour where there are too many, never an end', () => {
    const points = [point(4, 1), point(3.9, 2), point(3, 3), point(2, 4), point(1.99, 5)];
    expect(frontOf(points, 4).map(({ growth }) => growth)).toEqual([4, 3.9, 3, 1.99]);
    expect(frontOf(points, 3).map(({ growth }) => growth)).toEqual([4, 3, 1.99]);
    expect(frontOf(points, 2).map(({ growth }) => growth)).toEqual([4, 1.99]);
  });
});

describe('composedStarts', () => {
  it('multiplies known algorithms where size and rank agree', async (context) => {
    needsData(context);
    const file = dataPath('deepmind-alphatensor', 'factorizations_r.npz');
    const starts = async (size: string): Promise<number[]> =>
      composedStarts((await loadFactorization(`${file}#${size}`)).factorization).map((start) => start.rank);
    expect(await starts('4,4,4')).toEqual([49]);
    expect(await starts('2,2,4')).toEqual([14]);
    expect(await starts('2,4,4')).toEqual([]);
  });
});

describe('balanced', () => {
  const entries = (scale: number): [Float64Array, Float64Array, Float64Array] => {
    const { u, v, w } = strassen();
    return [
      Float64Array.from(u.coefficients, (x) => x * scale),
      Float64Array.from(v.coefficients, (x) => x / scale),
      Float64Array.from(w.coefficients),
    ];
  };

  it('moves powers of two between the factors of a product until their norms are close', () => {
    const result = balanced({ n: 2, m: 2, p: 2 }, 7, entries(64), { numerator: 1, denominator: 1 });
    expect(result).toEqual(strassen());
  });

  it('takes a scale that all products have, also an odd one', () => {
    const [u, v, w] = entries(1);
    const tripled = w.map((x) => 3 * x);
    const result = balanced({ n: 2, m: 2, p: 2 }, 7, [u, v, tripled], { numerator: 1, denominator: 3 });
    expect(growth(result as NonNullable<typeof result>)).toBe(2);
  });

  it('leaves aside what is too large to be kept, and refuses what is no factorization', () => {
    const [u, v, w] = entries(1);
    const wide = u.slice();
    wide[0] = LIMITS.maxCoefficient * 2 + 1;
    const one = { numerator: 1, denominator: 1 };
    expect(balanced({ n: 2, m: 2, p: 2 }, 7, [wide, v, w], one)).toBeUndefined();
    expect(() => balanced({ n: 2, m: 2, p: 2 }, 7, [u.map((x) => 3 * x), v, w], one)).toThrow(/do not reconstruct/);
  });
});
