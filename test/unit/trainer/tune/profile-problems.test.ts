import { describe, expect, it } from 'vitest';
import type { ReadProfile } from '../../../../trainer/src/tune/gemm-profile.js';
import { profileProblems } from '../../../../trainer/src/tune/profile-problems.js';

type Product = ReadProfile['products'][number];

function profile(...products: Partial<Product>[]): ReadProfile {
  const one: Product = {
    dtype: 'f32',
    layout: 'row',
    ...{ transA: false, transB: false },
    m: 512,
    n: 256,
    k: 128,
    threads: 2,
    calls: 1,
    seconds: 1,
    library: null,
  };
  return {
    ...{ format: 'alphatensor-gemm-profile', version: 1, command: ['app'], device: { id: 'id', cpu: 'cpu' } },
    ...{ seconds: 100, others: [], left: { calls: 0, seconds: 0 } },
    products: products.map((of) => ({ ...one, ...of })),
  };
}

const chosen = (of: ReadProfile, seconds?: number) =>
  profileProblems(of, seconds).map(({ m, k, n, dtype, threads, transposed, calls, share, shapes, leftOut }) => [
    ...[
      `${m}x${k}x${n}:${dtype}:${threads}${transposed === undefined ? '' : `:${transposed}`}`,
      calls,
      share,
      shapes,
      leftOut,
    ],
  ]);

describe('the products of a program that are tuned', () => {
  it('are named by rows, each shape once, and together with similar ones of the same kind', () => {
    const found = profile(
      ...[{ calls: 3, seconds: 20 }, { layout: 'column', m: 256, n: 512, calls: 2, seconds: 10 } as const],
      // 10 % longer, of fewer time; 20 % longer; of other kinds.
      ...[
        { k: 140, seconds: 5 },
        { k: 154, seconds: 4 },
        { threads: 1, seconds: 3 },
        { dtype: 'f64', seconds: 2 } as const,
      ],
    );
    expect(chosen(found)).toEqual([
      ['512x128x256:f32:2', 6, 0.35, 2, ''],
      ['512x154x256:f32:2', 1, 0.04, 1, ''],
      ['512x128x256:f32:1', 1, 0.03, 1, ''],
      ['512x128x256:f64:2', 1, 0.02, 1, ''],
    ]);
  });

  it('are apart where other operands lie transposed, by rows as by columns', () => {
    const found = profile(
      ...[{ transB: true, seconds: 20 }, { transA: true, seconds: 8 }, { seconds: 5 }],
      // By columns: C' = op(B)' op(A)' of what lies there by rows.
      ...[
        { layout: 'column', m: 256, n: 512, transA: true, seconds: 10 } as const,
        { layout: 'column', m: 256, n: 512, transB: true, seconds: 4 } as const,
        { layout: 'column', m: 256, n: 512, transA: true, transB: true, seconds: 3 } as const,
      ],
    );
    expect(chosen(found)).toEqual([
      ['512x128x256:f32:2:nt', 2, 0.3, 1, ''],
      ['512x128x256:f32:2:tn', 2, 0.12, 1, ''],
      ['512x128x256:f32:2', 1, 0.05, 1, ''],
      ['512x128x256:f32:2:tt', 1, 0.03, 1, ''],
    ]);
  });

  it('are as many as the budget is long enough for, and the others say why not, last', () => {
    const found = profile({ k: 60, seconds: 50 }, { seconds: 9 }, { m: 2048, seconds: 20 }, { m: 4096, seconds: 0.5 });
    expect(chosen(found, 30)).toEqual([
      ['2048x128x256:f32:2', 1, 0.2, 1, ''],
      ['512x60x256:f32:2', 1, 0.5, 1, '60 is too short for an algorithm, which needs 64'],
      ['512x128x256:f32:2', 1, 0.09, 1, 'the budget is too short for it'],
      ['4096x128x256:f32:2', 1, 0.005, 1, "it takes less than 1 % of the program's time"],
    ]);
  });

  it('do not become long enough for an algorithm with others', () => {
    expect(chosen(profile({ k: 66, seconds: 9 }, { k: 62, seconds: 5 })).map(([name]) => name)).toEqual([
      '512x66x256:f32:2',
      '512x62x256:f32:2',
    ]);
  });
});
