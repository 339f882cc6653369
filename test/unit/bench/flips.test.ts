import { describe, expect, it } from 'vitest';
import { flipping, presetForSize } from '../../../trainer/src/presets.js';
import { ARMS, type ArmResult } from '../../bench/flips/arms.js';
import { tableOf } from '../../bench/flips/table.js';

function result(arm: ArmResult['arm'], seed: number, hits: number, orbits: readonly string[]): ArmResult {
  const kind = { basis: 'canonical', search: 'mcts', evaluations: 200 } as const;
  const counts = { searches: 96, hits, spent: 1000, seconds: 1 };
  const row = { ...kind, ...counts, interval: [0, 1] as const, algorithms: hits, orbits, notShown: orbits.slice(1) };
  return { arm, seed, step: 10, seconds: 5, bestRank: null, rows: [row] };
}

describe('the bench of flips', () => {
  it('adds up the seeds of an arm, and lists them', () => {
    const results = [result('full', 1, 10, ['a', 'b']), result('full', 2, 14, ['b']), result('neither', 1, 0, [])];
    expect(tableOf(results).split('\n').slice(2)).toEqual([
      '| canonical | mcts | 200 | full | 24 of 192 (8.5 % to 18 %) | 10, 14 | 2 | 1 |',
      '| canonical | mcts | 200 | neither | 0 of 96 (0.0 % to 3.8 %) | 0 | 0 | 0 |',
    ]);
  });

  it('has arms that differ in what they are named after only', () => {
    const base = presetForSize('mid', { n: 2, m: 3, p: 3 });
    expect(ARMS.full(base)).toEqual(flipping(base));
    expect(ARMS['no-flips'](base)).toEqual(base);
    const quiet = ARMS['no-self-play'](base);
    expect(quiet).toEqual({ ...flipping(base), acting: { ...base.acting, games: 0 } });
    expect(ARMS['beam-play'](base).acting).toEqual({ ...base.acting, mode: 'beam' });
    expect(ARMS.neither(base)).toEqual({ ...base, acting: { ...base.acting, games: 0 } });
    const { images, ...replay } = base.replay;
    expect(images).toBe('as-kept');
    const symmetric = ARMS.symmetric(base);
    expect([symmetric.replay, symmetric.network.normalizeSigns]).toEqual([replay, true]);
    expect(symmetric.demonstrations).toEqual(quiet.demonstrations);
    const { flips } = flipping(base).demonstrations;
    expect(ARMS['no-neighbours'](base).demonstrations.flips).toEqual({ ...flips, neighbours: 0 });
  });
});
