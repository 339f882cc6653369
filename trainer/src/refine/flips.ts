import type { OrbitTables } from './orbit-tables.js';
import type { Axis } from './vectors.js';

// Flips: pairs of products that share a factor become another pair with the same sum, in another orbit.

/** Describes two products with proportional factors of one mode: factor s is `ratio` times factor r. */
export interface FlipPair {
  readonly r: number;
  readonly s: number;
  readonly ratio: number;
  readonly shared: Axis;
  /** The mode in which r takes from s, and the one in which s pays for it. */
  readonly taking: Axis;
  readonly paying: Axis;
}

/** The factor between two weights of a fingerprint, which are taken modulo 1: numbers without a relation. */
const WEIGHT_STEP = 7.38905609893065;

/** Finds the pairs of products that share a factor up to a power of two and its sign. Each pair is listed in all its roles. */
export function findFlips(tables: OrbitTables): FlipPair[] {
  const found: FlipPair[] = [];
  for (const shared of [0, 1, 2] as const) {
    const [next, last] = [((shared + 1) % 3) as Axis, ((shared + 2) % 3) as Axis];
    for (const [r, s] of likelyPairs(tables, shared)) {
      const ratio = ratioOf(tables, shared, r, s);
      if (ratio === undefined) continue;
      found.push({ r, s, ratio, shared, taking: next, paying: last });
      found.push({ r, s, ratio, shared, taking: last, paying: next });
      found.push({ r: s, s: r, ratio: 1 / ratio, shared, taking: next, paying: last });
      found.push({ r: s, s: r, ratio: 1 / ratio, shared, taking: last, paying: next });
    }
  }
  return found;
}

/**
 * Lists the pairs of products r > s whose factors of a mode have the same fingerprint: a fixed linear form of the entries over the first
 * of them. A power of two and a sign change neither its numerator's rounding nor its denominator's, so that such multiples always agree.
 */
function likelyPairs({ entries: modes, rank }: OrbitTables, mode: Axis): [r: number, s: number][] {
  const entries = modes[mode];
  const forms = new Float64Array(rank);
  const firsts = new Float64Array(rank);
  for (let at = 0, weight = 1; at < entries.length; at += rank, weight = (weight * WEIGHT_STEP) % 1) {
    for (let r = 0; r < rank; r++) {
      const x = entries[at + r];
      forms[r] += weight * x;
      if (firsts[r] === 0) firsts[r] = x;
    }
  }
  const groups = new Map<number, number[]>();
  const pairs: [number, number][] = [];
  for (let r = 0; r < rank; r++) {
    const fingerprint = forms[r] / firsts[r];
    const group = groups.get(fingerprint);
    if (group === undefined) groups.set(fingerprint, [r]);
    else {
      for (const s of group) pairs.push([r, s]);
      group.push(r);
    }
  }
  return pairs;
}

/** Foretells phi and nonzeros after a flip. Phi is infinite where a factor would vanish. */
export function afterFlip(tables: OrbitTables, pair: FlipPair, amount: number): { phi: number; nonzeros: number } {
  const { r, s, shared, taking, paying } = pair;
  const grown = combined(tables, taking, r, s, amount);
  const paid = combined(tables, paying, s, r, -amount / pair.ratio);
  const { norms } = tables;
  const phi =
    tables.phi +
    norms[shared][r] * norms[paying][r] * (grown.norm - norms[taking][r]) +
    norms[shared][s] * norms[taking][s] * (paid.norm - norms[paying][s]);
  // A factor that vanishes would be a product less, which no known scheme of least rank allows; the search leaves it aside.
  const vanishes = grown.norm === 0 || paid.norm === 0;
  return { phi: vanishes ? Number.POSITIVE_INFINITY : phi, nonzeros: tables.nonzeros + grown.gained + paid.gained };
}

/**
 * Flips two products that share a factor a. a (x) (b_r (x) c_r + ratio b_s (x) c_s) becomes a (x) ((b_r + amount b_s) (x) c_r + ratio b_s
 * (x) (c_s - amount / ratio c_r)), the same tensor in another orbit (Kauers & Moosbauer, flip graphs, 2022). Returns false, and changes
 * nothing, where an entry would leave the range or have too many significant bits.
 */
export function flip(tables: OrbitTables, pair: FlipPair, amount: number): boolean {
  const { r, s, taking, paying, ratio } = pair;
  const first = add(tables, taking, r, s, amount);
  const second = add(tables, paying, s, r, -amount / ratio);
  if (!first || !second) {
    add(tables, paying, s, r, amount / ratio);
    add(tables, taking, r, s, -amount);
  }
  sumFactor(tables, taking, r);
  sumFactor(tables, paying, s);
  tables.sumPhi();
  return first && second;
}

/** By what power of two, with its sign, factor `s` of a mode is a multiple of factor `r`. */
function ratioOf(tables: OrbitTables, mode: Axis, r: number, s: number): number | undefined {
  const entries = tables.entries[mode];
  let ratio: number | undefined;
  for (let at = 0; at < entries.length; at += tables.rank) {
    const [x, y] = [entries[at + r], entries[at + s]];
    if (x === 0 && y === 0) continue;
    if (x === 0 || y === 0) return undefined;
    ratio ??= y / x;
    if (ratio * x !== y) return undefined;
  }
  return ratio !== undefined && Number.isInteger(Math.log2(Math.abs(ratio))) ? ratio : undefined;
}

/** The squared norm of factor `to` plus `amount` times factor `from` of a mode, and how many nonzeros it has more. */
function combined(
  { entries: modes, rank }: OrbitTables,
  mode: Axis,
  to: number,
  from: number,
  amount: number,
): { norm: number; gained: number } {
  const entries = modes[mode];
  let [norm, gained] = [0, 0];
  for (let at = 0; at < entries.length; at += rank) {
    const before = entries[at + to];
    const x = before + amount * entries[at + from];
    norm += x * x;
    if (x !== 0) gained++;
    if (before !== 0) gained--;
  }
  return { norm, gained };
}

/** Adds to factor `to` of a mode `amount` times factor `from`, without the sums. Returns whether every entry is simple. */
function add(tables: OrbitTables, mode: Axis, to: number, from: number, amount: number): boolean {
  const entries = tables.entries[mode];
  let isInRange = true;
  for (let at = 0; at < entries.length; at += tables.rank) {
    const before = entries[at + to];
    const x = before + amount * entries[at + from];
    if (before !== 0) tables.nonzeros--;
    if (x !== 0) tables.nonzeros++;
    entries[at + to] = x;
    if (!tables.isSimple(x)) isInRange = false;
  }
  return isInRange;
}

/** Sums the products of the rows and of the columns of one factor, and its norm. */
function sumFactor(tables: OrbitTables, mode: Axis, product: number): void {
  const { rank, lengths } = tables;
  const next = (mode + 1) % 3;
  const [rows, columns] = [lengths[mode], lengths[next]];
  const [entries, rowGram, columnGram] = [tables.entries[mode], tables.rowGram[mode], tables.columnGram[next]];
  const entry = (i: number, j: number): number => entries[(i * columns + j) * rank + product];
  let norm = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      let x = 0;
      for (let t = 0; t < columns; t++) x += entry(i, t) * entry(j, t);
      rowGram[(i * rows + j) * rank + product] = x;
      if (i === j) norm += x;
    }
  }
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      let x = 0;
      for (let t = 0; t < rows; t++) x += entry(t, i) * entry(t, j);
      columnGram[(i * columns + j) * rank + product] = x;
    }
  }
  tables.norms[mode][product] = norm;
}
