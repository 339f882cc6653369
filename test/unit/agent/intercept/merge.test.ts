import { describe, expect, it } from 'vitest';
import { mergeProfiles } from '../../../../agent/src/intercept/merge.js';
import type { ProcessProduct, ProcessProfile } from '../../../../agent/src/intercept/process-profile.js';
import { profileLines } from '../../../../agent/src/intercept/profile-text.js';

function product(of: Partial<ProcessProduct> = {}): ProcessProduct {
  return {
    ...{ symbol: 'sgemm_', dtype: 'f32', layout: 'column', transA: false, transB: true },
    ...{ m: 512, n: 256, k: 128, threads: 2, blas: 0, went: 'blas', reason: 'off', algorithm: null },
    ...{ calls: 2, seconds: 1, leastSeconds: 0.4, sampled: null },
    ...of,
  };
}

function profile(of: Partial<ProcessProfile> = {}): ProcessProfile {
  return {
    ...{ format: 'alphatensor-edge-gemm-profile', version: 1, complete: true },
    host: { cpu: 'cpu', architecture: 'x86_64', cpus: 2 },
    program: { executable: '/bin/app', pid: 1 },
    ...{ seconds: 4, samplingSeconds: 0, products: [], others: [], left: { calls: 0, seconds: 0 } },
    libraries: [{ path: '/lib/libblas.so', config: null }],
    ...of,
  };
}

const RUN = {
  command: ['app'],
  device: { id: 'id', cpu: 'cpu', architecture: 'x64', cpus: 2 },
  createdAt: '2026-01-01T00:00:00.000Z',
};

describe('mergeProfiles', () => {
  it('sums the same product of all processes, and takes shares of the time of those that make any', () => {
    const merged = mergeProfiles(
      [
        profile({ products: [product(), product({ symbol: 'cblas_sgemm', seconds: 0.5, leastSeconds: 0.1 })] }),
        profile({ products: [product({ m: 64, seconds: 2 }), product({ m: 0, reason: 'empty' })], seconds: 6 }),
        // A shell that waits.
        profile({ seconds: 100, complete: false }),
      ],
      RUN,
    );
    expect(merged).toMatchObject({ processes: 3, isComplete: false, seconds: 10 });
    expect(
      merged.products.map(({ m, calls, seconds, leastSeconds, share, library }) => [
        m,
        calls,
        seconds,
        leastSeconds,
        share,
        library,
      ]),
    ).toEqual([
      [64, 2, 2, 0.4, 0.2, '/lib/libblas.so'],
      [512, 4, 1.5, 0.1, 0.15, '/lib/libblas.so'],
    ]);
  });

  it('takes products of several threads at once for no more than all of the time', () => {
    const others = [{ symbol: 'ssyrk_', calls: 1, seconds: 4 }];
    const merged = mergeProfiles([profile({ products: [product({ seconds: 12 })], others })], RUN);
    expect(merged.products[0].share + merged.others[0].share).toBe(1);
  });
});

describe('profileLines', () => {
  it('shows the products, what cannot be taken, and what is missing', () => {
    const others = [{ symbol: 'cblas_ssyrk', calls: 1, seconds: 0.5 }];
    expect(profileLines(mergeProfiles([profile({ products: [product()], others, complete: false })], RUN))).toEqual([
      "2 products of matrices took 1.00 s, 25.0 % of the program's 4.00 s.",
      'm x k x n    layout                type  threads  calls    time   share',
      '512x128x256  column, B transposed  f32         2      2  1.00 s  25.0 %',
      'Seen, but no library takes it:',
      'function     calls    time   share',
      'cblas_ssyrk      1  500 ms  12.5 %',
      'A process was killed or left without its usual end, so its last products and its time after them are missing.',
    ]);
  });

  it('says what may be the reason where no product was seen', () => {
    const [unseen] = profileLines(mergeProfiles([], RUN));
    expect(unseen).toMatch(/no process of the program loaded the library/);
    const [none] = profileLines(mergeProfiles([profile()], RUN));
    expect(none).toMatch(/without a shared BLAS/);
  });
});
