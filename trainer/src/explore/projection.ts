import type { Size, VerifiedFactorization } from '@alphatensor-edge/shared';
import { type Dimension, project, SIDES, shear } from './between-sizes.js';
import { type PackedTerms, widthOf } from './packed-terms.js';

/** The longest dimension that is projected here: two directions fit in the 53 bits of an integer. */
export const MAX_LENGTH = 26;

/**
 * Says along what a dimension loses one, modulo 2: the basis of the dimension is changed so that `along` becomes its first vector and
 * `across`, with `across` . `along` = 1, that vector's coordinate; then the coordinate goes. Both are bits, one for each index.
 */
export interface Projection {
  readonly dimension: Dimension;
  readonly across: number;
  readonly along: number;
  /** The number of products that vanish. */
  readonly vanishing: number;
}

/**
 * Finds the projection, among those in all bases of a dimension, in which the most products vanish, modulo 2. A product vanishes where
 * the factor that has the dimension as columns is x (x) `across`, or the one that has it as rows is `along` (x) y. Only what
 * factors have needs to be tried.
 * @param dimension at most MAX_LENGTH long
 */
export function bestProjection(terms: PackedTerms, size: Size, dimension: Dimension): Projection {
  const asColumns = SIDES.findIndex(([, columnSide]) => columnSide === dimension);
  const asRows = SIDES.findIndex(([rowSide]) => rowSide === dimension);
  const across = new Map<number, number>();
  const along = new Map<number, number>();
  const both = new Map<number, number>();
  for (let term = 0; term < terms.rank; term++) {
    const h = directionOf(terms, 3 * term + asColumns, size, 'columns');
    const k = directionOf(terms, 3 * term + asRows, size, 'rows');
    if (h !== 0) count(across, h);
    if (k !== 0) count(along, k);
    if (h !== 0 && k !== 0) count(both, pairKey(h, k));
  }
  // A direction that no factor has takes nothing away; one such partner for each of the others is enough.
  for (const h of [...across.keys()]) if (!along.has(h & -h)) along.set(h & -h, 0);
  for (const k of [...along.keys()]) if (!across.has(k & -k)) across.set(k & -k, 0);
  let best: Projection = { dimension, across: 1, along: 1, vanishing: 0 };
  for (const [h, acrossCount] of across) {
    for (const [k, alongCount] of along) {
      const vanishing = acrossCount + alongCount - (both.get(pairKey(h, k)) ?? 0);
      if (vanishing > best.vanishing && isOdd(h & k)) best = { dimension, across: h, along: k, vanishing };
    }
  }
  return best;
}

/** Projects a factorization modulo 2. */
export function projectAlong(
  from: VerifiedFactorization,
  { dimension, across, along }: Projection,
): VerifiedFactorization {
  // An index that both have. Row operations take the others away, first from `along`, then from `across`.
  const index = 31 - Math.clz32(across & along);
  let [image, h, k] = [from, across, along];
  for (let other = 0; other < from.size[dimension]; other++) {
    if (other === index || ((k >> other) & 1) === 0) continue;
    image = shear(image, dimension, index, other);
    k ^= 1 << other;
    h ^= ((h >> other) & 1) << index;
  }
  for (let other = 0; other < from.size[dimension]; other++) {
    if (other !== index && ((h >> other) & 1) === 1) image = shear(image, dimension, other, index);
  }
  return project(image, dimension, index);
}

/** Gives the one vector, as bits, whose multiples all rows (for `columns`) or columns (for `rows`) of a factor are; 0 if there is none. */
function directionOf(terms: PackedTerms, slot: number, size: Size, side: 'rows' | 'columns'): number {
  const [rowSide, columnSide] = SIDES[slot % 3];
  const [rows, columns] = [size[rowSide], size[columnSide]];
  const start = widthOf(terms) * slot;
  const [lines, length, step, stride] = side === 'columns' ? [rows, columns, columns, 1] : [columns, rows, 1, columns];
  let direction = 0;
  for (let line = 0; line < lines; line++) {
    let bits = 0;
    for (let at = 0; at < length; at++) {
      const i = line * step + at * stride;
      bits |= ((terms.words[start + (i >> 5)] >>> (i & 31)) & 1) << at;
    }
    if (bits === 0) continue;
    if (direction !== 0 && bits !== direction) return 0;
    direction = bits;
  }
  return direction;
}

/** Numbers a pair of directions. */
function pairKey(across: number, along: number): number {
  return across * 2 ** MAX_LENGTH + along;
}

function count(of: Map<number, number>, key: number): void {
  of.set(key, (of.get(key) ?? 0) + 1);
}

function isOdd(bits: number): boolean {
  let rest = bits;
  let odd = false;
  for (; rest !== 0; rest &= rest - 1) odd = !odd;
  return odd;
}
