import type { BasisMove } from './basis-move.js';
import type { OrbitTables } from './orbit-tables.js';
import { type Axis, addCross, gained, isUnit, setOwn, type Vectors } from './vectors.js';

// What a move of a few basis vectors of an axis does: foretold without making it, and made.

/** Foretells phi after a move of the basis vectors `chosen` of an axis. */
export function phiAfter(
  tables: OrbitTables,
  axis: Axis,
  chosen: readonly number[],
  { order, rowForm, columnForm }: BasisMove,
): number {
  const { rank, norms } = tables;
  const length = tables.lengths[axis];
  const [rows, columns] = [tables.rowGram[axis], tables.columnGram[axis]];
  const [a, b, c] = [norms[axis], norms[(axis + 2) % 3], norms[(axis + 1) % 3]];
  let phi = 0;
  if (order === 1) {
    const at = chosen[0] * (length + 1) * rank;
    const [f, g] = [rowForm[0], columnForm[0]];
    for (let r = 0; r < rank; r++) phi += c[r] * (a[r] + f * rows[at + r]) * (b[r] + g * columns[at + r]);
    return phi;
  }
  if (order === 2) {
    const [i, j] = chosen;
    const [ii, ij, jj] = [i * (length + 1) * rank, (i * length + j) * rank, j * (length + 1) * rank];
    const [f0, f1, f2] = rowForm;
    const [g0, g1, g2] = columnForm;
    for (let r = 0; r < rank; r++) {
      phi +=
        c[r] *
        (a[r] + f0 * rows[ii + r] + f1 * rows[ij + r] + f2 * rows[jj + r]) *
        (b[r] + g0 * columns[ii + r] + g1 * columns[ij + r] + g2 * columns[jj + r]);
    }
    return phi;
  }
  for (let r = 0; r < rank; r++) {
    let [row, column] = [a[r], b[r]];
    for (let s = 0, at = 0; s < order; s++) {
      for (let t = s; t < order; t++, at++) {
        const place = (chosen[s] * length + chosen[t]) * rank + r;
        row += rowForm[at] * rows[place];
        column += columnForm[at] * columns[place];
      }
    }
    phi += c[r] * row * column;
  }
  return phi;
}

/** Foretells the nonzeros after a move. */
export function nonzerosAfter(
  tables: OrbitTables,
  axis: Axis,
  chosen: readonly number[],
  { order, matrix, inverse, isDiagonal }: BasisMove,
): number {
  if (isDiagonal) return tables.nonzeros;
  const { rank, lengths, entries } = tables;
  const before = (axis + 2) % 3;
  const [length, width, height] = [lengths[axis], lengths[(axis + 1) % 3], lengths[before]];
  const [rows, columns] = [entries[axis], entries[before]];
  let { nonzeros } = tables;
  for (let s = 0; s < order; s++) {
    // One row of the matrix, and one column of its inverse, make one new vector.
    if (!isUnit(matrix, s * order, 1, s, order)) {
      for (let t = 0; t < width; t++) {
        nonzeros += gained(rows, chosen, width * rank, t * rank, matrix, s * order, 1, s, rank);
      }
    }
    if (!isUnit(inverse, s, order, s, order)) {
      for (let t = 0; t < height; t++) {
        nonzeros += gained(columns, chosen, rank, t * length * rank, inverse, s, order, s, rank);
      }
    }
  }
  return nonzeros;
}

/** Makes a move. Returns false, and changes nothing, where an entry would leave the range or have too many significant bits. */
export function applyMove(
  tables: OrbitTables,
  axis: Axis,
  chosen: readonly number[],
  { order, matrix, inverse }: BasisMove,
): boolean {
  if (mix(tables, axis, chosen, matrix, inverse, order)) return true;
  mix(tables, axis, chosen, inverse, matrix, order);
  return false;
}

function mix(
  tables: OrbitTables,
  axis: Axis,
  chosen: readonly number[],
  matrix: readonly number[],
  inverse: readonly number[],
  order: number,
): boolean {
  const { lengths, rowGram, columnGram } = tables;
  const before = ((axis + 2) % 3) as Axis;
  const [length, width, height] = [lengths[axis], lengths[(axis + 1) % 3], lengths[before]];
  const rows = { mode: axis, length, width, step: width, stride: 1 };
  const columns = { mode: before, length, width: height, step: 1, stride: length };
  const first = mixVectors(tables, rows, rowGram[axis], columnGram[(axis + 1) % 3], chosen, matrix, order, 1);
  const second = mixVectors(tables, columns, columnGram[axis], rowGram[before], chosen, inverse, 1, order);
  tables.sumPhi();
  return first && second;
}

/**
 * Vector s of one mode becomes the sum over t of coefficients[s * step + t * stride] times vector t; `own` holds the products of these
 * vectors, `cross` those across them. Returns whether every entry stays in range.
 */
function mixVectors(
  tables: OrbitTables,
  vectors: Vectors,
  own: Float64Array,
  cross: Float64Array,
  chosen: readonly number[],
  coefficients: readonly number[],
  step: number,
  stride: number,
): boolean {
  const { rank, scratch: kept } = tables;
  const entries = tables.entries[vectors.mode];
  const order = chosen.length;
  const changed = chosen.filter((_, s) => !isUnit(coefficients, s * step, stride, s, order));
  for (const i of changed) addCross(entries, cross, vectors, i, -1, rank);
  let isInRange = true;
  for (let at = 0; at < vectors.width; at++) {
    for (let t = 0; t < order; t++) {
      const from = (chosen[t] * vectors.step + at * vectors.stride) * rank;
      kept.set(entries.subarray(from, from + rank), t * rank);
    }
    for (let s = 0; s < order; s++) {
      if (!changed.includes(chosen[s])) continue;
      const to = (chosen[s] * vectors.step + at * vectors.stride) * rank;
      for (let r = 0; r < rank; r++) {
        let x = 0;
        for (let t = 0; t < order; t++) x += coefficients[s * step + t * stride] * kept[t * rank + r];
        if (entries[to + r] !== 0) tables.nonzeros--;
        if (x !== 0) tables.nonzeros++;
        entries[to + r] = x;
        if (!tables.isSimple(x)) isInRange = false;
      }
    }
  }
  for (const i of changed) addCross(entries, cross, vectors, i, 1, rank);
  for (const i of changed) for (let j = 0; j < vectors.length; j++) setOwn(entries, own, vectors, i, j, rank);
  const norms = tables.norms[vectors.mode].fill(0);
  for (let i = 0; i < vectors.length; i++) {
    const at = i * (vectors.length + 1) * rank;
    for (let r = 0; r < rank; r++) norms[r] += own[at + r];
  }
  return isInRange;
}
