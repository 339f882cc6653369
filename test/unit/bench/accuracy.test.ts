import { describe, expect, it } from 'vitest';
import type { Row } from '../../bench/accuracy/measure.js';
import { plot } from '../../bench/accuracy/plot.js';
import { defaultNames, readScheme } from '../../bench/accuracy/schemes.js';
import { spreads } from '../../bench/accuracy/summary.js';
import { constantLines } from '../../bench/accuracy/table.js';

const errors = (relativeError: number) => ({ relativeError, componentwiseError: 1 });
const kinds = (scale: number) => ({
  'zero-mean': errors(scale),
  positive: errors(3 * scale),
  'badly-scaled': errors(5 * scale),
});

/** A row whose error is so many times its prediction. */
function row(times: number, dtype: Row['dtype'] = 'f32', leafDepth = 64): Row {
  return {
    ...{ scheme: 'strassen', size: 128, dtype, growth: 2, leafDepth, constant: 1e-7, predicted: 2e-7 },
    ...{ errors: kinds(2e-7 * times), ownAtLeaf: kinds(1e-7), own: kinds(1e-7), baseline: kinds(1e-7) },
  };
}

describe('the bench of accuracy', () => {
  it('sums up how far errors are from their predictions, for each type and kind of inputs', () => {
    const summary = spreads([row(0.5), row(2), row(1), row(3, 'f64')]);
    expect(summary.map(({ dtype, kind }) => `${dtype} ${kind}`)).toEqual([
      'f32 zero-mean',
      'f32 positive',
      'f32 badly-scaled',
      'f64 zero-mean',
      'f64 positive',
      'f64 badly-scaled',
    ]);
    expect(summary[0]).toMatchObject({ rows: 3, low: 0.5, high: 2 });
    expect(summary[0].mean).toBeCloseTo(1, 12);
    expect(summary[3].mean).toBeCloseTo(3, 12);
  });

  it('tells the constant once for each type and depth, and draws every point where it belongs', () => {
    const rows = [row(1), row(2), row(1, 'f64', 32)];
    expect(constantLines(rows).slice(2)).toEqual([
      expect.stringContaining(`| f32 | 64 | ${(1e-7 * 2 ** 24).toFixed(2)} |`),
      expect.stringContaining('| f64 | 32 |'),
    ]);
    const drawing = plot(rows);
    expect(drawing.match(/class="mark found"/g)).toHaveLength(3);
    expect(drawing).toContain(`strassen, 128, f32: ${(4e-7 * 2 ** 24).toFixed(1)} measured`);
    expect(drawing).not.toMatch(/NaN|Infinity/);
  });

  it('measures at least 30 algorithms, all of which are there', async () => {
    const names = defaultNames();
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(30);
    for (const name of names) expect((await readScheme(name)).levels.length).toBeGreaterThan(0);
  });
});
