import { describe, expect, it } from 'vitest';
import { gainOf } from '../../../../agent/src/intercept/gain.js';
import { busyLines, gainLines } from '../../../../agent/src/intercept/gain-text.js';
import type { ProcessProduct, ProcessProfile } from '../../../../agent/src/intercept/process-profile.js';

function taken(of: Partial<ProcessProduct> = {}): ProcessProduct {
  return {
    ...{ symbol: 'sgemm_', dtype: 'f32', layout: 'row', transA: false, transB: false },
    ...{ m: 512, n: 256, k: 128, threads: 2, blas: 0, went: 'algorithm', reason: null, algorithm: 'winograd' },
    ...{ calls: 10, seconds: 2, leastSeconds: 0.1, sampled: { calls: 2, seconds: 0.4, blasSeconds: 0.6 } },
    ...of,
  };
}
const passed = { algorithm: null, went: 'blas', reason: 'scale', sampled: null } as const;

function profile(products: ProcessProduct[]): ProcessProfile {
  return {
    ...{ format: 'alphatensor-edge-gemm-profile', version: 1, complete: true, others: [], libraries: [] },
    host: { cpu: 'cpu', architecture: 'x86_64', cpus: 2 },
    program: { executable: '/bin/app', pid: 1 },
    ...{ seconds: 5.6, samplingSeconds: 0.6, products, left: { calls: 0, seconds: 0 } },
  };
}

describe('gainOf', () => {
  it('weighs what the samples of each kind say by the time of the kind, in all processes', () => {
    const other = { ...taken(), sampled: { calls: 1, seconds: 0.2, blasSeconds: 0.4 } };
    const unsampled = taken({ m: 64, seconds: 1, sampled: null });
    const gain = gainOf([
      profile([taken(), taken({ ...passed, seconds: 0.5 })]),
      profile([other, unsampled]),
      profile([]),
    ]);
    // 4 s of the kind that is (0.6 + 0.4) / (0.4 + 0.2) times as fast as in the BLAS.
    expect(gain.compared.seconds).toBe(4);
    expect(gain.compared.blasSeconds).toBeCloseTo((4 * 1) / 0.6);
    expect(gain).toMatchObject({ calls: 40, takenCalls: 30, seconds: 5.5, takenSeconds: 5, programSeconds: 10 });
  });
});

describe('gainLines', () => {
  it('says what the products and the program took before and now', () => {
    expect(gainLines(gainOf([profile([taken(), taken({ ...passed, calls: 1, seconds: 0.5 })])]))).toEqual([
      '10 of 11 products were taken: 2.00 s of the 2.50 s of all.',
      'Before 3.00 s, now 2.00 s: 1.50 times as fast (by 2 that were computed both ways).',
      'The program: before 6.00 s, now 5.00 s without what that took: 1.20 times as fast.',
      'm x k x n    layout  type  threads  calls    time  BLAS / now  computed by',
      '512x128x256  row     f32         2     10  2.00 s        1.50  winograd',
      '512x128x256  row     f32         2      1  500 ms              BLAS: rows or columns of very different scale',
    ]);
  });

  it('says that times say little where other programs run, but not after a tuning alone', () => {
    const gain = gainOf([profile([taken()])]);
    expect(busyLines(gain, 13.14, 2)).toEqual([expect.stringMatching(/busy \(load 13\.1 on 2 processors\), so these/)]);
    expect(busyLines(gain, 2.4, 2)).toEqual([]);
    expect(busyLines(gainOf([profile([taken(passed)])]), 13, 2)).toEqual([]);
  });

  it('says what to do where the program became slower, or some of its products did', () => {
    const slow = { calls: 1, seconds: 0.5, blasSeconds: 0.4 };
    const all = gainLines(gainOf([profile([taken({ sampled: slow })])]));
    expect(all.at(-1)).toMatch(
      /^The program became SLOWER: .* for 512x128x256\. Run it without .* at-trainer tune --profile/,
    );
    const some = gainLines(gainOf([profile([taken({ seconds: 9 }), taken({ m: 64, sampled: slow })])]));
    expect(some.at(-1)).toMatch(/^Slower than in the program's own BLAS: 64x128x256; tune for this program /);
    const untuned = gainLines(gainOf([profile([taken({ ...passed, reason: 'small' })])]));
    expect(untuned.at(-1)).toMatch(/^The program gained nothing: .* no faster algorithm for these products; tune for/);
  });

  it('claims nothing where nothing was taken, compared or loaded', () => {
    expect(gainLines(gainOf([profile([taken(passed)])]))[0]).toBe('None of the 10 products, 2.00 s, was taken.');
    expect(gainLines(gainOf([profile([taken({ sampled: null })])]))[1]).toMatch(/not known what that gained/);
    expect(gainLines(gainOf([]))[0]).toMatch(/No process of the program loaded the library/);
    expect(gainLines(gainOf([profile([])]))[0]).toMatch(/made no product/);
  });
});
