import { describe, expect, it } from 'vitest';
import { type CTarget, cProgram, VARIANTS, type Variant } from '../../../../agent/src/codegen/c/variant.js';
import { interpret, multiply } from '../../../../agent/src/plan/interpret.js';
import { defaultKernelPlan } from '../../../../agent/src/plan/kernel-plan.js';
import { planPackedLevel } from '../../../../agent/src/plan/packed.js';
import { type Dimensions, type DType, planAlgorithm, planProgram } from '../../../../agent/src/plan/plan.js';
import { planKey, variationsOf } from '../../../../agent/src/plan/tuning.js';
import { workspaceBytes } from '../../../../agent/src/plan/workspace.js';
import {
  laderman,
  Random,
  standard,
  strassen,
  type VerifiedFactorization,
  verify,
  winograd,
} from '../../../../shared/src/index.js';
import { strassenInThirds } from '../../../support/conformance-cases.js';

const TARGET: CTarget = { vectorIsa: 'avx2', caches: { l1dCacheBytes: 32_768, l2CacheBytes: 524_288 } };

const integers = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.int(7) - 3);

describe('the oracle', () => {
  it('multiplies matrices of any shape by any levels', () => {
    const random = new Random('oracle');
    for (const levels of [[strassen()], [winograd(), laderman()], [standard({ n: 3, m: 1, p: 2 }), strassen()]]) {
      for (const shape of [
        { m: 1, k: 1, n: 1 },
        { m: 5, k: 7, n: 3 },
        { m: 12, k: 13, n: 1 },
      ]) {
        const a = integers(random, shape.m * shape.k);
        const b = integers(random, shape.k * shape.n);
        expect(Array.from(interpret(levels, shape, a, b))).toEqual(Array.from(multiply(shape, a, b)));
      }
    }
  });
});

