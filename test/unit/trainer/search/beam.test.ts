import { describe, expect, it } from 'vitest';
import { Random } from '../../../../shared/src/index.js';
import { canonicalBasis, playedFactorization } from '../../../../trainer/src/game/basis.js';
import { type GameRules, start } from '../../../../trainer/src/game/state.js';
import { beamSearch } from '../../../../trainer/src/search/beam.js';
import type { Evaluator } from '../../../../trainer/src/search/evaluator.js';
import { clearingEvaluator } from '../../../support/toy-evaluators.js';

const rules: GameRules = { size: { n: 1, m: 2, p: 2 }, arithmetic: 'standard', values: [-1, 0, 1], moveLimit: 6 };
const clearing = clearingEvaluator(({ residual }) => new Random(residual.join()));
const options = { width: 4, samples: 8, rootSamples: 16, noise: 0.1 };

describe('the beam search', () => {
  it('finds the shortest solutions, each exact', async () => {
    const { solutions } = await beamSearch(start(rules), clearing, options, new Random(1));
    expect(solutions.length).toBeGreaterThan(0);
    for (const moves of solutions) {
      expect(playedFactorization(rules, canonicalBasis(rules.size), moves).rank).toBe(4);
    }
  });

  it('keeps no more than its width, asks values only to rank, and never twice for one residual', async () => {
    const calls: { count: number; samples: number; distinct: number }[] = [];
    const evaluator: Evaluator = (positions, samples) => {
      const distinct = new Set(positions.map(({ residual }) => residual.join())).size;
      calls.push({ count: positions.length, samples, distinct });
      return clearing(positions, samples);
    };
    const { expanded, ranked } = await beamSearch(start(rules), evaluator, options, new Random(1));
    expect(calls[0]).toEqual({ count: 1, samples: 16, distinct: 1 });
    for (const { count, samples, distinct } of calls.slice(1)) {
      expect(distinct).toBe(count);
      expect([0, options.samples]).toContain(samples);
      if (samples > 0) expect(count).toBeLessThanOrEqual(options.width);
    }
    const total = (withActions: boolean): number =>
      calls.filter(({ samples }) => samples > 0 === withActions).reduce((sum, { count }) => sum + count, 0);
    expect([expanded, ranked]).toEqual([total(true), total(false)]);
  });

  it('gives nothing when the moves run out, and repeats from its seed', async () => {
    const short = start({ ...rules, moveLimit: 3 });
    expect((await beamSearch(short, clearing, options, new Random(1))).solutions).toEqual([]);
    const again = () => beamSearch(start(rules), clearing, { ...options, noise: 2 }, new Random(6));
    expect(await again()).toEqual(await again());
  });

  it('is cancelled between two depths', async () => {
    const signal = AbortSignal.abort();
    await expect(beamSearch(start(rules), clearing, options, new Random(1), signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});
