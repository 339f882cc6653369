import type { Random } from '@alphatensor-edge/shared';
import { type PackedTerms, widthOf } from './packed-terms.js';
import { SlotTable } from './slot-table.js';
import type { Walk } from './walk.js';

/** Pairs of orbits that a plus transition tries before it gives up. */
const PLUS_TRIES = 100;
/** After this many draws in a row that give no flip, the walk counts as having none. */
const MAX_REFUSED = 10_000;

/**
 * Walks among the factorizations modulo 2 of <n,n,n> that rotating the modes leaves as they are (Moosbauer & Poole, "Flip graphs
 * with symmetry and new matrix multiplication schemes", arXiv 2502.04514). Such a factorization is a set of orbits
 *
 *   [a,b,c] = a(x)b(x)c + b(x)c(x)a + c(x)a(x)b
 *
 * of three products, and of single products a(x)a(x)a. A step is a flip, reduction or plus transition of one product of each of
 * two orbits, done in all three rotations at once. No step touches the single products. Their number decides which ranks a walk can
 * come to.
 */
export class CyclicWalk implements Walk {
  readonly #table: SlotTable;
  readonly #random: Random;
  readonly #capacity: number;
  #orbits = 0;
  /** The factors of the single products. */
  #singles: readonly Int32Array[] = [];

  /**
   * @param capacity the highest number of products
   * @param width words of a factor
   */
  constructor(
    capacity: number,
    random: Random,
    readonly width = 2,
  ) {
    this.#capacity = Math.ceil(capacity / 3) + 1;
    this.#table = new SlotTable(this.#capacity, true, width);
    this.#random = random;
  }

  get rank(): number {
    return 3 * this.#orbits + this.#singles.length;
  }

