import { describe, expect, it } from 'vitest';
import type { ReportRow } from '../../../../trainer/src/report/row.js';
import { markSlowVendors } from '../../../../trainer/src/report/vendor-slowdown.js';

/** A row as far as vendors go. */
function row(vendorMedianSeconds: number, low: number, blas = 'OpenBLAS'): ReportRow {
  const speedup = { estimate: low + 0.01, low, high: low + 0.02 };
  return {
    status: 'MEASURED',
    algorithm: { levels: ['a'] },
    environment: { blas: { name: blas, version: '1' }, accelerator: '' },
    figures: {
      vendorMedianSeconds,
      speedup,
      verdict: 'faster',
      notClaimedBecause: '',
      vendorSlowdown: null,
      flags: [],
    },
  } as unknown as ReportRow;
}

describe('a vendor that was slower than usual', () => {
  it('is told in its row, and takes the claim where it could make all of it', () => {
    const [a, b, small, large] = markSlowVendors([row(1, 1.1), row(1.01, 1.1), row(1.2, 1.05), row(1.2, 1.35)]);
    expect(a.figures).toMatchObject({ verdict: 'faster', flags: [], vendorSlowdown: null });
    expect(b.figures).toMatchObject({ verdict: 'faster', flags: [] });
    expect(small.figures).toMatchObject({
      verdict: 'unclaimed',
      notClaimedBecause: expect.stringMatching(/^the vendor GEMM took 9 % longer than it usually does here/),
    });
    expect(large.figures).toMatchObject({ verdict: 'faster', flags: [expect.stringContaining('took 9 % longer')] });
  });

  it('is not seen among too few, nor among other libraries', () => {
    const few = [row(1, 1.1), row(1.5, 1.1)];
    expect(markSlowVendors(few)).toEqual(few);
    const mixed = [row(1, 1.1), row(1, 1.1), row(1, 1.1), row(1.5, 1.1, 'BLIS'), row(1.5, 1.1, 'BLIS')];
    expect(markSlowVendors(mixed)).toEqual(mixed);
  });
});
