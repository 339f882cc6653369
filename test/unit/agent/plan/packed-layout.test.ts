import { describe, expect, it } from 'vitest';
import { defaultKernelPlan } from '../../../../agent/src/plan/kernel-plan.js';
import { packedLayout, planPackedLevel, stagesOf } from '../../../../agent/src/plan/packed.js';
import { ELEMENT_BYTES } from '../../../../agent/src/plan/plan.js';
import { type LevelCoefficients, timesTouched } from '../../../../agent/src/plan/step-groups.js';
import { matrixBytes } from '../../../../agent/src/plan/workspace.js';
import { laderman, winograd } from '../../../../shared/src/index.js';

// That the program computes the same is compared in test/conformance, with random bounds.

const CACHES = { l1dCacheBytes: 48 * 1024, l2CacheBytes: 2 * 1024 ** 2 };
const levelsOf = (count: number) => Array.from({ length: count }, () => planPackedLevel(winograd()));

describe('the workspace of a packed program', () => {
  for (const levels of [1, 2, 3])
    for (const dtype of ['f32', 'f64'] as const)
      for (const threads of [1, 2])
        for (const size of [1024, 2048, 4096, 8192]) {
          it(`of ${levels} levels fits 1x at ${size} ${dtype}, ${threads} threads`, () => {
            const problem = { m: size, k: size, n: size, dtype };
            const limit = matrixBytes(problem, ELEMENT_BYTES[dtype]);
            const kernel = defaultKernelPlan('avx512', CACHES, ELEMENT_BYTES[dtype]);
            const layout = packedLayout(stagesOf(levelsOf(levels)), kernel, problem, threads, limit);
            expect(layout.packedBytes + layout.tileBytes).toBeLessThanOrEqual(limit);
          });
        }

  it('is that without a bound where it fits', () => {
    const stages = stagesOf(levelsOf(2));
    const problem = { m: 1000, k: 1000, n: 1000, dtype: 'f32' } as const;
    const kernel = defaultKernelPlan('avx512', CACHES, 4);
    const whole = packedLayout(stages, kernel, problem, 1);
    const bytes = whole.packedBytes + whole.tileBytes;
    expect(packedLayout(stages, kernel, problem, 1, bytes)).toEqual(whole);
    expect(packedLayout(stages, kernel, problem, 1, bytes - 1)).not.toEqual(whole);
  });
});

describe('the steps of a program', () => {
  it('are the products of its smallest level, from 100 products on', () => {
    const [small, large] = [planPackedLevel(winograd()), planPackedLevel(laderman())];
    expect(stagesOf([small, small])).toEqual({ outer: undefined, inner: [small, small] });
    expect(stagesOf([large, small])).toMatchObject({ outer: { rank: 7, size: small.size }, inner: [large] });
    expect(stagesOf([small, small, small])).toMatchObject({ outer: { rank: 7 }, inner: [small, small] });
    // In another order, so that groups of them have fewer blocks in common with others.
    const { a, b, c } = stagesOf([small, small, small]).outer?.coefficients ?? small.coefficients;
    expect([a, b, c].map(({ rows }) => rows.map(String).sort())).toEqual(
      [small.coefficients.a, small.coefficients.b, small.coefficients.c].map(({ rows }) => rows.map(String).sort()),
    );
    const touched = (of: LevelCoefficients, steps: number): number =>
      timesTouched(of.a, steps) + timesTouched(of.b, steps) + 2 * timesTouched(of.c, steps);
    expect(touched(small.coefficients, 3)).toBe(9);
    expect(touched({ a, b, c }, 3)).toBe(8);
    // One level has nothing beneath it.
    expect(stagesOf([{ ...large, rank: 200 }]).outer).toBeUndefined();
  });
});
