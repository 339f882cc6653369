import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Sums } from '../../../../agent/src/plan/additions.js';
import { foldScales, type Transforms } from '../../../../agent/src/plan/fold-scales.js';
import { levelSums, planPackedLevel } from '../../../../agent/src/plan/packed.js';
import { countScalings } from '../../../../agent/src/plan/scalings.js';
import { evaluate, straightLine } from '../../../../agent/src/plan/straight-line.js';
import { loadFactorization, Random, strassen, type VerifiedFactorization } from '../../../../shared/src/index.js';
import { strassenInThirds, withDenominator } from '../../../support/conformance-cases.js';
import { dataPath } from '../../../support/data.js';

/** Multiplies three transforms out: what each block of C takes of each pair of a block of A and one of B, [y, i, j]. */
function product(
  { a, b, c }: { readonly a: Sums; readonly b: Sums; readonly c: Sums },
  left: number,
  right: number,
): Float64Array {
  const result = new Float64Array(c.sums.length * left * right);
  c.sums.forEach((sum, y) => {
    for (const { source: r, coefficient } of sum) {
      for (const one of a.sums[r]) {
        for (const other of b.sums[r]) {
          result[(y * left + one.source) * right + other.source] += coefficient * one.coefficient * other.coefficient;
        }
      }
    }
  });
  // The numerators are exact; dividing the same one by the same denominator gives the same.
  return result.map((x) => x / (a.denominator * b.denominator * c.denominator) + 0);
}

const multipliedOut = ({ a, b, c }: Transforms): Float64Array =>
  product({ a: evaluate(a), b: evaluate(b), c: evaluate(c) }, a.inputs, b.inputs);

const scalings = ({ a, b, c }: Transforms): number => countScalings(a) + countScalings(b) + countScalings(c);

function sumsOf(rows: readonly (readonly number[])[], denominator: number): Sums {
  const sums = rows.map((row) =>
    row.flatMap((coefficient, source) => (coefficient === 0 ? [] : [{ source, coefficient }])),
  );
  return { denominator, sums };
}

describe('foldScales', () => {
  it.skipIf(!existsSync(dataPath('accurate'))).each([
    ['accurate/2x2x2_m7_evenpow.json', 1],
    ['accurate/4x4x4_m48_accurate.json', 5],
    ['accurate/4x4x4_m48_rational.json', 9],
    ['accurate/3x3x6_m40_accurate.json', 9],
    ['deepmind-alphatensor/factorizations_r.npz#3,4,5', 0],
  ] as const)('computes the same of %s, with %s multiplications alone at most', async (name, most) => {
    const { factorization } = await loadFactorization(dataPath(...name.split('/')));
    const plan = planPackedLevel(factorization);
    expect(multipliedOut(plan)).toEqual(product(levelSums(factorization), plan.a.inputs, plan.b.inputs));
    expect(scalings(plan)).toBeLessThanOrEqual(most);
  });

  it.each([2, 3, 8, 12])('needs no multiplication where %s only moves scale between the factors', (denominator) => {
    const moved: VerifiedFactorization = withDenominator(strassen(), denominator);
    const plan = planPackedLevel(moved);
    expect(multipliedOut(plan)).toEqual(product(levelSums(strassen()), 4, 4));
    expect(scalings(plan)).toBe(0);
  });

  it('gathers thirds at the end where they do not cancel', () => {
    const plan = planPackedLevel(strassenInThirds());
    expect(plan.c.denominator).toBe(9);
    const [got, expected] = [multipliedOut(plan), product(levelSums(strassen()), 4, 4)];
    for (const [at, x] of got.entries()) expect(x).toBeCloseTo(expected[at], 12);
  });

  it('computes the same of any sums, with thirds, signs and zeros too', () => {
    const random = new Random(5);
    const rows = (count: number, length: number): number[][] =>
      Array.from({ length: count }, () => Array.from({ length }, () => [0, 0, 1, -1, 2, -4, 3][random.int(7)]));
    for (let trial = 0; trial < 60; trial++) {
      const [left, right, products, blocks] = [2, 3, 5, 4].map((most) => 1 + random.int(most));
      const [a, b, c] = [
        sumsOf(rows(products, left), [1, 2, 3, 4][random.int(4)]),
        sumsOf(rows(products, right), [1, 6, 8][random.int(3)]),
        sumsOf(rows(blocks, products), [1, 2, 5][random.int(3)]),
      ];
      const plain = { a: straightLine(a, left), b: straightLine(b, right), c: straightLine(c, products) };
      const folded = foldScales(plain);
      const [got, expected] = [multipliedOut(folded), product({ a, b, c }, left, right)];
      for (const [at, x] of got.entries()) expect(x).toBeCloseTo(expected[at], 12);
      expect(scalings(folded)).toBeLessThanOrEqual(scalings(plain));
      for (const { coefficient, source } of [...folded.a.outputs, ...folded.b.outputs]) {
        expect(coefficient).toBe(source < 0 ? 0 : 1);
      }
    }
  });
});
