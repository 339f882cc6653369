import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countNonzeros, growth, growthPhi, isExact } from '../../../../shared/src/index.js';
import { changeBasis } from '../../../../trainer/src/refine/basis-change.js';
import { BASIS_MOVES, type BasisMove } from '../../../../trainer/src/refine/basis-move.js';
import { inverseOf } from '../../../../trainer/src/refine/matrix.js';
import { OrbitPoint } from '../../../../trainer/src/refine/orbit-point.js';
import type { Axis } from '../../../../trainer/src/refine/vectors.js';
import { exactFactorizations } from '../../../support/factorizations.js';

const anyRational = fc.constantFrom(...exactFactorizations.filter(({ arithmetic }) => arithmetic === 'standard'));
const allMoves: readonly BasisMove[] = Object.values(BASIS_MOVES).flat();

/** Upper triangular with powers of two on the diagonal: dyadic, and so is its inverse. */
const triangular = (order: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.constantFrom(-1, -0.5, 0, 0, 0.5, 1), { minLength: order * order, maxLength: order * order })
    .map((entries) =>
      entries.map((x, at) => (at % order === Math.floor(at / order) ? 2 ** (2 * x) : at % order < at / order ? 0 : x)),
    );

describe('changes of basis', () => {
  test('keep the tensor, exactly, and are undone by their inverses', () => {
    const changed = anyRational.chain((factorization) => {
      const { n, m, p } = factorization.size;
      return fc.tuple(fc.constant(factorization), triangular(n), triangular(m), triangular(p));
    });
    fc.assert(
      fc.property(changed, ([factorization, x, y, z]) => {
        const { n, m, p } = factorization.size;
        const there = changeBasis(factorization, { x, y, z });
        expect(isExact(there)).toBe(true);
        const back = changeBasis(there, { x: inverseOf(x, n), y: inverseOf(y, m), z: inverseOf(z, p) });
        expect(growthPhi(back)).toEqual(growthPhi(factorization));
        expect(countNonzeros(back)).toBe(countNonzeros(factorization));
      }),
    );
  });

  test('in the order of rows alone change nothing that counts', () => {
    fc.assert(
      fc.property(anyRational, (factorization) => {
        const { n, m, p } = factorization.size;
        const reversed = (order: number): number[] =>
          Array.from({ length: order * order }, (_, at) =>
            Math.floor(at / order) + (at % order) === order - 1 ? -1 : 0,
          );
        const there = changeBasis(factorization, { x: reversed(n), y: reversed(m), z: reversed(p) });
        expect(growthPhi(there)).toEqual(growthPhi(factorization));
        expect(countNonzeros(there)).toBe(countNonzeros(factorization));
      }),
    );
  });
});

describe('a point of an orbit', () => {
  test('foretells what its moves and flips do, and stays a factorization', () => {
    const walk = fc.array(fc.record({ axis: fc.nat(2), move: fc.nat(), rows: fc.nat(), flip: fc.boolean() }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(anyRational, walk, (factorization, steps) => {
        const point = OrbitPoint.from(factorization)?.copy(4) as OrbitPoint;
        expect(point.growth).toBeCloseTo(growth(factorization), 10);
        for (const { axis, move, rows, flip } of steps) {
          const [phi, nonzeros] = [point.phi, point.nonzeros];
          const pairs = point.flips();
          let [expected, done] = [{ phi, nonzeros }, false];
          if (flip && pairs.length > 0) {
            const pair = pairs[rows % pairs.length];
            expected = point.afterFlip(pair, [0.5, -1, 2][move % 3]);
            if (expected.phi === Number.POSITIVE_INFINITY) continue;
            done = point.flip(pair, [0.5, -1, 2][move % 3]);
          } else {
            const length = point.lengths[axis];
            const fitting = allMoves.filter(({ order }) => order <= length);
            const chosenMove = fitting[move % fitting.length];
            const chosen = Array.from({ length: chosenMove.order }, (_, i) => (rows + i) % length);
            expected = {
              phi: point.phiAfter(axis as Axis, chosen, chosenMove),
              nonzeros: point.nonzerosAfter(axis as Axis, chosen, chosenMove),
            };
            done = point.apply(axis as Axis, chosen, chosenMove);
          }
          const reached = done ? expected : { phi, nonzeros };
          expect(point.phi / reached.phi).toBeCloseTo(1, 10);
          expect(point.nonzeros).toBe(reached.nonzeros);
        }
        const result = point.toFactorization();
        if (result === undefined) return;
        expect(growth(result)).toBeCloseTo(point.growth, 8);
        expect(countNonzeros(result)).toBe(point.nonzeros);
      }),
      { numRuns: 200 },
    );
  });
});
