import { contentHash, formatSize, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { exactRangeOf, operandGrowth, packedGrowth } from '../../plan/exact-range.js';
import { gridOf, type PackedGrid, type PackedLevel, planPackedLevel } from '../../plan/packed.js';
import { type Dimensions, ELEMENT_BYTES, type NumberFormat, type ProblemShape } from '../../plan/plan.js';
import { bytesOfOnePass, costOfPasses, type ProgramCost } from '../../plan/program-cost.js';
import { bodyCosts } from '../body-cost.js';
import { requireRank } from '../limits.js';
import { mergeBody, type Places, splitBody } from '../transforms.js';

/**
 * Names the only way to build these programs: all operands, then all products by one batched call of cuBLAS, then C.
 */
export const CUDA_VARIANTS = ['batched'] as const;

/** Bounds the products: nvcc takes about half a minute for three levels of Strassen. */
const MAX_RANK = 400;

const FORMAT: Readonly<Record<NumberFormat, string>> = { f32: 'AT_F32', f64: 'AT_F64', f16: 'AT_F16', bf16: 'AT_BF16' };

/** Bounds the 32-bit registers that a thread may use for the blocks that it adds up. It has 255, addresses included. */
const MAX_REGISTERS = 144;
const LINE_BYTES = 16;
/** Aligns the parts of the workspace, bytes. native/cuda/program.cuh computes the same. */
const ALIGNMENT = 256;

/**
 * Makes a candidate as CUDA C++ on native/cuda/program.cuh, for native/cuda/harness.cu.
 * @param precision the format that cuBLAS rounds operands to, if it is not that of the matrices (TF32 has as many bits
 * as f16)
 */
export function cudaProgram(
  levels: readonly VerifiedFactorization[],
  dtype: NumberFormat,
  precision: NumberFormat = dtype,
) {
  const plans = levels.map(planPackedLevel);
  const grid = gridOf(plans);
  const growth = { operands: operandGrowth(plans), products: packedGrowth(plans) };
  const formats = { operands: precision, sums: sumFormat(dtype), result: dtype };
  return {
    variant: CUDA_VARIANTS[0],
    levels,
    dtype,
    source: () => cudaSource(levels, plans, dtype),
    workspaceBytes: (problem: ProblemShape) => workspaceBytes(grid, problem),
    cost: (problem: ProblemShape) => cudaCost(plans, problem),
    exactRange: (problem: ProblemShape) => exactRangeOf(growth, cudaBlock(grid, problem).k, problem.k, formats),
  };
}

/** Gives the format of sums and products: f32 for f16 and bf16. */
function sumFormat(dtype: NumberFormat): NumberFormat {
  return dtype === 'f64' ? 'f64' : 'f32';
}

/**
 * Computes the dimensions of one block product, with the rows of its matrices padded to whole lines of 16 bytes.
 * native/cuda/program.cuh computes the same.
 */
function cudaBlock({ n, m, p }: PackedGrid, { m: rows, k: depth, n: columns, dtype }: ProblemShape): Dimensions {
  const line = LINE_BYTES / ELEMENT_BYTES[dtype];
  const padded = (size: number): number => Math.ceil(size / line) * line;
  return { m: Math.ceil(rows / n), k: padded(Math.ceil(depth / m)), n: padded(Math.ceil(columns / p)) };
}

/** Describes a program: three kernels that go over the matrices once, and one batch of products. */
function cudaCost(plans: readonly PackedLevel[], problem: ProblemShape): ProgramCost {
  const grid = gridOf(plans);
  const block = cudaBlock(grid, problem);
  const operand = bytesOfOnePass(problem, grid.rank, block, ELEMENT_BYTES[problem.dtype]);
  const result = bytesOfOnePass(problem, grid.rank, block, ELEMENT_BYTES[sumFormat(problem.dtype)]);
  const bytes = { a: operand.a, b: operand.b, c: result.c };
  return costOfPasses({ products: grid.rank, block, ...bodyCosts(plans), bytes });
}

function workspaceBytes(grid: PackedGrid, problem: ProblemShape): number {
  const { m, k, n } = cudaBlock(grid, problem);
  const [operand, product] = [ELEMENT_BYTES[problem.dtype], ELEMENT_BYTES[sumFormat(problem.dtype)]];
  return [m * k * operand, k * n * operand, m * n * product].reduce(
    (sum, bytes) => sum + Math.ceil((grid.rank * bytes) / ALIGNMENT) * ALIGNMENT,
    0,
  );
}

function cudaSource(
  levels: readonly VerifiedFactorization[],
  plans: readonly PackedLevel[],
  dtype: NumberFormat,
): string {
  const { n, m, p, rank } = gridOf(plans);
  requireRank(rank, MAX_RANK);
  return [
    `// Generated: ${levels.map(describe).join(' over ')}, ${dtype}.`,
    `#define AT_FORMAT ${FORMAT[dtype]}`,
    `#define AT_PACK ${packOf(plans, dtype)}`,
    ...Object.entries({ AT_N: n, AT_M: m, AT_P: p, AT_RANK: rank }).map(([name, value]) => `#define ${name} ${value}`),
    '#include "cuda_candidate.h"',
    '#include "elements.cuh"',
    '',
    ...kernel('at_split_a', 'at_element *operands', splitBody(plans, 'a', splitPlaces(m))),
    ...kernel('at_split_b', 'at_element *operands', splitBody(plans, 'b', splitPlaces(p))),
    ...kernel('at_merge_c', 'const at_real *products', mergeBody(plans, mergePlaces(p))),
    '#include "program.cuh"',
    '',
  ].join('\n');
}

function describe(level: VerifiedFactorization): string {
  return `${formatSize(level.size).slice(0, -1)};${level.rank}> ${contentHash(level).slice(0, 12)}`;
}

function kernel(name: string, others: string, body: readonly string[]): string[] {
  return [
    'template <bool WHOLE>',
    `__global__ void __launch_bounds__(256) ${name}(at_matrix matrix, ${others}) {`,
    '  AT_FOR_EACH_PACK(matrix) {',
    ...body.map((line) => `    ${line}`),
    '  }',
    '}',
    '',
  ];
}

function splitPlaces(columns: number): Places {
  return { read: (x) => blockPlace(x, columns), write: (r) => `AT_OPERAND(${r})` };
}

function mergePlaces(columns: number): Places {
  return { read: (r) => `AT_PRODUCT(${r})`, write: (x) => blockPlace(x, columns) };
}

function blockPlace(x: number, columns: number): string {
  return `AT_BLOCK(${Math.floor(x / columns)}, ${x % columns})`;
}

/**
 * Chooses how many elements of a row a thread handles together, a power of two. The values that a transform keeps alive
 * must fit in the registers.
 */
function packOf(plans: readonly PackedLevel[], dtype: NumberFormat): number {
  const words = ELEMENT_BYTES[sumFormat(dtype)] / 4;
  const fits = (pack: number): boolean => pack * words * valuesAlive(plans) <= MAX_REGISTERS;
  let pack = LINE_BYTES / ELEMENT_BYTES[dtype];
  while (pack > 1 && !fits(pack)) pack /= 2;
  return pack;
}

/**
 * Estimates how many values the transforms keep alive: the results of each level, for every block of the levels below.
 */
function valuesAlive(plans: readonly PackedLevel[]): number {
  let alive = 0;
  let inner = { a: 1, b: 1, c: 1 };
  for (const { size, rank } of plans.toReversed()) {
    const { n, m, p } = size;
    alive += Math.max(rank * inner.a, rank * inner.b, rank * inner.c);
    inner = { a: inner.a * n * m, b: inner.b * m * p, c: inner.c * n * p };
  }
  return alive;
}
