import type { Factorization, FactorMatrix } from './factorization.js';
import { type FitSample, fitNonNegative } from './non-negative-fit.js';
import type { Size } from './tensor.js';

// A model of the time of a packed program (agent/native/packed.h): what it has to do for a problem, times the seconds that each kind
// of work takes on a device. An exported library computes the same in C (agent/library/dispatch/work.h).

/** What decides the time of an algorithm, all its levels together. */
export interface PackedAlgorithm extends Size {
  readonly rank: number;
  /** Additions of blocks that the sums for A, for B and for C take, without common subexpressions. */
  readonly additions: readonly [a: number, b: number, c: number];
  /** How often A and B are read and C is updated: once, or as often as the steps of an outer level touch each of their blocks. */
  readonly touches: readonly [a: number, b: number, c: number];
}

/** The number of products from which on the level of the fewest products becomes steps (agent/src/plan/packed.ts). */
const STEPS_FROM_RANK = 100;

/** The register tile and the depth of its products. Programs that have none have { mr: 1, nr: 1, kc: Infinity }. */
export interface KernelShape {
  /** Rows and columns of the register tile, elements. */
  readonly mr: number;
  readonly nr: number;
  /** Largest depth between two updates of a register tile. */
  readonly kc: number;
}

/** C = A B with A m x k and B k x n. */
export interface TimedProblem {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly threads: number;
  readonly elementBytes: number;
}

/** Names the kinds of work of a packed program, in the order of packedWork. */
export const PACKED_WORK = [
  'multiply-adds',
  'tile updates',
  'packed bytes',
  'combined bytes',
  'additions',
  'calls',
] as const;
/** Names the kinds of work of a library's product, in the order of baselineWork. */
export const BASELINE_WORK = ['multiply-adds', 'bytes', 'calls'] as const;

/** Describes one level. */
export function packedLevelWork({ size, rank, u, v, w }: Factorization): PackedAlgorithm {
  const sums = (matrix: FactorMatrix, results: number): number => Math.max(0, countOf(matrix) - results);
  return { ...size, rank, additions: [sums(u, rank), sums(v, rank), sums(w, size.n * size.p)], touches: [1, 1, 1] };
}

function countOf({ coefficients }: FactorMatrix): number {
  return coefficients.reduce((count, x) => count + (x === 0 ? 0 : 1), 0);
}

/** Puts levels together, outermost first. An addition of outer blocks is one for each inner block in them. */
export function packedAlgorithm(levels: readonly PackedAlgorithm[]): PackedAlgorithm {
  const none: PackedAlgorithm = { n: 1, m: 1, p: 1, rank: 1, additions: [0, 0, 0], touches: [1, 1, 1] };
  const together = levels.reduce((outer, inner) => {
    const blocks = [inner.n * inner.m, inner.m * inner.p, inner.n * inner.p];
    const [a, b, c] = blocks.map((count, x) => outer.additions[x] * count + outer.rank * inner.additions[x]);
    return {
      ...{ n: outer.n * inner.n, m: outer.m * inner.m, p: outer.p * inner.p },
      ...{ rank: outer.rank * inner.rank, additions: [a, b, c] as const, touches: none.touches },
    };
  }, none);
  if (levels.length < 2 || together.rank < STEPS_FROM_RANK) return together;
  const { n, m, p, rank, additions } = levels.reduce((x, y) => (y.rank < x.rank ? y : x));
  // Its nonzeros for each block.
  const touches = [(additions[0] + rank) / (n * m), (additions[1] + rank) / (m * p), (additions[2] + n * p) / (n * p)];
  return { ...together, touches: [touches[0], touches[1], touches[2]] };
}

/**
 * Computes what a packed program has to do: one entry for each of PACKED_WORK. Blocks are rounded up to whole register tiles, so a
 * shape that the algorithm divides badly costs more; so do panels that the threads cannot share evenly.
 */
