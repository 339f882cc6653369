import { createHash } from 'node:crypto';
import { modeLengths, type Size, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { type Sums, sumsOverEntries, sumsOverProducts } from './additions.js';

/** Names the number formats that every C backend has. */
export type DType = 'f32' | 'f64';

/** Names the number formats of the matrices. Products of f16 and bf16 are summed in f32. */
export type NumberFormat = DType | 'f16' | 'bf16';

/** The size of an element, bytes. */
export const ELEMENT_BYTES: Readonly<Record<NumberFormat, number>> = { f32: 4, f64: 8, f16: 2, bf16: 2 };

/** Holds the dimensions of C = A B: A is m x k, B is k x n. */
export interface Dimensions {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** Holds a product to compute and its number format. */
export interface ProblemShape extends Dimensions {
  readonly dtype: NumberFormat;
}

/**
 * Describes how a program carries out one recursion level. Blocks of A, B and C are numbered row by row (C is *not*
 * transposed here). A sum of a single block has no coefficient: it is moved to the product's `alpha`, so that the block
 * can be used where it lies.
 */
export interface AlgorithmPlan {
  readonly size: Size;
  /** Number of products. Terms that contribute nothing are left out. */
  readonly rank: number;
  /** For each product its combination of the n*m blocks of A and of the m*p blocks of B. */
  readonly a: Sums;
  readonly b: Sums;
  /** For each of the n*p blocks of C its combination of products. */
  readonly c: Sums;
  /** For each product the block of A, or of B, if its combination is a single block, else -1. */
  readonly singleA: readonly number[];
  readonly singleB: readonly number[];
  /** For each product the block of C that equals it, if the product is used nowhere else; -1 otherwise. */
  readonly singleC: readonly number[];
  /** For each product the factor that was taken out of its single sums. */
  readonly alpha: readonly number[];
}

/** Describes one level applied to one shape. */
export interface LevelPlan {
  readonly algorithm: AlgorithmPlan;
  /** The product this level computes, and the blocks it cuts it into (rounded up; zero beyond the edge). */
  readonly whole: Dimensions;
  readonly block: Dimensions;
}

/** Describes how a candidate computes a problem. A program is generated, and its memory predicted, from this data. */
export interface Plan {
  readonly problem: ProblemShape;
  /** Outermost first. */
  readonly levels: readonly LevelPlan[];
  /** Dimensions of the innermost products (the leaves). */
  readonly leaf: Dimensions;
  /** Number of leaves. */
  readonly products: number;
}

/** Plans the levels, outermost first, for a problem of any dimensions. */
export function planProgram(levels: readonly VerifiedFactorization[], problem: ProblemShape): Plan {
  let whole: Dimensions = { m: problem.m, k: problem.k, n: problem.n };
  let products = 1;
  const plans: LevelPlan[] = [];
  for (const level of levels) {
    const algorithm = planAlgorithm(level);
    const block = blockOf(whole, level.size);
    plans.push({ algorithm, whole, block });
    whole = block;
    products *= algorithm.rank;
  }
  return { problem, levels: plans, leaf: whole, products };
}

/**
 * Identifies a level by its terms, in less space than the coefficients take. This is not the content hash: programs
 * follow the order and the signs of the terms, so only equal input gives equal code.
 */
export function termsKey({ size, rank, u, v, w }: VerifiedFactorization): string {
  const modes = [u, v, w].map(({ coefficients, denominator }) => `${denominator}:${coefficients.join()}`);
  return createHash('sha256')
    .update([size.n, size.m, size.p, rank, ...modes].join(' '))
    .digest('hex');
}

/** Computes the dimensions of one block, rounded up. */
export function blockOf(whole: Dimensions, { n, m, p }: Size): Dimensions {
  return { m: Math.ceil(whole.m / n), k: Math.ceil(whole.k / m), n: Math.ceil(whole.n / p) };
}

/** Plans the part of a level that does not depend on the shape. */
export function planAlgorithm({ size, rank, u, v, w }: VerifiedFactorization): AlgorithmPlan {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const isZero = (coefficients: Int32Array, length: number, r: number): boolean =>
    coefficients.subarray(r * length, (r + 1) * length).every((x) => x === 0);
  const rows = Array.from({ length: rank }, (_, r) => r).filter(
    (r) =>
      !isZero(u.coefficients, lengthU, r) && !isZero(v.coefficients, lengthV, r) && !isZero(w.coefficients, lengthW, r),
  );
  const alpha = rows.map(() => 1);

  const a = sumsOverEntries(u, rows, lengthU);
  const b = sumsOverEntries(v, rows, lengthV);
  // w indexes C transposed, k*n+i; blocks of C are i*p+k.
  const entries = Array.from({ length: size.n * size.p }, (_, x) => (x % size.p) * size.n + Math.floor(x / size.p));
  const c = sumsOverProducts(w, rows, lengthW, entries);

  const uses = rows.map(() => 0);
  for (const sum of c.sums) for (const { source } of sum) uses[source]++;
  const singleC = rows.map(() => -1);
  c.sums.forEach((sum, block) => {
    if (sum.length === 1 && uses[sum[0].source] === 1) singleC[sum[0].source] = block;
  });

  return {
    size,
    rank: rows.length,
    a: takeOut(a, (r, sum) => (sum.length === 1 ? r : -1), alpha),
    b: takeOut(b, (r, sum) => (sum.length === 1 ? r : -1), alpha),
    c: takeOut(c, (block, sum) => (sum.length === 1 && singleC[sum[0].source] === block ? sum[0].source : -1), alpha),
    singleA: a.sums.map((sum) => (sum.length === 1 ? sum[0].source : -1)),
    singleB: b.sums.map((sum) => (sum.length === 1 ? sum[0].source : -1)),
    singleC,
    alpha,
  };
}

/**
 * Moves the coefficient of each single sum to the alpha of the product that `productOf` names (-1 leaves the sum as it
 * is).
 */
function takeOut(sums: Sums, productOf: (index: number, sum: Sums['sums'][number]) => number, alpha: number[]): Sums {
  const { denominator } = sums;
  return {
    denominator,
    sums: sums.sums.map((sum, index) => {
      const product = productOf(index, sum);
      if (product < 0) return sum;
      alpha[product] *= sum[0].coefficient / denominator;
      return [{ source: sum[0].source, coefficient: denominator }];
    }),
  };
}