describe('a plan', () => {
  it('uses single blocks where they lie and moves their coefficients into alpha', () => {
    const { singleA, singleB, singleC, alpha, rank } = planAlgorithm(winograd());
    expect(rank).toBe(7);
    expect(singleA).toEqual([0, 1, -1, 3, -1, -1, -1]);
    expect(singleB).toEqual([0, 2, 3, -1, -1, -1, -1]);
    expect(singleC.every((block) => block === -1)).toBe(true);
    expect(alpha).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it('writes a product where it belongs if the block of C is nothing else', () => {
    expect(planAlgorithm(standard({ n: 1, m: 1, p: 1 })).singleC).toEqual([0]);
    expect(planAlgorithm(standard({ n: 2, m: 1, p: 2 })).singleC).toEqual([0, 1, 2, 3]);
  });

  it('folds signs and denominators of single blocks into alpha', () => {
    const { u, v, w, ...rest } = standard({ n: 1, m: 1, p: 1 });
    const scaled = verify({
      ...rest,
      u: { coefficients: Int32Array.of(-3), denominator: 2 },
      v: { ...v, coefficients: Int32Array.of(-2) },
      w: { ...w, denominator: 3 },
    });
    expect(u.denominator).toBe(1);
    const { alpha, a, c } = planAlgorithm(scaled);
    expect(alpha[0]).toBeCloseTo(1, 12);
    expect([a, c].map(({ sums, denominator }) => sums[0][0].coefficient / denominator)).toEqual([1, 1]);
  });

  it('leaves out terms that contribute nothing', () => {
    const one = standard({ n: 1, m: 1, p: 1 });
    const longer = (coefficients: Int32Array, extra: number) => ({
      coefficients: Int32Array.of(...coefficients, extra),
      denominator: 1,
    });
    const padded = verify({
      ...one,
      rank: 2,
      u: longer(one.u.coefficients, 0),
      v: longer(one.v.coefficients, 5),
      w: longer(one.w.coefficients, 5),
    });
    expect(planAlgorithm(padded).rank).toBe(1);
  });

  it('cuts into blocks, rounded up, level by level', () => {
    const plan = planProgram([strassen(), laderman()], { m: 7, k: 100, n: 1, dtype: 'f32' });
    expect(plan.levels.map(({ block }) => block)).toEqual([
      { m: 4, k: 50, n: 1 },
      { m: 2, k: 17, n: 1 },
    ]);
    expect(plan.products).toBe(7 * 23);
  });

  it('needs no workspace for the plain GEMM, but a table of the products of each level', () => {
    const problem = { m: 100, k: 100, n: 100, dtype: 'f32' } as const;
    expect(workspaceBytes(planProgram([], problem))).toBe(0);
    expect(workspaceBytes(planProgram([standard({ n: 1, m: 1, p: 1 })], problem))).toBe(64);
  });

  it('predicts the workspace of Winograd: 4 of A, 4 of B and 7 products, rows not a multiple of 4 KiB apart', () => {
    const plan = planProgram([winograd()], { m: 2048, k: 2048, n: 2048, dtype: 'f32' });
    expect(workspaceBytes(plan)).toBe(6 * 64 + (4 + 4 + 7) * 1024 * (1024 + 16) * 4);
  });
});

describe.each(VARIANTS)('the exact check of %s', (variant) => {
  const rangeOf = (levels: VerifiedFactorization[], shape: Dimensions, dtype: DType): number =>
    cProgram(variant, levels, dtype, TARGET).exactRange({ ...shape, dtype });

  it('is possible for small sums and for halves, not for thirds', () => {
    const shape = { m: 64, k: 64, n: 64 };
    const { u, w, ...rest } = strassen();
    const over = (denominator: number) =>
      verify({
        ...rest,
        u: { ...u, denominator },
        w: { ...w, coefficients: w.coefficients.map((x) => x * denominator) },
      });
    expect(rangeOf([strassen()], shape, 'f32')).toBe(3);
    expect(rangeOf([over(2)], shape, 'f32')).toBeGreaterThan(0);
    expect(rangeOf([strassenInThirds()], shape, 'f32')).toBe(0);
  });

  it('takes smaller numbers where sums grow, and gives up where they grow too much', () => {
    const levels = (count: number) => Array.from({ length: count }, () => winograd());
    const shape = { m: 4096, k: 4096, n: 4096 };
    const ranges = [1, 2, 3, 4].map((count) => rangeOf(levels(count), shape, 'f32'));
    expect(ranges).toEqual([...ranges].sort((a, b) => b - a));
    expect(ranges[0]).toBe(3);
    expect(ranges[3]).toBe(0);
    expect(rangeOf(levels(4), shape, 'f64')).toBe(3);
  });
});

describe('the generated program', () => {
  it('holds a factorization once, however many levels use it', () => {
    const source = cProgram('temporaries', [strassen(), strassen(), laderman()], 'f64', TARGET).source();
    expect(source.match(/static const at_algorithm algorithm_\d/g)).toHaveLength(2);
    expect(source).toContain('{&algorithm_0, &algorithm_0, &algorithm_1}');
    expect(source).toContain('#define AT_REAL double');
  });

  it('is refused, with the numbers, where it would be too large to compile', () => {
    const source = (variant: Variant, levels: VerifiedFactorization[]) => () =>
      cProgram(variant, levels, 'f32', TARGET).source();
    const large = [standard({ n: 11, m: 11, p: 11 })];
    expect(source('temporaries', large)).toThrow(/1331 products .*at most 1000/);
    expect(source('temporaries', Array(7).fill(strassen()))).toThrow(/7 recursion levels .*at most 6/);
    expect(source('packed', large)).toThrow(
      /1331 products .*at most 500\); use fewer levels or a smaller factorization\.$/,
    );
    // The other variant is named only where it takes the algorithm.
    const deep = Array(4).fill(strassen());
    expect(source('packed', deep)).toThrow(/2401 products .*; the variant temporaries takes this one\.$/);
    expect(source('temporaries', deep)).not.toThrow();
    expect(source('packed', [standard({ n: 8, m: 7, p: 8 })])).not.toThrow();
  });
});

describe('the default plan of a packed program', () => {
  it('keeps a panel of A in the first-level cache and a block of B in the second-level cache', () => {
    for (const [isa, elementBytes] of [
      ['avx512', 4],
      ['avx512', 8],
      ['avx2', 4],
      ['neon', 8],
      ['generic', 4],
    ] as const) {
      const plan = defaultKernelPlan(isa, TARGET.caches, elementBytes);
      expect(plan.mr * plan.kc * elementBytes).toBeLessThanOrEqual(32_768);
      expect(plan.kc * plan.tileColumns * elementBytes).toBeLessThanOrEqual(524_288);
      expect(plan.tileColumns % ((plan.lines * 64) / elementBytes)).toBe(0);
      expect((plan.kc * elementBytes) % 64).toBe(0);
      expect(plan.tileRows % plan.mr).toBe(0);
    }
  });

  it('has neighbours that differ from it in one property and are plans as well', () => {
    const plan = defaultKernelPlan('avx512', TARGET.caches, 4);
    const variations = variationsOf(plan, 'avx512', 4);
    expect(variations.length).toBeGreaterThan(5);
    expect(new Set(variations.map(planKey)).size).toBe(variations.length);
    for (const variation of variations) {
      expect(planKey(variation)).not.toBe(planKey(plan));
      expect((variation.kc * 4) % 64).toBe(0);
      expect(variation.tileRows % variation.mr).toBe(0);
      expect(variation.tileColumns % (variation.lines * 16)).toBe(0);
    }
  });

  it('does not need to know the caches, nor the vector instructions', () => {
    expect(defaultKernelPlan('unheard-of', {}, 4)).toEqual(defaultKernelPlan('generic', {}, 4));
  });
});

describe('the plan of a packed level', () => {
  it('is remembered for equal coefficients, and no others', () => {
    const plan = planPackedLevel(strassen());
    expect(planPackedLevel(strassen())).toBe(plan);
    expect(planPackedLevel(winograd())).not.toEqual(plan);
  });

  it('is made again, and equally, when many others came in between', () => {
    const plan = planPackedLevel(strassen());
    for (let n = 1; n <= 20; n++) planPackedLevel(standard({ n, m: 1, p: 1 }));
    expect(planPackedLevel(strassen())).not.toBe(plan);
    expect(planPackedLevel(strassen())).toEqual(plan);
  });
});
