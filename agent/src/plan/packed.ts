import { modeLengths, type Size, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { type Sums, sumsOverEntries, sumsOverProducts } from './additions.js';
import { foldScales } from './fold-scales.js';
import type { KernelPlan } from './kernel-plan.js';
import { type OfMatrices, packingTraffic, timesTouchedBy } from './packed-traffic.js';
import { type Dimensions, ELEMENT_BYTES, type ProblemShape, termsKey } from './plan.js';
import { type Coefficients, type LevelCoefficients, orderForGroups } from './step-groups.js';
import { type StraightLine, straightLine } from './straight-line.js';

/** Holds one recursion level of a packed program: its three transforms, with common subexpressions computed once. */
export interface PackedLevel {
  readonly size: Size;
  /** Number of products. Terms that contribute nothing are left out. */
  readonly rank: number;
  /**
   * From the n x m blocks of A, row by row, to the operands of the products, and from the m x p blocks of B. The operands have any scale;
   * c undoes it.
   */
  readonly a: StraightLine;
  readonly b: StraightLine;
  /** From the products to the n x p blocks of C, row by row (C is *not* transposed here). */
  readonly c: StraightLine;
  /** The sums as they are written, as matrices: what each product has of each block of A, B and C. Its scales are not those of a, b and c. */
  readonly coefficients: LevelCoefficients;
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
  const transforms = {
    a: straightLine(a, size.n * size.m),
    b: straightLine(b, size.m * size.p),
    c: straightLine(c, rank),
  };
  const coefficients = {
    a: matrixOf(a, size.n * size.m),
    b: matrixOf(b, size.m * size.p),
    c: transposed(matrixOf(c, rank), rank),
  };
  return { size, rank, ...foldScales(transforms), coefficients };
}

/** Writes sums as a matrix, with a row for each sum. */
function matrixOf({ sums, denominator }: Sums, sources: number): Coefficients {
  const rows = sums.map((sum) => {
    const row = new Array<number>(sources).fill(0);
    for (const { source, coefficient } of sum) row[source] = coefficient;
    return row;
  });
  return { rows, denominator };
}

function transposed({ rows, denominator }: Coefficients, columns: number): Coefficients {
  return { rows: Array.from({ length: columns }, (_, r) => rows.map((row) => row[r])), denominator };
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

/** Holds how the levels of a program are carried out. */
export interface PackedStages {
  /** The level whose products are the steps of the program (native/packed/steps.h). Undefined: there is one step. */
  readonly outer: OuterLevel | undefined;
  /** The levels that are straight-line code together. */
  readonly inner: readonly PackedLevel[];
}

/** Holds a level whose products are steps, in the order in which they are carried out. */
export type OuterLevel = Pick<PackedLevel, 'size' | 'rank' | 'coefficients'>;

/**
 * The number of products from which on a level becomes steps. All levels as straight-line code read and write less, but
 * take seconds to compile and need the workspace for all products at once.
 */
const STEPS_FROM_RANK = 100;

/**
 * Chooses the level that becomes steps: the one of the fewest products. The order of levels makes no difference to the
 * algorithm but for the order of its blocks.
 */
export function stagesOf(levels: readonly PackedLevel[]): PackedStages {
  if (levels.length < 2 || gridOf(levels).rank < STEPS_FROM_RANK) return { outer: undefined, inner: levels };
  const outer = levels.reduce((a, b) => (b.rank < a.rank ? b : a));
  return { outer: inSteps(outer), inner: levels.toSpliced(levels.indexOf(outer), 1) };
}

/** Keeps what was ordered, because all orders of seven products are tried. */
const ordered = new WeakMap<PackedLevel, OuterLevel>();

function inSteps(level: PackedLevel): OuterLevel {
  const { size, rank, coefficients } = level;
  const outer = ordered.get(level) ?? { size, rank, coefficients: orderForGroups(coefficients) };
  ordered.set(level, outer);
  return outer;
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
/** The bounds on what is tried to fit a workspace (native/packed/sizes.h, AT_MOST_SLABS and AT_MOST_HALVINGS). */
const MOST_SLABS = 64;
const MOST_HALVINGS = 6;
const LINE_BYTES = 64;
/** What copies of lines may take of the stack, and the rows that are copied at least (native/packed/sizes.h and steps.h). */
const STACK_BYTES_OF_COPIES = 16384;
const ROWS_COPIED = 16;

/** Holds how a packed program carries out one problem. native/packed/layout.h computes the same. */
export interface PackedLayout {
  /** Dimensions of one block product. */
  readonly block: Dimensions;
  /** What is packed at a time: steps, and panels of a block. */
  readonly steps: number;
  readonly rowPanels: number;
  readonly columnPanels: number;
  /** Bytes of the packed operands, and of the tiles of all threads. */
  readonly packedBytes: number;
  readonly tileBytes: number;
}

/** Holds what a layout is computed from. */
interface Cut {
  readonly stages: PackedStages;
  readonly kernel: KernelPlan;
  readonly problem: ProblemShape;
  readonly threads: number;
  readonly block: Dimensions;
  /** Panels of one block. */
  readonly rowPanels: number;
  readonly columnPanels: number;
  /** Elements in a cache line, and columns of a register tile. */
  readonly line: number;
  readonly nr: number;
}

interface Parts {
  readonly groups: number;
  readonly rowSlabs: number;
  readonly columnSlabs: number;
  /** The most steps of which the products of a tile are combined at a time. */
  readonly combined: number;
  readonly halvings: number;
}

/**
 * Computes how a packed program cuts a problem, and the memory that it needs: the layout with the least traffic that
 * takes at most `limit` bytes of workspace. If none does, that of the smallest parts, which takes more.
 */
export function packedLayout(
  stages: PackedStages,
  kernel: KernelPlan,
  problem: ProblemShape,
  threads: number,
  limit = Number.POSITIVE_INFINITY,
): PackedLayout {
  const { n, m, p } = gridOf(stages.outer === undefined ? stages.inner : [stages.outer, ...stages.inner]);
  const bytes = ELEMENT_BYTES[problem.dtype];
  const line = LINE_BYTES / bytes;
  const nr = kernel.lines * line;
  const block = {
    m: Math.ceil(problem.m / n),
    k: Math.ceil(problem.k / m),
    n: Math.ceil(problem.n / (p * nr)) * nr,
  };
  const rowPanels = Math.ceil(block.m / kernel.mr);
  const cut: Cut = { stages, kernel, problem, threads, block, rowPanels, columnPanels: block.n / nr, line, nr };
  const whole = inParts(cut, { groups: 1, rowSlabs: 1, columnSlabs: 1, combined: stepsOf(stages), halvings: 0 });
  if (whole.packedBytes + whole.tileBytes <= limit) return whole;
  return leastTraffic(cut, limit) ?? smallest(cut);
}

function leastTraffic(cut: Cut, limit: number): PackedLayout | undefined {
  let best: PackedLayout | undefined;
  let least = Number.POSITIVE_INFINITY;
  const bytes = ELEMENT_BYTES[cut.problem.dtype];
  // In whole elements, as the program counts.
  const most = Math.floor(limit / bytes);
  for (let groups = 1; groups <= stepsOf(cut.stages); groups++) {
    let combined = Math.ceil(stepsOf(cut.stages) / groups);
    let halvings = 0;
    const tiles = (): number =>
      inParts(cut, { groups, rowSlabs: 1, columnSlabs: 1, combined, halvings }).tileBytes / bytes;
    while (tiles() > Math.floor(most / 6) && (combined > 1 || halvings < MOST_HALVINGS)) {
      if (combined > 1) combined--;
      else halvings++;
    }
    for (const rowSlabs of slabCounts(cut.rowPanels))
      for (const columnSlabs of slabCounts(cut.columnPanels)) {
        const layout = inParts(cut, { groups, rowSlabs, columnSlabs, combined, halvings });
        if ((layout.packedBytes + layout.tileBytes) / bytes > most) continue;
        const traffic = trafficOf(cut, layout);
        if (traffic < least) {
          best = layout;
          least = traffic;
        }
        break;
      }
  }
  return best;
}

function smallest(cut: Cut): PackedLayout {
  const parts = {
    groups: stepsOf(cut.stages),
    rowSlabs: MOST_SLABS,
    columnSlabs: MOST_SLABS,
    combined: 1,
    halvings: MOST_HALVINGS,
  };
  return inParts(cut, parts);
}

/** Gives 1 to 8, then about a quarter more each time. */
function slabCounts(panels: number): number[] {
  const counts: number[] = [];
  for (let slabs = 1; slabs <= Math.min(panels, MOST_SLABS); slabs += Math.max(1, Math.floor(slabs / 4))) {
    counts.push(slabs);
  }
  return counts;
}

function stepsOf({ outer }: PackedStages): number {
  return outer?.rank ?? 1;
}

interface Tiled extends PackedLayout {
  readonly tileRowPanels: number;
  readonly tileColumnPanels: number;
}

function inParts(cut: Cut, { groups, rowSlabs, columnSlabs, combined, halvings }: Parts): Tiled {
  const { stages, kernel, problem, threads, block, line, nr } = cut;
  const bytes = ELEMENT_BYTES[problem.dtype];
  const steps = Math.ceil(stepsOf(stages) / groups);
  const products = steps * gridOf(stages.inner).rank;
  const combinedProducts = Math.min(combined, steps) * gridOf(stages.inner).rank;
  const rowPanels = Math.ceil(cut.rowPanels / rowSlabs);
  const columnPanels = Math.ceil(cut.columnPanels / columnSlabs);
  const productStep = (elements: number): number => {
    const lines = Math.floor(elements / line);
    return (lines + 1 - (lines % 2)) * line;
  };
  const aStep = productStep(rowPanels * kernel.mr * Math.ceil(block.k / line) * line);
  const bStep = productStep(columnPanels * nr * block.k);
  const largest = largestTile(kernel, nr, block.k, combinedProducts * bytes, halvings);
  const tileColumnPanels = balanced(columnPanels, Math.ceil((columnPanels * nr) / largest.columns));
  const least = threads > 1 ? Math.ceil((TILES_PER_THREAD * threads) / Math.ceil(columnPanels / tileColumnPanels)) : 1;
  const down = Math.max(Math.ceil((rowPanels * kernel.mr) / largest.rows), least);
  const tileRowPanels = balanced(rowPanels, down);
  const tileStep = productStep(tileRowPanels * tileColumnPanels * kernel.mr * nr);
  return {
    block,
    steps,
    rowPanels,
    columnPanels,
    tileRowPanels,
    tileColumnPanels,
    packedBytes: products * (aStep + bStep) * bytes,
    tileBytes: threads * Math.max(combinedProducts * tileStep * bytes, copiesInWorkspace(cut)),
  };
}

/** Gives the bytes of the copies that operands are packed by way of, if they are not on the stack. */
function copiesInWorkspace({ stages: { outer, inner }, kernel }: Cut): number {
  const { n, m, p } = gridOf(outer === undefined ? inner : [outer, ...inner]);
  const bytes = m * Math.max(n, p) * Math.max(kernel.mr, ROWS_COPIED) * LINE_BYTES;
  return bytes <= STACK_BYTES_OF_COPIES ? 0 : bytes;
}

/** Gives the rows and columns of the largest tile, of which the longer side is halved so many times. */
function largestTile(
  { mr, kc, nearBytes, tileRows, tileColumns }: KernelPlan,
  nr: number,
  depth: number,
  productBytes: number,
  halvings: number,
): { readonly rows: number; readonly columns: number } {
  const near = { rows: NEAR.rowPanels * mr, columns: NEAR.columnPanels * nr };
  const isNear = productBytes * near.rows * near.columns <= nearBytes && depth <= kc;
  let rows = isNear ? Math.min(near.rows, tileRows) : tileRows;
  let columns = isNear ? Math.min(near.columns, tileColumns) : tileColumns;
  for (let i = 0; i < halvings; i++) {
    if (rows >= columns) rows = Math.max(mr, Math.floor(rows / 2));
    else columns = Math.max(nr, Math.floor(columns / 2));
  }
  return { rows, columns };
}

/** Gives the panels of a tile, with all tiles about equal in size. */
function balanced(panels: number, tiles: number): number {
  return Math.ceil(panels / Math.max(1, Math.min(tiles, panels)));
}

/** Estimates the elements that go to and from memory, as at_traffic of native/packed/layout.h does. */
function trafficOf(cut: Cut, { steps, rowPanels, columnPanels, tileRowPanels, tileColumnPanels }: Tiled): number {
  const { stages, block } = cut;
  const { a, b, c } = trafficByMatrix(cut.stages, cut.kernel, cut.problem, { block, steps, rowPanels, columnPanels });
  const products = stepsOf(stages) * gridOf(stages.inner).rank;
  const packedA = products * (block.m * block.k);
  const packedB = products * (block.k * block.n);
  const across = Math.ceil(cut.columnPanels / tileColumnPanels);
  const down = Math.ceil(cut.rowPanels / tileRowPanels);
  return a + b + c + (packedA * across + packedB * down) / 8;
}

/** Estimates the elements of each matrix, and of its packed operands, that a program with this layout reads and writes. */
export function trafficByMatrix(
  stages: PackedStages,
  kernel: KernelPlan,
  problem: ProblemShape,
  { block, steps, rowPanels, columnPanels }: Pick<PackedLayout, 'block' | 'steps' | 'rowPanels' | 'columnPanels'>,
): OfMatrices {
  const nr = (kernel.lines * LINE_BYTES) / ELEMENT_BYTES[problem.dtype];
  return packingTraffic({
    problem,
    block,
    products: stepsOf(stages) * gridOf(stages.inner).rank,
    touches: timesTouchedBy(stages.outer?.coefficients, steps),
    rowSlabs: Math.ceil(Math.ceil(block.m / kernel.mr) / rowPanels),
    columnSlabs: Math.ceil(block.n / nr / columnPanels),
  });
}
