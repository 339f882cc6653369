import { describe, expect, it } from 'vitest';
import { type Sums, sumsOverEntries, sumsOverProducts } from '../../../../agent/src/plan/additions.js';
import { eliminatePairs } from '../../../../agent/src/plan/common-pairs.js';
import { orderSteps } from '../../../../agent/src/plan/step-order.js';
import { evaluate, straightLine } from '../../../../agent/src/plan/straight-line.js';
import { type Step, transpose } from '../../../../agent/src/plan/straight-line-program.js';
import {
  compose,
  loadFactorization,
  modeLengths,
  Random,
  standard,
  type VerifiedFactorization,
  winograd,
} from '../../../../shared/src/index.js';
import { dataPath, needsData } from '../../../support/data.js';

/** Sums with denominator 1 from rows of coefficients. */
function sumsOf(rows: readonly (readonly number[])[]): Sums {
  const sums = rows.map((row) =>
    row.map((coefficient, source) => ({ source, coefficient })).filter(({ coefficient }) => coefficient !== 0),
  );
  return { denominator: 1, sums };
}

/** The sums of u, v and w with the number of their sources. */
function allSums({ size, rank, u, v, w }: VerifiedFactorization): (readonly [Sums, number])[] {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const rows = Array.from({ length: rank }, (_, r) => r);
  const entries = Array.from({ length: lengthW }, (_, x) => x);
  return [
    [sumsOverEntries(u, rows, lengthU), lengthU],
    [sumsOverEntries(v, rows, lengthV), lengthV],
    [sumsOverProducts(w, rows, lengthW, entries), rank],
  ];
}

function additions(factorization: VerifiedFactorization): number {
  return allSums(factorization).reduce((sum, [sums, inputs]) => sum + straightLine(sums, inputs).steps.length, 0);
}

describe('a straight-line program', () => {
  it('computes a common pair once, whatever its sign and factor', () => {
    const { steps, outputs } = straightLine(
      sumsOf([
        [1, -1, 1, 0],
        [-1, 1, 0, 1],
        [2, -2, 0, 0],
      ]),
      4,
    );
    expect(steps).toHaveLength(3);
    expect(Math.abs(outputs[2].coefficient)).toBe(2);
  });

  it('saves additions by cancellation', () => {
    const sums = sumsOf([
      [1, 1, 1, 1, 1],
      [1, 1, 1, 1, 0],
      [1, 1, 1, 0, 1],
      [1, 1, 0, 1, 1],
    ]);
    expect(eliminatePairs(sums, 5, new Random(1)).steps).toHaveLength(7);
    // The last is the first less c.
    expect(straightLine(sums, 5).steps).toHaveLength(6);
  });

  it('needs no additions for zero, single and proportional single sums', () => {
    const program = straightLine(
      sumsOf([
        [0, 0],
        [0, 3],
        [-1, 0],
      ]),
      2,
    );
    expect(program.steps).toEqual([]);
    expect(program.outputs).toEqual([
      { source: -1, coefficient: 0 },
      { source: 1, coefficient: 3 },
      { source: 0, coefficient: -1 },
    ]);
  });

  it('may have no sums and no sources', () => {
    expect(straightLine(sumsOf([]), 3)).toEqual({ inputs: 3, steps: [], outputs: [], denominator: 1 });
    expect(straightLine(sumsOf([[], []]), 0).outputs.map(({ source }) => source)).toEqual([-1, -1]);
  });

  it('computes an output as soon as it can, so that few values are alive', () => {
    const sum = (left: number, right: number): Step => ({
      left: { source: left, coefficient: 1 },
      right: { source: right, coefficient: 1 },
    });
    // Three sums of three: first the halves 9, 10, 11, then the wholes 12, 13, 14.
    const steps = [sum(0, 1), sum(3, 4), sum(6, 7), sum(9, 2), sum(10, 5), sum(11, 8)];
    const outputs = [12, 13, 14].map((source) => ({ source, coefficient: 1 }));
    const ordered = orderSteps({ inputs: 9, steps, outputs, denominator: 1 });
    expect(ordered.steps).toEqual([sum(0, 1), sum(9, 2), sum(3, 4), sum(11, 5), sum(6, 7), sum(13, 8)]);
    expect(ordered.outputs.map(({ source }) => source)).toEqual([10, 12, 14]);
  });

  it('has no signs that cost an operation where others do', () => {
    const sums = sumsOf([
      [-1, 1, 1],
      [1, -1, 1],
      [-1, -1, 1],
    ]);
    const { steps, outputs } = straightLine(sums, 3);
    expect(outputs.map(({ coefficient }) => coefficient)).toEqual([1, 1, 1]);
    expect(steps.map(({ left }) => left.coefficient)).toEqual(steps.map(() => 1));
  });

  it('transposed takes as many additions more as it has outputs less inputs', () => {
    const [[sums, inputs]] = allSums(compose(winograd(), winograd()));
    const program = straightLine(sums, inputs);
    const turned = transpose(program);
    expect(turned.steps.length - program.steps.length).toBe(sums.sums.length - inputs);
    expect(evaluate(transpose(turned))).toEqual(sums);
  });

  it("rebuilds Winograd's 15 additions from u, v and w", () => {
    expect(additions(winograd())).toBe(15);
    expect(additions(standard({ n: 2, m: 2, p: 2 }))).toBe(4);
  });

  // The published additions and ours, which are no more. The same seed, so the same program every time.
  it.for([
    ['2x2x2_m7_cr15_cn24_ZT_reduced', 15, 15],
    ['2x2x3_m11_cr20_cn20_ZT_reduced', 20, 20],
    ['2x3x3_m15_cr46_cn58_ZT_reduced', 46, 46],
    ['2x3x4_m20_cr58_cn82_ZT_reduced', 58, 58],
    ['2x4x4_m26_cr92_cn130_ZT_reduced', 92, 92],
    ['3x3x3_m23_cr58_cn122_ZT_reduced', 58, 55],
    ['4x4x4_m49_cr159_fv100_cn474_ZT_reduced', 159, 156],
    ['3x4x5_m47_cr161_cn277_ZT_reduced', 161, 156],
  ] as const)('of %s, published with %i additions, needs at most %i', async ([file, , ours], context) => {
    needsData(context);
    const { factorization } = await loadFactorization(dataPath('fast-matrix-multiplication', `${file}.json`));
    expect(additions(factorization)).toBeLessThanOrEqual(ours);
  });
});
