import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countAdditions, type Sums } from '../../../../agent/src/plan/additions.js';
import { planAlgorithm } from '../../../../agent/src/plan/plan.js';
import { evaluate, type StraightLine, straightLine } from '../../../../agent/src/plan/straight-line.js';
import { transpose } from '../../../../agent/src/plan/straight-line-program.js';
import { compose, MODES, type Mode, strassen, verify, winograd } from '../../../../shared/src/index.js';
import { anyExact, moveScale, permuteTerms } from '../../../support/factorizations.js';

/** Sums with zero sums, unused inputs, repeated and proportional sums, and coefficients to ±3. */
const anySums: fc.Arbitrary<{ sums: Sums; inputs: number }> = fc
  .record({ inputs: fc.integer({ min: 1, max: 8 }), denominator: fc.constantFrom(1, 2, 3) })
  .chain(({ inputs, denominator }) =>
    fc
      .array(fc.array(fc.constantFrom(0, 0, 0, 1, 1, -1, -1, 2, -2, 3), { minLength: inputs, maxLength: inputs }), {
        maxLength: 12,
      })
      .map((rows) => ({ inputs, sums: { denominator, sums: rows.map(nonzero) } })),
  );

/** The sums of a factorization written in some other way: terms reordered, factors 2, 1/2, -1 moved about. */
const anyPlan = fc
  .tuple(
    anyExact,
    fc.infiniteStream(fc.nat()),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(-2, -1, 2), modes()), { maxLength: 4 }),
  )
  .map(([factorization, stream, moves]) => {
    const order = Array.from({ length: factorization.rank }, (_, r) => r);
    for (let i = order.length - 1; i > 0; i--) {
      const j = Number(stream.next().value) % (i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    const standard = factorization.arithmetic === 'standard';
    const other = moves.reduce(
      (current, [term, scale, [from, to]]) =>
        moveScale(current, term % factorization.rank, standard ? scale : -1, from, to),
      permuteTerms(factorization, order),
    );
    return planAlgorithm(verify(other));
  });

function modes(): fc.Arbitrary<readonly [Mode, Mode]> {
  return fc.shuffledSubarray([...MODES], { minLength: 2, maxLength: 2 }).map(([from, to]) => [from, to] as const);
}

function nonzero(row: readonly number[]): { source: number; coefficient: number }[] {
  return row.map((coefficient, source) => ({ source, coefficient })).filter(({ coefficient }) => coefficient !== 0);
}

/** What StraightLine promises of every program. */
function expectWellFormed({ inputs, steps, outputs }: StraightLine): void {
  steps.forEach(({ left, right }, index) => {
    for (const { source, coefficient } of [left, right]) {
      expect(source).toBeGreaterThanOrEqual(0);
      expect(source).toBeLessThan(inputs + index);
      // Whole numbers over a power of two, which doubles hold exactly.
      expect(Number.isInteger(coefficient * 2 ** 20) && coefficient !== 0).toBe(true);
    }
  });
  for (const { source } of outputs) expect(source).toBeLessThan(inputs + steps.length);
}

describe('a straight-line program', () => {
  test('computes exactly the sums it was made from', () => {
    fc.assert(
      fc.property(anySums, fc.nat(), ({ sums, inputs }, seed) => {
        const program = straightLine(sums, inputs, { seed });
        expectWellFormed(program);
        expect(evaluate(program)).toEqual(sums);
        expect(program.steps.length).toBeLessThanOrEqual(countAdditions(sums));
      }),
    );
  });

  test('computes exactly the sums of factorizations, halves and factors of two among their coefficients', () => {
    fc.assert(
      fc.property(anyPlan, ({ a, b, c, rank, size: { n, m, p } }) => {
        for (const [sums, inputs] of [
          [a, n * m],
          [b, m * p],
          [c, rank],
        ] as const) {
          const program = straightLine(sums, inputs);
          expectWellFormed(program);
          expect(evaluate(program)).toEqual(sums);
          expect(program.steps.length).toBeLessThanOrEqual(countAdditions(sums));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('transposed twice computes the same', () => {
    fc.assert(
      fc.property(anySums, ({ sums, inputs }) => {
        expect(evaluate(transpose(transpose(straightLine(sums, inputs))))).toEqual(sums);
      }),
    );
  });

  test('is the same for the same seed', () => {
    const { a } = planAlgorithm(compose(strassen(), winograd()));
    expect(straightLine(a, 16, { seed: 5 })).toEqual(straightLine(a, 16, { seed: 5 }));
  });
});
