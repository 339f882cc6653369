// Arithmetic on the entries of an orbit point: products innermost, so that every inner loop runs over contiguous numbers.

/** Names an axis, n, m or p, or the mode whose rows it counts. */
export type Axis = 0 | 1 | 2;

/** Describes the rows or the columns of all matrices of one mode: entry t of vector i is at index i * step + t * stride. */
export interface Vectors {
  readonly mode: Axis;
  /** How many vectors there are, and how many entries each has. */
  readonly length: number;
  readonly width: number;
  readonly step: number;
  readonly stride: number;
}

/** Tells whether coefficients[from + t * step] is 1 at t = s and else 0. */
export function isUnit(coefficients: readonly number[], from: number, step: number, s: number, order: number): boolean {
  for (let t = 0; t < order; t++) if (coefficients[from + t * step] !== (t === s ? 1 : 0)) return false;
  return true;
}

/**
 * Counts how many nonzeros more the vector `s` has when it becomes the sum over t of coefficients[from + t * step] times vector t. Vector t
 * begins at chosen[t] * stride + offset.
 */
export function gained(
  entries: Float64Array,
  chosen: readonly number[],
  stride: number,
  offset: number,
  coefficients: readonly number[],
  from: number,
  step: number,
  s: number,
  rank: number,
): number {
  let count = 0;
  const self = chosen[s] * stride + offset;
  if (chosen.length === 2) {
    const other = chosen[1 - s] * stride + offset;
    const [a, b] = [coefficients[from + s * step], coefficients[from + (1 - s) * step]];
    for (let r = 0; r < rank; r++) {
      const [x, y] = [entries[self + r], entries[other + r]];
      if (a * x + b * y !== 0) count++;
      if (x !== 0) count--;
    }
    return count;
  }
  for (let r = 0; r < rank; r++) {
    let x = 0;
    for (let t = 0; t < chosen.length; t++)
      x += coefficients[from + t * step] * entries[chosen[t] * stride + offset + r];
    if (x !== 0) count++;
    if (entries[self + r] !== 0) count--;
  }
  return count;
}

/** Adds to the products across vectors: gram[t, t'] += sign * (entry t of vector i) * (entry t' of vector i). */
export function addCross(
  entries: Float64Array,
  gram: Float64Array,
  vectors: Vectors,
  i: number,
  sign: number,
  rank: number,
): void {
  const { width, step, stride } = vectors;
  for (let s = 0; s < width; s++) {
    for (let t = 0; t <= s; t++) {
      const [x, y] = [(i * step + s * stride) * rank, (i * step + t * stride) * rank];
      const [st, ts] = [(s * width + t) * rank, (t * width + s) * rank];
      for (let r = 0; r < rank; r++) gram[st + r] += sign * entries[x + r] * entries[y + r];
      if (s !== t) gram.copyWithin(ts, st, st + rank);
    }
  }
}

/** Sets gram[i, j] and gram[j, i] to the products of vectors i and j. */
export function setOwn(
  entries: Float64Array,
  gram: Float64Array,
  vectors: Vectors,
  i: number,
  j: number,
  rank: number,
): void {
  const { length, width, step, stride } = vectors;
  const [ij, ji] = [(i * length + j) * rank, (j * length + i) * rank];
  gram.fill(0, ij, ij + rank);
  for (let t = 0; t < width; t++) {
    const [x, y] = [(i * step + t * stride) * rank, (j * step + t * stride) * rank];
    for (let r = 0; r < rank; r++) gram[ij + r] += entries[x + r] * entries[y + r];
  }
  if (i !== j) gram.copyWithin(ji, ij, ij + rank);
}