  /**
   * Puts the walk on another factorization and reduces it as far as it goes.
   * @throws Error if rotating the modes changes the factorization
   */
  load(terms: PackedTerms): void {
    const table = this.#table;
    while (this.#orbits > 0) this.#removeOrbit(this.#orbits - 1);
    const found = orbitsOf(terms);
    if (found === undefined) throw new Error('rotating the modes changes the factorization');
    this.#singles = found.singles;
    for (const term of found.orbits) {
      const slot = 3 * this.#orbits++;
      for (let mode = 0; mode < 3; mode++) {
        table.write(slot + mode, terms.words, this.width * (3 * term + mode));
        table.link(slot + mode);
      }
    }
    this.#reduce();
  }

  terms(): PackedTerms {
    const { rank, width } = this;
    const words = new Int32Array(3 * width * rank);
    let at = 0;
    for (let orbit = 0; orbit < this.#orbits; orbit++) {
      for (let turn = 0; turn < 3; turn++) {
        for (let mode = 0; mode < 3; mode++) {
          this.#table.read(3 * orbit + ((mode + turn) % 3), words, at);
          at += width;
        }
      }
    }
    for (const single of this.#singles) {
      for (let mode = 0; mode < 3; mode++) {
        words.set(single, at);
        at += width;
      }
    }
    return { rank, words, signs: new Int8Array(rank).fill(1) };
  }

  /** Takes up to `limit` random flips of two orbits and returns how many it took. Stops early if the rank falls or no flip exists. */
  walk(limit: number): number {
    const table = this.#table;
    const { shared, partners } = table;
    const rank = this.rank;
    let flips = 0;
    let refused = 0;
    while (flips < limit && table.sharedCount > 0 && refused < MAX_REFUSED) {
      const slot = shared[this.#random.int(table.sharedCount)];
      const bits = this.#random.uint32();
      const count = partners[slot];
      const partner = table.partnerOf(slot, count === 1 ? 0 : (bits >>> 8) % count);
      if (!this.#flip(slot, partner, (bits & 1) !== 0)) {
        refused++;
        continue;
      }
      refused = 0;
      flips++;
      if (table.isReducible) {
        this.#reduce();
        if (this.rank < rank) break;
      }
    }
    return flips;
  }

  /**
   * Takes a plus transition of two random orbits, from products that share no factor in place:
   * [a1,b1,c1] + [a2,b2,c2] -> [a1,b1+b2,c1] + [a1,b2,c2+c1] + [a2+a1,b2,c2]. Returns whether there was one.
   */
  plus(): boolean {
    const table = this.#table;
    if (this.#orbits < 2 || this.#orbits >= this.#capacity) return false;
    for (let tries = 0; tries < PLUS_TRIES; tries++) {
      const first = this.#random.int(this.#orbits);
      const second = this.#random.int(this.#orbits);
      const bits = this.#random.uint32();
      const [a1, a2] = [3 * first + ((bits & 0xff) % 3), 3 * second + (((bits >>> 8) & 0xff) % 3)];
      const [x1, x2] = [table.after[a1], table.after[a2]];
      const [y1, y2] = [table.after[x1], table.after[x2]];
      if (first === second || table.isEqual(a1, a2) || table.isEqual(x1, x2) || table.isEqual(y1, y2)) continue;
      const [b1, b2, c1, c2] = (bits & 0x10000) === 0 ? [x1, x2, y1, y2] : [y1, y2, x1, x2];
      table.xor(a1, a2, table.sumA);
      table.xor(b1, b2, table.sumB);
      table.xor(c1, c2, table.sumC);
      const made = 3 * this.#orbits++;
      table.put(made + (a1 % 3), a1);
      table.put(made + (b1 % 3), b2);
      table.put(made + (c1 % 3), table.sumC);
      table.replace(a2, table.sumA);
      table.replace(b1, table.sumB);
      if (table.isReducible) this.#reduce();
      return true;
    }
    return false;
  }

  /** Flips the products in which two slots hold the same factor a: [a,b,c] + [a,b',c'] -> [a,b+b',c] + [a,b',c'+c]. */
  #flip(slot: number, partner: number, isTurned: boolean): boolean {
    const table = this.#table;
    const { after } = table;
    const [x1, x2] = [after[slot], after[partner]];
    const [y1, y2] = [after[x1], after[x2]];
    // Both in one orbit: the flip would change a product that it needs.
    if (x1 === partner || y1 === partner) return false;
    const b = isTurned ? y1 : x1;
    const c = isTurned ? x2 : y2;
    table.xor(b, isTurned ? y2 : x2, table.sumB);
    table.xor(c, isTurned ? x1 : y1, table.sumC);
    table.replace(b, table.sumB);
    table.replace(c, table.sumC);
    return true;
  }

  #reduce(): void {
    while (this.#removeZero() || this.#mergeAny());
    this.#table.isReducible = false;
  }

  #removeZero(): boolean {
    for (let slot = 0; slot < 3 * this.#orbits; slot++) {
      if (!this.#table.isZero(slot)) continue;
      this.#removeOrbit(Math.floor(slot / 3));
      return true;
    }
    return false;
  }

  /** Merges the first two orbits found with [a,b,c] + [a,b,c'] = [a,b,c+c']. */
  #mergeAny(): boolean {
    const table = this.#table;
    for (let first = 0; first < 3 * this.#orbits; first++) {
      const x = table.after[first];
      for (let second = 0; second < first - (first % 3); second++) {
        const y = table.after[second];
        if (!table.isEqual(first, second) || !table.isEqual(x, y)) continue;
        table.xor(table.after[x], table.after[y], table.sumC);
        table.replace(table.after[y], table.sumC);
        this.#removeOrbit(Math.floor(first / 3));
        return true;
      }
    }
    return false;
  }

  /** Removes an orbit. The last orbit takes its place. */
  #removeOrbit(orbit: number): void {
    const last = --this.#orbits;
    for (let mode = 0; mode < 3; mode++) {
      this.#table.unlink(3 * orbit + mode);
      if (orbit === last) continue;
      this.#table.unlink(3 * last + mode);
      this.#table.put(3 * orbit + mode, 3 * last + mode);
    }
  }
}

interface Orbits {
  readonly orbits: readonly number[];
  readonly singles: readonly Int32Array[];
}

/** Tells whether rotating the modes leaves a factorization as it is. */
export function isCyclic(terms: PackedTerms): boolean {
  return orbitsOf(terms) !== undefined;
}

/** Finds one term of each orbit of three, and the factors of the single products; undefined if rotating changes the set. */
function orbitsOf(terms: PackedTerms): Orbits | undefined {
  const { rank, words } = terms;
  const width = widthOf(terms);
  const key = (term: number, turn: number): string =>
    [0, 1, 2]
      .map((mode) => width * (3 * term + ((mode + turn) % 3)))
      .map((at) => words.subarray(at, at + width).join())
      .join(';');
  const open = new Map<string, number[]>();
  for (let term = 0; term < rank; term++) open.set(key(term, 0), [...(open.get(key(term, 0)) ?? []), term]);
  const orbits: number[] = [];
  const singles: Int32Array[] = [];
  for (const same of [...open.values()]) {
    for (let term = same.pop(); term !== undefined; term = same.pop()) {
      if (key(term, 0) === key(term, 1)) {
        singles.push(words.slice(3 * width * term, 3 * width * term + width));
        continue;
      }
      for (const turn of [1, 2]) if (open.get(key(term, turn))?.pop() === undefined) return undefined;
      orbits.push(term);
    }
  }
  return { orbits, singles };
}