export function packedWork(
  { n, m, p, rank, additions, touches }: PackedAlgorithm,
  { mr, nr, kc }: KernelShape,
  { m: rowsOfC, k, n: columnsOfC, threads, elementBytes }: TimedProblem,
): number[] {
  const rows = Math.ceil(rowsOfC / n);
  const depth = Math.ceil(k / m);
  const columnPanels = Math.ceil(columnsOfC / (p * nr));
  const columns = columnPanels * nr;
  const rowPanels = Math.ceil(rows / mr);
  // A panel has mr rows or one less.
  const computedRows = Math.max(rows, rowPanels * Math.max(1, mr - 1));
  const product = rank * computedRows * columns;
  return [
    product * depth,
    product * Math.ceil(depth / kc),
    elementBytes *
      ((touches[0] * rowsOfC * k + rank * rows * depth) * unevenness(rowPanels, threads) +
        (touches[1] * k * columnsOfC + rank * depth * columns) * unevenness(columnPanels, threads)),
    // Each touch but the first reads C too.
    elementBytes * (rank * rows * columns + (2 * touches[2] - 1) * rowsOfC * columnsOfC),
    additions[0] * rows * depth + additions[1] * depth * columns + additions[2] * rows * columns,
    1,
  ];
}

/** Tells how much longer threads take than if they could share the panels evenly. */
function unevenness(panels: number, threads: number): number {
  return (Math.ceil(panels / threads) * threads) / panels;
}

/** Computes what a library's product has to do: one entry for each of BASELINE_WORK. */
export function baselineWork({ m, k, n, elementBytes }: TimedProblem): number[] {
  return [m * k * n, elementBytes * (m * k + k * n + m * n), 1];
}

/** Predicts seconds from work and the seconds for each unit of it. */
export function secondsFor(work: readonly number[], seconds: readonly number[]): number {
  return work.reduce((sum, amount, kind) => sum + amount * seconds[kind], 0);
}

/** Seconds for each unit of work that are assumed of a thread until something is measured, for elements of four bytes. */
const ASSUMED = {
  multiplyAdd: 2e-11,
  update: 5e-11,
  byte: 1e-10,
  addition: 5e-11,
  call: 2e-5,
};

/** Gives the seconds for each unit of PACKED_WORK that are assumed until something is measured. */
export function assumedPackedSeconds(
  { threads, elementBytes }: Pick<TimedProblem, 'threads' | 'elementBytes'>,
  multiplyAdd = (ASSUMED.multiplyAdd * elementBytes) / (4 * threads),
): number[] {
  const element = elementBytes / 4 / threads;
  // Threads share the way to memory.
  const byte = ASSUMED.byte / Math.sqrt(threads);
  return [multiplyAdd, ASSUMED.update * element, byte, byte, ASSUMED.addition * element, ASSUMED.call * threads];
}

/**
 * Fits the seconds for each unit of work to measured times. What the measurements do not tell stays near what is assumed of such a
 * device; a multiply-add takes at most what the fastest measurement leaves room for.
 */
export function fitPackedSeconds(
  samples: readonly FitSample[],
  about: Pick<TimedProblem, 'threads' | 'elementBytes'>,
): number[] {
  if (samples.length === 0) return assumedPackedSeconds(about);
  return fitNonNegative(samples, assumedPackedSeconds(about, fastestMultiplyAdd(samples)));
}

/** The same for a library's product and BASELINE_WORK. */
export function fitBaselineSeconds(
  samples: readonly FitSample[],
  { threads }: Pick<TimedProblem, 'threads'>,
): number[] {
  const multiplyAdd = samples.length === 0 ? ASSUMED.multiplyAdd / threads : fastestMultiplyAdd(samples);
  return fitNonNegative(samples, [multiplyAdd, ASSUMED.byte / 2 / Math.sqrt(threads), ASSUMED.call * threads]);
}

/** The share of a large product's time that goes into multiply-adds. */
const MULTIPLYING = 0.9;

function fastestMultiplyAdd(samples: readonly FitSample[]): number {
  return MULTIPLYING * Math.min(...samples.map(({ work, seconds }) => seconds / work[0]));
}
