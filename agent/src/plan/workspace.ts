import { type Dimensions, ELEMENT_BYTES, type LevelPlan, type Plan } from './plan.js';

/**
 * Bytes of temporary memory the generated C program asks for (native/temporaries.h, at_workspace, computes the same): at every
 * level a place for each combination and product that does not lie in the matrices themselves; the levels below share
 * one workspace, because the products are computed one after another.
 */
export function workspaceBytes(plan: Plan): number {
  const bytes = ELEMENT_BYTES[plan.problem.dtype];
  return plan.levels.reduce((sum, level) => sum + levelElements(level, bytes), 0) * bytes;
}

/**
 * Bytes where every combination and every product of all levels has a place of its own.
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

/** Bytes of the three matrices themselves. */
export function matrixBytes({ m, k, n }: Dimensions, elementBytes: number): number {
  return (m * k + k * n + m * n) * elementBytes;
}

function levelElements({ algorithm, whole, block }: LevelPlan, elementBytes: number): number {
  const { size, singleA, singleB, singleC } = algorithm;
  return (
    placed(singleA, size.m, [whole.m, whole.k], [block.m, block.k], elementBytes) +
    placed(singleB, size.p, [whole.k, whole.n], [block.k, block.n], elementBytes) +
    placed(singleC, size.p, [whole.m, whole.n], [block.m, block.n], elementBytes)
  );
}

/** Elements for the products of one operand; one that is a single block wholly inside the matrix needs none. */
function placed(
  single: readonly number[],
  gridColumns: number,
  [height, width]: readonly [number, number],
  [rows, columns]: readonly [number, number],
  elementBytes: number,
): number {
  const each = rows * stride(columns, elementBytes);
  const inside = (x: number): boolean =>
    (Math.floor(x / gridColumns) + 1) * rows <= height && ((x % gridColumns) + 1) * columns <= width;
  return single.filter((x) => x < 0 || !inside(x)).length * each;
}

/** Leading dimension of a temporary: whole cache lines, never a multiple of 4 KiB (native/temporaries.h, at_stride). */
function stride(columns: number, elementBytes: number): number {
  const line = 64 / elementBytes;
  const elements = Math.ceil(columns / line) * line;
  return (elements * elementBytes) % 4096 === 0 ? elements + line : elements;
}
