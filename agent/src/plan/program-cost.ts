import type { Size } from '@alphatensor-edge/shared';
import { countAdditions, type Sums } from './additions.js';
import type { OfMatrices } from './packed-traffic.js';
import { type AlgorithmPlan, type Dimensions, ELEMENT_BYTES, type LevelPlan, type Plan } from './plan.js';
import { blocksInside } from './workspace.js';

/** Describes what one pass over a matrix does: from the blocks of A, or of B, to operands, or from products to the blocks of C. */
export interface PassCost {
  /** Elements that are added or subtracted; a common sum counts once where the program computes it once. */
  readonly additions: number;
  /** The most values that its innermost code holds at a time. */
  readonly valuesAlive: number;
  /** Bytes read and written. */
  readonly bytes: number;
}

/** Describes what a program does for one problem, as it is planned; nothing is compiled or timed. */
export interface ProgramCost {
  /** Number of innermost products. */
  readonly products: number;
  /** Multiply-adds of all products, with what is added at the edges to make blocks equal. */
  readonly multiplyAdds: number;
  readonly a: PassCost;
  readonly b: PassCost;
  readonly c: PassCost;
}

/** Holds what one element of each pass costs, and how many elements and bytes there are. */
interface Passes {
  readonly products: number;
  readonly block: Dimensions;
  /** Additions for one element of all blocks. */
  readonly additions: OfMatrices;
  readonly valuesAlive: OfMatrices;
  readonly bytes: OfMatrices;
}

/** Multiplies the additions of an element by the elements of a block, and the products by their multiply-adds. */
export function costOfPasses({ products, block, additions, valuesAlive, bytes }: Passes): ProgramCost {
  const elements = { a: block.m * block.k, b: block.k * block.n, c: block.m * block.n };
  const pass = (of: 'a' | 'b' | 'c'): PassCost => ({
    additions: additions[of] * elements[of],
    valuesAlive: valuesAlive[of],
    bytes: bytes[of],
  });
  return { products, multiplyAdds: products * block.m * block.k * block.n, a: pass('a'), b: pass('b'), c: pass('c') };
}

/** Counts the bytes if every matrix is read or written once, and every operand and product once. */
export function bytesOfOnePass(
  problem: Dimensions,
  products: number,
  block: Dimensions,
  elementBytes: number,
): OfMatrices {
  const bytes = (rows: number, columns: number, blockRows: number, blockColumns: number): number =>
    (rows * columns + products * blockRows * blockColumns) * elementBytes;
  return {
    a: bytes(problem.m, problem.k, block.m, block.k),
    b: bytes(problem.k, problem.n, block.k, block.n),
    c: bytes(problem.m, problem.n, block.m, block.n),
  };
}

/** Holds one level as sums that share nothing. */
export interface UnsharedLevel {
  readonly size: Size;
  readonly rank: number;
  readonly a: Sums;
  readonly b: Sums;
  readonly c: Sums;
}

/**
 * Adds up what levels need of something for one element of all blocks, outermost first: an outer level goes over each block of the
 * levels inside it, an inner one over each result of those outside.
 */
export function overLevels<Level extends { readonly size: Size; readonly rank: number }>(
  levels: readonly Level[],
  countOf: (level: Level) => OfMatrices,
): OfMatrices {
  const total = { a: 0, b: 0, c: 0 };
  levels.forEach((level, index) => {
    const outer = levels.slice(0, index).reduce((product, { rank }) => product * rank, 1);
    const inner = levels.slice(index + 1).reduce((grid, { size }) => multiplied(grid, blocksOf(size)), ONE);
    const count = countOf(level);
    for (const of of ['a', 'b', 'c'] as const) total[of] += outer * count[of] * inner[of];
  });
  return total;
}

const ONE: OfMatrices = { a: 1, b: 1, c: 1 };

function blocksOf({ n, m, p }: Size): OfMatrices {
  return { a: n * m, b: m * p, c: n * p };
}

function multiplied(x: OfMatrices, y: OfMatrices): OfMatrices {
  return { a: x.a * y.a, b: x.b * y.b, c: x.c * y.c };
}

/** Counts additions of sums that share nothing. */
export function unsharedAdditions({ a, b, c }: Pick<UnsharedLevel, 'a' | 'b' | 'c'>): OfMatrices {
  return { a: countAdditions(a), b: countAdditions(b), c: countAdditions(c) };
}

/** Gives the longest sum of each matrix: what a loop that forms one sum reads at a time. */
export function longestSums({ a, b, c }: Pick<UnsharedLevel, 'a' | 'b' | 'c'>): OfMatrices {
  const longest = ({ sums }: Sums): number => sums.reduce((most, { length }) => Math.max(most, length), 0);
  return { a: longest(a), b: longest(b), c: longest(c) };
}

/** Describes the variant `temporaries` (native/temporaries.h): each level of each product goes over its own matrices. */
export function temporariesCost({ problem, levels, leaf, products }: Plan): ProgramCost {
  const bytes = ELEMENT_BYTES[problem.dtype];
  const passes = { a: NOTHING, b: NOTHING, c: NOTHING };
  let calls = 1;
  for (const level of levels) {
    const { size, rank, a, b, c, singleA, singleB, singleC } = level.algorithm;
    const { whole, block } = level;
    const insideA = blocksInside(size.m, [whole.m, whole.k], [block.m, block.k]);
    const insideB = blocksInside(size.p, [whole.k, whole.n], [block.k, block.n]);
    const insideC = blocksInside(size.p, [whole.m, whole.n], [block.m, block.n]);
    const formed = (sums: Sums, single: readonly number[], inside: (x: number) => boolean) =>
      sums.sums.filter((_, r) => !(single[r] >= 0 && inside(single[r])));
    const elements = elementsOf(level);
    passes.a = plus(passes.a, pass(formed(a, singleA, insideA), elements.a, calls, bytes));
    passes.b = plus(passes.b, pass(formed(b, singleB, insideB), elements.b, calls, bytes));
    // Blocks of C that are one product are computed in their place.
    const placed = new Set(singleC.filter((x) => x >= 0 && insideC(x)));
    const ofC = c.sums.filter((_, x) => !placed.has(x));
    passes.c = plus(passes.c, pass(ofC, elements.c, calls, bytes));
    calls *= rank;
  }
  return { products, multiplyAdds: products * leaf.m * leaf.k * leaf.n, ...passes };
}

const NOTHING: PassCost = { additions: 0, valuesAlive: 0, bytes: 0 };

/** Elements of one block of each matrix. */
function elementsOf({ block: { m, k, n } }: LevelPlan): OfMatrices {
  return { a: m * k, b: k * n, c: m * n };
}

/**
 * One pass, which `calls` products make: it reads each block or product that it uses once, as chunks of all of them stay in the
 * first-level cache, and writes each sum.
 */
function pass(sums: AlgorithmPlan['a']['sums'], elements: number, calls: number, elementBytes: number): PassCost {
  const read = new Set(sums.flatMap((sum) => sum.map(({ source }) => source))).size;
  return {
    additions: calls * elements * countAdditions({ sums, denominator: 1 }),
    valuesAlive: sums.reduce((most, { length }) => Math.max(most, length), 0),
    bytes: calls * elements * (read + sums.length) * elementBytes,
  };
}

function plus(x: PassCost, y: PassCost): PassCost {
  return {
    additions: x.additions + y.additions,
    valuesAlive: Math.max(x.valuesAlive, y.valuesAlive),
    bytes: x.bytes + y.bytes,
  };
}
