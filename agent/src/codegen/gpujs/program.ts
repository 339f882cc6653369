import { compose, modeLengths, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { countSummands, type Sums, sumsOverEntries, sumsOverProducts } from '../../plan/additions.js';
import { exactRange, temporariesGrowth } from '../../plan/exact-range.js';
import { levelSums } from '../../plan/packed.js';
import { blockOf, type Dimensions, type DType, ELEMENT_BYTES, type ProblemShape } from '../../plan/plan.js';
import { costOfPasses, longestSums, type ProgramCost, unsharedAdditions } from '../../plan/program-cost.js';
import { matrixBytes } from '../../plan/workspace.js';
import { requireRank } from '../limits.js';

/** Names the only way to build these programs: a pipeline of four kernels for every algorithm. */
export const GPUJS_VARIANTS = ['pipeline'] as const;

const MAX_RANK = 500;

/** Holds one summand of a table: a block or a product, and its coefficient. */
type Term = readonly [source: number, coefficient: number];

/** Holds what the kernels of native/gpujs-harness.mjs take: all levels as one <n,m,p> algorithm, blocks row by row. */
interface GpujsTables {
  readonly n: number;
  readonly m: number;
  readonly p: number;
  readonly rank: number;
  /** For each product the blocks of A, and of B, that it multiplies. */
  readonly a: readonly (readonly Term[])[];
  readonly b: readonly (readonly Term[])[];
  /** For each of the n*p blocks of C the products in its sum. */
  readonly c: readonly (readonly Term[])[];
}

/** Makes a candidate as tables for the kernels of native/gpujs-harness.mjs. */
export function gpujsProgram(levels: readonly VerifiedFactorization[]) {
  const rank = levels.reduce((product, level) => product * level.rank, 1);
  const growth = temporariesGrowth(levels);
  const dtype: DType = 'f32';
  const blockIn = (problem: Dimensions): Dimensions => blockOf(problem, sizeOf(levels));
  return {
    variant: GPUJS_VARIANTS[0],
    levels,
    dtype,
    source: () => {
      requireRank(rank, MAX_RANK);
      return JSON.stringify(tablesOf(levels.reduce(compose)));
    },
    workspaceBytes: (problem: ProblemShape) => rank * matrixBytes(blockIn(problem), ELEMENT_BYTES[dtype]),
    cost: (problem: ProblemShape) => gpujsCost(levels, rank, blockIn(problem)),
    exactRange: (problem: ProblemShape) => exactRange(growth, blockIn(problem).k, problem.k, dtype),
  };
}

/** Describes a program: each sum is formed by itself and reads all its summands. */
function gpujsCost(levels: readonly VerifiedFactorization[], rank: number, block: Dimensions): ProgramCost {
  const whole = levelSums(levels.reduce(compose));
  const bytes = (sums: Sums, rows: number, columns: number): number =>
    (countSummands(sums) + sums.sums.length) * rows * columns * ELEMENT_BYTES.f32;
  return costOfPasses({
    products: rank,
    block,
    additions: unsharedAdditions(whole),
    valuesAlive: longestSums(whole),
    bytes: {
      a: bytes(whole.a, block.m, block.k),
      b: bytes(whole.b, block.k, block.n),
      c: bytes(whole.c, block.m, block.n),
    },
  });
}

function sizeOf(levels: readonly VerifiedFactorization[]): VerifiedFactorization['size'] {
  return levels.reduce(({ n, m, p }, { size }) => ({ n: n * size.n, m: m * size.m, p: p * size.p }), {
    n: 1,
    m: 1,
    p: 1,
  });
}

function tablesOf({ size, rank, u, v, w }: VerifiedFactorization): GpujsTables {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const rows = Array.from({ length: rank }, (_, r) => r);
  // w indexes C transposed, k*n+i; blocks of C are i*p+k.
  const entries = Array.from({ length: size.n * size.p }, (_, x) => (x % size.p) * size.n + Math.floor(x / size.p));
  return {
    ...size,
    rank,
    a: terms(sumsOverEntries(u, rows, lengthU)),
    b: terms(sumsOverEntries(v, rows, lengthV)),
    c: terms(sumsOverProducts(w, rows, lengthW, entries)),
  };
}

function terms({ sums, denominator }: Sums): Term[][] {
  return sums.map((sum) => sum.map(({ source, coefficient }) => [source, coefficient / denominator]));
}
