import { describe, expect, it } from 'vitest';
import { markSlowBaselines } from '../../../../trainer/src/report/baseline-slowdown.js';
import type { ReportRow } from '../../../../trainer/src/report/row.js';

/** A row as far as baselines go. */
function row(baselineMedianSeconds: number, low: number, blas = 'OpenBLAS'): ReportRow {
  const speedup = { estimate: low + 0.01, low, high: low + 0.02 };
  return {
    status: 'MEASURED',
    algorithm: { levels: ['a'] },
    environment: { blas: { name: blas, version: '1' }, accelerator: '' },
    figures: {
      baselineMedianSeconds,
      speedup,
      verdict: 'faster',
      notClaimedBecause: '',
      baselineSlowdown: null,
      flags: [],
    },
  } as unknown as ReportRow;
}

describe('a baseline that was slower than usual', () => {
  it('is told in its row, and takes the claim where it could make all of it', () => {
    const [a, b, small, large] = markSlowBaselines([row(1, 1.1), row(1.01, 1.1), row(1.2, 1.05), row(1.2, 1.35)]);
    expect(a.figures).toMatchObject({ verdict: 'faster', flags: [], baselineSlowdown: null });
    expect(b.figures).toMatchObject({ verdict: 'faster', flags: [] });
    expect(small.figures).toMatchObject({
      verdict: 'unclaimed',
      notClaimedBecause: expect.stringMatching(/^the baseline took 9 % longer than usual here/),
    });
    expect(large.figures).toMatchObject({ verdict: 'faster', flags: [expect.stringContaining('took 9 % longer')] });
  });

  it('is not seen among too few, nor among other libraries', () => {
    const few = [row(1, 1.1), row(1.5, 1.1)];
    expect(markSlowBaselines(few)).toEqual(few);
    const mixed = [row(1, 1.1), row(1, 1.1), row(1, 1.1), row(1.5, 1.1, 'BLIS'), row(1.5, 1.1, 'BLIS')];
    expect(markSlowBaselines(mixed)).toEqual(mixed);
  });
});
