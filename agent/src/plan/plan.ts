import { createHash } from 'node:crypto';
import { modeLengths, type Size, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { type Sums, sumsOverEntries, sumsOverProducts } from './additions.js';

/** Number formats that every backend in C has. */
export type DType = 'f32' | 'f64';

/** Number format of the matrices; the halves are summed in f32. */
export type NumberFormat = DType | 'f16' | 'bf16';

export const ELEMENT_BYTES: Readonly<Record<NumberFormat, number>> = { f32: 4, f64: 8, f16: 2, bf16: 2 };

/** Dimensions of C = A B: A is m x k, B is k x n. */
export interface Dimensions {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** A product to compute and the number format to compute it in. */
export interface ProblemShape extends Dimensions {
  readonly dtype: NumberFormat;
}

/**
 * One recursion level as a program carries it out. Blocks of A, B and C are numbered row by row (C is *not* transposed
 * here). A sum of a single block carries no coefficient: it is in the product's `alpha`, so that the block can be used
 * where it lies.
 */
export interface AlgorithmPlan {
  readonly size: Size;
  /** Products, terms that contribute nothing left out. */
  readonly rank: number;
  /** For each product its combination of A's blocks (n*m of them) and of B's (m*p). */
  readonly a: Sums;
  readonly b: Sums;
  /** For each of the n*p blocks of C its combination of products. */
  readonly c: Sums;
  /** For each product the only block of A, or of B, in its combination; -1 if there are several. */
  readonly singleA: readonly number[];
  readonly singleB: readonly number[];
  /** For each product the block of C that is nothing but this product, if it is used nowhere else; -1 otherwise. */
  readonly singleC: readonly number[];
  /** What the coefficients taken out of the single sums multiply to, for each product. */
  readonly alpha: readonly number[];
}

/** One level applied to one shape. */
export interface LevelPlan {
  readonly algorithm: AlgorithmPlan;
  /** The product this level computes, and the blocks it cuts it into (rounded up; what lies beyond the edge is zero). */
  readonly whole: Dimensions;
  readonly block: Dimensions;
}

/** How a candidate computes a problem: pure data, from which a program is generated and its memory predicted. */
export interface Plan {
  readonly problem: ProblemShape;
  /** Outermost first. */
  readonly levels: readonly LevelPlan[];
  /** What the innermost products, the leaves, look like. */
  readonly leaf: Dimensions;
  /** Leaves in all. */
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
 * Identity of a level term by term, shorter than its coefficients. Not the content hash: programs follow the order and the
 * signs of the terms, so that only equal input gives equal code.
 */
export function termsKey({ size, rank, u, v, w }: VerifiedFactorization): string {
  const modes = [u, v, w].map(({ coefficients, denominator }) => `${denominator}:${coefficients.join()}`);
  return createHash('sha256')
    .update([size.n, size.m, size.p, rank, ...modes].join(' '))
    .digest('hex');
}

/** Dimensions of one block, rounded up. */
export function blockOf(whole: Dimensions, { n, m, p }: Size): Dimensions {
  return { m: Math.ceil(whole.m / n), k: Math.ceil(whole.k / m), n: Math.ceil(whole.n / p) };
}

/** The shape-independent part of a level. */
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
 * Moves the coefficient of a single sum into alpha of the product that `productOf` names (-1: leave the sum as it is).
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
