import { modeLengths, type Size, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { type Sums, sumsOverEntries, sumsOverProducts } from './additions.js';
import type { KernelPlan } from './kernel-plan.js';
import { type Dimensions, ELEMENT_BYTES, type ProblemShape, termsKey } from './plan.js';
import { type StraightLine, straightLine } from './straight-line.js';

/** Holds one recursion level of a packed program: its three transforms, with common subexpressions computed once. */
export interface PackedLevel {
  readonly size: Size;
  /** Number of products. Terms that contribute nothing are left out. */
  readonly rank: number;
  /** From the n x m blocks of A, row by row, to the products, and from the m x p blocks of B to the products. */
  readonly a: StraightLine;
  readonly b: StraightLine;
  /** From the products to the n x p blocks of C, row by row (C is *not* transposed here). */
  readonly c: StraightLine;
}

/**
 * Bounds the plans that are kept: enough for the algorithms that are measured repeatedly and the equal levels of a
 * program.
 */
const MAX_PLANS = 16;
const plans = new Map<string, PackedLevel>();

/**
 * Plans the part of a level that does not depend on the shape. The latest plans are kept, because the search for few
 * additions takes a while.
 */
export function planPackedLevel(level: VerifiedFactorization): PackedLevel {
  const key = termsKey(level);
  const plan = plans.get(key) ?? makePlan(level);
  // Makes a plan that is used again the newest. The oldest is dropped first.
  plans.delete(key);
  plans.set(key, plan);
  if (plans.size > MAX_PLANS) plans.delete(plans.keys().next().value ?? key);
  return plan;
}

function makePlan(level: VerifiedFactorization): PackedLevel {
  const { size, rank, a, b, c } = levelSums(level);
  return {
    size,
    rank,
    a: straightLine(a, size.n * size.m),
    b: straightLine(b, size.m * size.p),
    c: straightLine(c, rank),
  };
}

/** Holds the sums of a level as they are written: those of a and b one for each product, those of c one for each block of C. */
interface LevelSums {
  readonly size: Size;
  /** Number of products. Terms that contribute nothing are left out. */
  readonly rank: number;
  readonly a: Sums;
  readonly b: Sums;
  readonly c: Sums;
}

/** Gives the sums of the three transforms of a level. */
export function levelSums({ size, rank, u, v, w }: VerifiedFactorization): LevelSums {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const isUsed = (coefficients: Int32Array, length: number, r: number): boolean =>
    coefficients.subarray(r * length, (r + 1) * length).some((x) => x !== 0);
  const rows = Array.from({ length: rank }, (_, r) => r).filter(
    (r) =>
      isUsed(u.coefficients, lengthU, r) && isUsed(v.coefficients, lengthV, r) && isUsed(w.coefficients, lengthW, r),
  );
  // w indexes C transposed, k*n+i; blocks of C are i*p+k.
  const entries = Array.from({ length: size.n * size.p }, (_, x) => (x % size.p) * size.n + Math.floor(x / size.p));
  return {
    size,
    rank: rows.length,
    a: sumsOverEntries(u, rows, lengthU),
    b: sumsOverEntries(v, rows, lengthV),
    c: sumsOverProducts(w, rows, lengthW, entries),
  };
}

/** Describes all levels together as one <n,m,p> algorithm. */
export interface PackedGrid extends Size {
  readonly rank: number;
}

/** Multiplies the sizes and the ranks of the levels. */
export function gridOf(levels: readonly Pick<PackedLevel, 'size' | 'rank'>[]): PackedGrid {
  return levels.reduce<PackedGrid>(
    (grid, { size, rank }) => ({
      n: grid.n * size.n,
      m: grid.m * size.m,
      p: grid.p * size.p,
      rank: grid.rank * rank,
    }),
    { n: 1, m: 1, p: 1, rank: 1 },
  );
}

/** The tiles for each of several threads (native/packed/sizes.h, AT_TILES_PER_THREAD). */
const TILES_PER_THREAD = 3;
/** The size of a near tile in register tiles (native/packed/sizes.h, AT_NEAR_ROWS and AT_NEAR_COLUMNS). */
const NEAR = { rowPanels: 6, columnPanels: 3 };
const LINE_BYTES = 64;

/** Holds what a packed program needs for one problem. native/packed/layout.h computes the same. */
interface PackedLayout {
  /** Dimensions of one block product. */
  readonly block: Dimensions;
  /** Bytes of the packed operands, and of the tiles of all threads. */
  readonly packedBytes: number;
  readonly tileBytes: number;
}

/** Computes how a packed program cuts a problem, and the memory that it needs. */
export function packedLayout(
  { n, m, p, rank }: PackedGrid,
  kernel: KernelPlan,
  { m: rows, k: depth, n: columns, dtype }: ProblemShape,
  threads: number,
): PackedLayout {
  const bytes = ELEMENT_BYTES[dtype];
  const line = LINE_BYTES / bytes;
  const nr = kernel.lines * line;
  const block = { m: Math.ceil(rows / n), k: Math.ceil(depth / m), n: Math.ceil(columns / (p * nr)) * nr };
  const rowPanels = Math.ceil(block.m / kernel.mr);
  const columnPanels = block.n / nr;
  const productStep = (elements: number): number => {
    const lines = Math.floor(elements / line);
    return (lines + 1 - (lines % 2)) * line;
  };
  const aStep = productStep(rowPanels * kernel.mr * Math.ceil(block.k / line) * line);
  const bStep = productStep(columnPanels * nr * block.k);
  const nearRows = NEAR.rowPanels * kernel.mr;
  const nearColumns = NEAR.columnPanels * nr;
  const isNear = block.k <= kernel.kc && rank * nearRows * nearColumns * bytes <= kernel.nearBytes;
  const tileRows = isNear ? Math.min(nearRows, kernel.tileRows) : kernel.tileRows;
  const tileColumns = isNear ? Math.min(nearColumns, kernel.tileColumns) : kernel.tileColumns;
  const across = Math.ceil((columnPanels * nr) / tileColumns);
  const tileColumnPanels = balanced(columnPanels, across);
  const tilesAcross = Math.ceil(columnPanels / tileColumnPanels);
  const least = threads > 1 ? Math.ceil((TILES_PER_THREAD * threads) / tilesAcross) : 1;
  const down = Math.max(Math.ceil((rowPanels * kernel.mr) / tileRows), least);
  const tileStep = productStep(balanced(rowPanels, down) * tileColumnPanels * kernel.mr * nr);
  return { block, packedBytes: rank * (aStep + bStep) * bytes, tileBytes: threads * rank * tileStep * bytes };
}

/** Gives the panels of a tile, with all tiles about equal in size. */
function balanced(panels: number, tiles: number): number {
  return Math.ceil(panels / Math.max(1, Math.min(tiles, panels)));
}
