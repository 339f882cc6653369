import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modeLengths, Random } from '../../../../shared/src/index.js';
import { factorsOf, makeSignCanonical } from '../../../../trainer/src/game/action.js';
import { syntheticGame } from '../../../../trainer/src/game/demonstrations.js';
import {
  makeObservationBatch,
  observationLayout,
  observe,
  rankInPlace,
  writeContext,
} from '../../../../trainer/src/game/observation.js';
import { isSolved, play } from '../../../../trainer/src/game/state.js';
import { tokenLayout } from '../../../../trainer/src/game/tokens.js';
import { exampleOf } from '../../../../trainer/src/training/example.js';

const size = fc.record({
  n: fc.integer({ min: 1, max: 3 }),
  m: fc.integer({ min: 1, max: 3 }),
  p: fc.integer({ min: 1, max: 2 }),
});
const OPTIONS = { maxRank: 8, rankExponent: 0.9, zeroProbability: [0.4, 0.75] as const, sizeWeights: [0.9, 0.1] };
const games = fc
  .tuple(size, fc.constantFrom('standard' as const, 'modulo-2' as const), fc.integer())
  .map(([s, arithmetic, seed]) => {
    const values = arithmetic === 'standard' ? [-2, -1, 0, 1, 2] : [0, 1];
    return syntheticGame({ size: s, arithmetic, values, moveLimit: 10 }, OPTIONS, new Random(seed));
  });

describe('a synthetic game', () => {
  it('is solved by its remaining factors, in any order, and no sooner by its own count', () => {
    fc.assert(
      fc.property(games, ({ position, remaining }) => {
        const end = [...remaining].reverse().reduce(play, position);
        expect(isSolved(end)).toBe(true);
        expect(end.movesLeft).toBeGreaterThanOrEqual(0);
        expect(position.movesLeft + position.history.length).toBe(position.rules.moveLimit);
        for (const action of remaining) expect(makeSignCanonical(action.slice(), position.rules.size)).toEqual(action);
      }),
    );
  });

  it('has no two terms that merge into one, so that its rank is not lower for that', () => {
    const parallel = (x: Int8Array, y: Int8Array): boolean =>
      x.every((_, i) => x.every((_, j) => x[i] * y[j] === x[j] * y[i]));
    fc.assert(
      fc.property(games, ({ position, remaining }) => {
        for (const [index, action] of remaining.entries()) {
          for (const other of remaining.slice(0, index)) {
            const [one, two] = [action, other].map((term) => factorsOf(term, position.rules.size));
            expect(one.filter((factor, mode) => parallel(factor, two[mode])).length).toBeLessThan(2);
          }
        }
      }),
    );
  });

  it('has fewer terms where the size has no room for more', () => {
    const rules = { size: { n: 1, m: 1, p: 1 }, arithmetic: 'standard' as const, values: [-1, 0, 1], moveLimit: 10 };
    expect(syntheticGame(rules, { ...OPTIONS, rankExponent: 0 }, new Random(1)).remaining).toHaveLength(1);
  });

  it('has the return to go as its value: minus the factors that are left', () => {
    fc.assert(
      fc.property(games, (game) => {
        const example = exampleOf(game);
        expect(example.value).toBe(-game.remaining.length);
        expect(exampleOf(game, -0.25).value).toBe(-game.remaining.length - 0.25);
        expect(Array.from(example.policy).reduce((x, y) => x + y)).toBeCloseTo(1);
      }),
    );
  });

  it('is observed with its history newest first', () => {
    fc.assert(
      fc.property(games, ({ position }) => {
        const layout = observationLayout(position.rules.size, position.rules.arithmetic, 3, 0);
        const batch = makeObservationBatch(layout, 1);
        batch.tensors.fill(7);
        observe([position], layout, batch);
        expect([...batch.tensors.subarray(0, layout.cells)]).toEqual([...position.residual]);
        for (let age = 0; age < 3; age++) {
          const plane = batch.tensors.subarray((1 + age) * layout.cells, (2 + age) * layout.cells);
          const move = position.history[position.history.length - 1 - age];
          if (move === undefined) expect(plane.every((x) => x === 0)).toBe(true);
          else {
            const [u, v, w] = factorsOf(move, position.rules.size);
            const term = [...u].flatMap((x) => [...v].flatMap((y) => [...w].map((z) => (x * y * z) | 0)));
            expect([...plane]).toEqual(term);
          }
        }
      }),
    );
  });

  it('is observed with the ranks of all its contractions', () => {
    fc.assert(
      fc.property(games, ({ position, remaining }) => {
        const { arithmetic, size: s } = position.rules;
        const layout = observationLayout(s, arithmetic, 0, 2);
        const batch = makeObservationBatch(layout, 1);
        observe([position], layout, batch);
        // A contraction of a sum of r terms has rank at most r, and a thermometer never falls.
        let cursor = 0;
        for (const { parents, maxRank } of layout.probes) {
          for (let probe = 0; probe < parents.length; probe++, cursor += maxRank) {
            const scale = [...batch.ranks.subarray(cursor, cursor + maxRank)];
            expect(scale).toEqual([...scale].sort().reverse());
            expect(scale.reduce((x, y) => x + y, 0)).toBeLessThanOrEqual(remaining.length);
          }
        }
        expect(cursor).toBe(layout.rankFeatures);
      }),
    );
  });

  it('gives contexts that depend only on what is spelled before, and end at zero for the last term', () => {
    fc.assert(
      fc.property(games, fc.integer({ min: 1, max: 3 }), ({ position, remaining }, entriesPerToken) => {
        const { size: s, values } = position.rules;
        const layout = tokenLayout(s, values, entriesPerToken);
        const [a, b, c] = modeLengths(s);
        const length = b * c + a * c + c;
        const action = remaining[0];
        layout.slots.forEach(({ offset }, place) => {
          const changed = action.slice();
          changed.fill(1, offset);
          const [one, two] = [new Float32Array(length), new Float32Array(length)];
          writeContext(position.residual, action, place, layout, one, 0);
          writeContext(position.residual, changed, place, layout, two, 0);
          expect(two).toEqual(one);
        });
      }),
    );
  });
});

describe('rankInPlace', () => {
  it('knows the rank of a product of random full-rank factors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.integer(), (rank, seed) => {
        const random = new Random(seed);
        // A sum of `rank` outer products of unit-triangular rows and columns has exactly that rank.
        const left = Array.from({ length: rank }, (_, r) =>
          Float64Array.from({ length: 5 }, (_, i) => (i < r ? 0 : i === r ? 1 : random.int(5) - 2)),
        );
        const right = left.map((_, r) =>
          Float64Array.from({ length: 4 }, (_, i) => (i < r ? 0 : i === r ? 1 : random.int(5) - 2)),
        );
        const matrix = new Float64Array(20);
        for (let r = 0; r < rank; r++) {
          for (let i = 0; i < 5; i++) for (let j = 0; j < 4; j++) matrix[i * 4 + j] += left[r][i] * right[r][j];
        }
        expect(rankInPlace(matrix, 5, 4)).toBe(rank);
      }),
    );
  });
});
