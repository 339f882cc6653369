import { type Dimensions, ELEMENT_BYTES, type LevelPlan, type Plan } from './plan.js';

/**
 * Computes the bytes of temporary memory that the generated C program asks for (at_workspace of native/temporaries.h
 * computes the same). Each level has a place for every combination and product that does not lie in the matrices
 * themselves. The levels below share one workspace, because products are computed one after another.
 */
export function workspaceBytes(plan: Plan): number {
  const bytes = ELEMENT_BYTES[plan.problem.dtype];
  return plan.levels.reduce((sum, level) => sum + levelElements(level, bytes), 0) * bytes;
}

/**
 * Computes the bytes if every combination and every product of all levels has its own place.
 * @param elementBytes of the sums, which may be wider than the matrices
 */
export function unsharedWorkspaceBytes({ levels }: Plan, elementBytes: number): number {
  let products = 1;
  let bytes = 0;
  for (const { algorithm, block } of levels) {
    products *= algorithm.rank;
    bytes += products * matrixBytes(block, elementBytes);
  }
  return bytes;
}

/** Computes the bytes of the three matrices. */
export function matrixBytes({ m, k, n }: Dimensions, elementBytes: number): number {
  return (m * k + k * n + m * n) * elementBytes;
}

function levelElements({ algorithm, whole, block }: LevelPlan, elementBytes: number): number {
  const { size, rank, singleA, singleB, singleC } = algorithm;
  return (
    tableElements(rank, elementBytes) +
    placed(singleA, size.m, [whole.m, whole.k], [block.m, block.k], elementBytes) +
    placed(singleB, size.p, [whole.k, whole.n], [block.k, block.n], elementBytes) +
    placed(singleC, size.p, [whole.m, whole.n], [block.m, block.n], elementBytes)
  );
}

/** Counts the elements for the places and the strides of all products (at_table of native/temporaries.h): six words each. */
function tableElements(rank: number, elementBytes: number): number {
  return (Math.ceil((6 * 8 * rank) / 64) * 64) / elementBytes;
}

/**
 * Counts the elements for the products of one operand. A product of a single block that lies inside the matrix needs
 * none.
 */
function placed(
  single: readonly number[],
  gridColumns: number,
  [height, width]: readonly [number, number],
  [rows, columns]: readonly [number, number],
  elementBytes: number,
): number {
  const each = rows * stride(columns, elementBytes);
  const inside = blocksInside(gridColumns, [height, width], [rows, columns]);
  return single.filter((x) => x < 0 || !inside(x)).length * each;
}

/** Makes a function that tells whether a block, numbered row by row, lies wholly inside its matrix (at_whole of native/temporaries.h). */
export function blocksInside(
  gridColumns: number,
  [height, width]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): (block: number) => boolean {
  return (x) => (Math.floor(x / gridColumns) + 1) * rows <= height && ((x % gridColumns) + 1) * columns <= width;
}

/**
 * Gives the leading dimension of a temporary: whole cache lines, never a multiple of 4 KiB (at_stride of
 * native/temporaries.h).
 */
function stride(columns: number, elementBytes: number): number {
  const line = 64 / elementBytes;
  const elements = Math.ceil(columns / line) * line;
  return (elements * elementBytes) % 4096 === 0 ? elements + line : elements;
}
