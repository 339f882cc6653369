import type { Random } from '@alphatensor-edge/shared';
import { dependence } from './dependence.js';
import type { PackedTerms } from './packed-terms.js';
import { SlotTable } from './slot-table.js';
import type { Walk } from './walk.js';

/** After this many flips in a row that the arithmetic cannot represent, the walk counts as having none. */
const MAX_REFUSED = 10_000;
/** Pairs of terms that a plus transition tries before it gives up. */
const PLUS_TRIES = 100;

/**
 * Walks at random in the flip graph of a tensor. The vertices of the graph are factorizations. Its edges are
 *
 * - flips a(x)b(x)c + a(x)b'(x)c' -> a(x)(b+b')(x)c + a(x)b'(x)(c'-c) of two terms that share a factor;
 * - reductions: a term with a zero factor goes, two terms that share two factors become one (both: Kauers & Moosbauer,
 *   "Flip graphs for matrix multiplication", 2022);
 * - plus transitions, which add a term (Arai, Ichikawa & Hukushima, "Adaptive flip graph algorithm for matrix
 *   multiplication", 2024).
 *
 * A term is sign * u(x)v(x)w. The arithmetic fixes the sign of each factor, so factors that are equal up to sign have equal
 * words. A SlotTable finds slots, factors of terms, that are equal. Walking allocates nothing.
 */
export abstract class FlipWalk implements Walk {
  protected readonly table: SlotTable;
  /** The first two words of each slot's factor, as in the table: one step fewer to them. */
  protected readonly low: Int32Array;
  protected readonly high: Int32Array;
  /** The sign of each term. */
  readonly #sign: Int8Array;
  #rank = 0;

  /**
   * @param capacity the highest number of terms, at most 10 000
   * @param width words of a factor
   */
  constructor(
    readonly capacity: number,
    protected readonly random: Random,
    readonly width = 2,
  ) {
    this.table = new SlotTable(capacity, false, width);
    this.low = this.table.low;
    this.high = this.table.high;
    this.#sign = new Int8Array(capacity);
  }

  /**
   * Writes left + sign * right into the slot `into`, with the sign changed so that its first nonzero entry is positive. Returns
   * that sign, or 0 if the arithmetic cannot represent the sum. A zero sum has zero words only.
   */
  protected abstract add(left: number, right: number, sign: number, into: number): number;

  /** Gives the words of a slot's factor modulo 2. */
  protected abstract parity(slot: number): Int32Array;

  get rank(): number {
    return this.#rank;
  }

  /** Puts the walk on another factorization and reduces it as far as it goes. */
  load({ rank, words, signs }: PackedTerms): void {
    while (this.#rank > 0) this.#removeTerm(this.#rank - 1);
    for (let term = 0; term < rank; term++) {
      const slot = this.#appendTerm(signs[term]);
      for (let mode = 0; mode < 3; mode++) {
        this.table.write(slot + mode, words, this.width * (slot + mode));
        this.table.link(slot + mode);
      }
    }
    this.#reduce();
  }

  terms(): PackedTerms {
    const words = new Int32Array(3 * this.width * this.#rank);
    for (let slot = 0; slot < 3 * this.#rank; slot++) this.table.read(slot, words, this.width * slot);
    return { rank: this.#rank, words, signs: this.#sign.slice(0, this.#rank) };
  }

  /**
   * Takes up to `limit` random flips and returns how many it took. Stops early if the rank falls or no flip exists. It draws a
   * slot that shares its factor uniformly, then one of its partners, then the sign s. If the arithmetic cannot represent the
   * result, it tries the other sign.
   */
  walk(limit: number): number {
    const rank = this.#rank;
    let flips = 0;
    let refused = 0;
    while (flips < limit && this.table.sharedCount > 0 && refused < MAX_REFUSED) {
      const slot = this.table.shared[this.random.int(this.table.sharedCount)];
      const partners = this.table.partners[slot];
      const bits = this.random.uint32();
      const partner = this.table.partnerOf(slot, partners === 1 ? 0 : (bits >>> 8) % partners);
      const offset = 1 + (bits & 1);
      const s = (bits & 2) - 1;
      if (!this.#flip(slot, partner, offset, s) && !this.#flip(slot, partner, offset, -s)) {
        refused++;
        continue;
      }
      refused = 0;
      flips++;
      if (this.table.isReducible) {
        this.#reduce();
        if (this.#rank < rank) break;
      }
    }
    return flips;
  }

  /**
   * Takes a plus transition of two random terms that share no factor, with t, s = +1 or -1 (the signs of the terms are left out):
   * a1(x)b1(x)c1 + a2(x)b2(x)c2 -> a1(x)(b1+s b2)(x)c1 + t a1(x)b2(x)(c2-t s c1) + (a2-t a1)(x)b2(x)c2. Returns whether the
   * arithmetic could represent one. The rank then grows by one, or by less if the new terms reduce at once.
   */
  plus(): boolean {
    const rank = this.#rank;
    if (rank < 2 || rank === this.capacity) return false;
    for (let tries = 0; tries < PLUS_TRIES; tries++) {
      const first = this.random.int(rank);
      const second = this.random.int(rank);
      const a = this.random.int(3);
      const bits = this.random.uint32();
      if (first === second || this.#sharesFactor(first, second)) continue;
      const b = (a + 1 + (bits & 1)) % 3;
      const c = 3 - a - b;
      const t = (bits & 2) - 1;
      const s = ((bits & 4) >> 1) - 1;
      const signC = -this.#sign[first] * this.#sign[second] * t * s;
      const takenA = this.add(3 * second + a, 3 * first + a, -t, this.table.sumA);
      const takenB = takenA === 0 ? 0 : this.add(3 * first + b, 3 * second + b, s, this.table.sumB);
      const takenC = takenB === 0 ? 0 : this.add(3 * second + c, 3 * first + c, signC, this.table.sumC);
      if (takenC === 0) continue;
      const made = this.#appendTerm(this.#sign[second] * t * takenC);
      this.table.put(made + a, 3 * first + a);
      this.table.put(made + b, 3 * second + b);
      this.table.put(made + c, this.table.sumC);
      this.table.replace(3 * second + a, this.table.sumA);
      this.#sign[second] *= takenA;
      this.table.replace(3 * first + b, this.table.sumB);
      this.#sign[first] *= takenB;
      if (this.table.isReducible) this.#reduce();
      return true;
    }
    return false;
  }

  /**
   * Takes a split: two random terms that share a factor b become three, with a factor a' of a third term and t, s = +1 or -1 (the
   * signs of the terms are left out): a1(x)b(x)c1 + a2(x)b(x)c2 -> (a1-t a')(x)b(x)c1 + t a'(x)b(x)(c1+s c2) + (a2-t s a')(x)b(x)c2.
   * Returns whether the arithmetic could represent one. The rank then grows by one, or by less if the new terms reduce at once.
   */
  split(): boolean {
    const { table } = this;
    if (table.sharedCount === 0 || this.#rank === this.capacity) return false;
    for (let tries = 0; tries < PLUS_TRIES; tries++) {
      const slot = table.shared[this.random.int(table.sharedCount)];
      const partner = table.partnerOf(slot, this.random.int(table.partners[slot]));
      const third = this.random.int(this.#rank);
      const bits = this.random.uint32();
      const b = slot % 3;
      const a = (b + 1 + (bits & 1)) % 3;
      const c = 3 - a - b;
      const [first, second] = [slot - b, partner - b];
      const t = (bits & 2) - 1;
      const s = ((bits & 4) >> 1) - 1;
      const [signFirst, signSecond] = [this.#sign[first / 3], this.#sign[second / 3]];
      if (table.isEqual(first + a, 3 * third + a) || table.isEqual(second + a, 3 * third + a)) continue;
      const takenA = this.add(first + a, 3 * third + a, -t, table.sumA);
      const takenB =
        takenA === 0 ? 0 : this.add(second + a, 3 * third + a, -signFirst * signSecond * t * s, table.sumB);
      const takenC = takenB === 0 ? 0 : this.add(first + c, second + c, s, table.sumC);
      if (takenC === 0) continue;
      const made = this.#appendTerm(signFirst * t * takenC);
      table.put(made + a, 3 * third + a);
      table.put(made + b, slot);
      table.put(made + c, table.sumC);
      table.replace(first + a, table.sumA);
      this.#sign[first / 3] *= takenA;
      table.replace(second + a, table.sumB);
      this.#sign[second / 3] *= takenB;
      if (table.isReducible) this.#reduce();
      return true;
    }
    return false;
  }

  /**
   * Looks for terms that share a factor and whose factors of another mode depend linearly, modulo 2; then one of these factors is the
   * sum of the others, and flips take it away: the rank falls (Kauers & Moosbauer 2022). Over the integers the flips may end before
   * that, where the arithmetic cannot represent one. Returns whether the rank fell.
   */
  reduceByDependence(): boolean {
    const rank = this.#rank;
    for (let slot = 0; slot < 3 * rank && this.#rank === rank; slot++) {
      const { partners } = this.table;
      if (partners[slot] < 2) continue;
      const slots = [slot, ...Array.from({ length: partners[slot] }, (_, i) => this.table.partnerOf(slot, i))];
      // Each set of equal factors is looked at once.
      if (Math.min(...slots) < slot) continue;
      for (const offset of [1, 2]) if (this.#rank === rank) this.#reduceDependent(slots, offset);
    }
    return this.#rank < rank;
  }

  #reduceDependent(slots: readonly number[], offset: number): void {
    const mode = (slots[0] + offset) % 3;
    const found = dependence(slots.map((slot) => this.parity(slot - (slot % 3) + mode)));
    if (found === undefined) return;
    const [first, ...others] = found.map((index) => slots[index]);
    for (const other of others) {
      const s = this.random.bernoulli(0.5) ? 1 : -1;
      if (!this.#flip(first, other, offset, s) && !this.#flip(first, other, offset, -s)) break;
    }
    if (this.table.isReducible) this.#reduce();
  }

  /**
   * Flips two slots that hold the same factor a. Their terms are p a(x)b(x)c and q a(x)b'(x)c' with signs p and q: b becomes
   * b + s b', and c' becomes c' - p q s c. `offset` (1 or 2) chooses which mode is b. Returns false if the arithmetic cannot
   * represent the result.
   */
  #flip(slot: number, partner: number, offset: number, s: number): boolean {
    const a = slot % 3;
    const b = (a + offset) % 3;
    const c = 3 - a - b;
    const first = (slot - a) / 3;
    const second = (partner - a) / 3;
    const takenB = this.add(3 * first + b, 3 * second + b, s, this.table.sumB);
    if (takenB === 0) return false;
    const signC = -this.#sign[first] * this.#sign[second] * s;
    const takenC = this.add(3 * second + c, 3 * first + c, signC, this.table.sumC);
    if (takenC === 0) return false;
    this.table.replace(3 * first + b, this.table.sumB);
    this.#sign[first] *= takenB;
    this.table.replace(3 * second + c, this.table.sumC);
    this.#sign[second] *= takenC;
    return true;
  }

  /** Removes terms with a zero factor and merges terms that share two factors, until there are none. */
  #reduce(): void {
    while (this.#removeZero() || this.#mergeAny());
    this.table.isReducible = false;
  }

  #removeZero(): boolean {
    for (let term = 0; term < this.#rank; term++) {
      if (!this.table.isZero(3 * term) && !this.table.isZero(3 * term + 1) && !this.table.isZero(3 * term + 2))
        continue;
      this.#removeTerm(term);
      return true;
    }
    return false;
  }

  #mergeAny(): boolean {
    for (let first = 0; first < this.#rank; first++) {
      for (let second = first + 1; second < this.#rank; second++) if (this.#merge(first, second)) return true;
    }
    return false;
  }

  /**
   * Merges two terms, if they share two factors and the sum can be represented: p a(x)b(x)c + q a(x)b(x)c' becomes
   * p a(x)b(x)(c + p q c'). Returns whether it did.
   */
  #merge(first: number, second: number): boolean {
    for (let mode = 0; mode < 3; mode++) {
      const [x, y] = [(mode + 1) % 3, (mode + 2) % 3];
      if (!this.table.isEqual(3 * first + x, 3 * second + x) || !this.table.isEqual(3 * first + y, 3 * second + y))
        continue;
      const sign = this.#sign[first] * this.#sign[second];
      const taken = this.add(3 * first + mode, 3 * second + mode, sign, this.table.sumC);
      if (taken === 0) continue;
      this.table.replace(3 * first + mode, this.table.sumC);
      this.#sign[first] *= taken;
      this.#removeTerm(second);
      return true;
    }
    return false;
  }

  #sharesFactor(first: number, second: number): boolean {
    const [left, right] = [3 * first, 3 * second];
    return (
      this.table.isEqual(left, right) ||
      this.table.isEqual(left + 1, right + 1) ||
      this.table.isEqual(left + 2, right + 2)
    );
  }

  /** Appends a term without factors and returns its first slot. */
  #appendTerm(sign: number): number {
    this.#sign[this.#rank] = sign;
    return 3 * this.#rank++;
  }

  /** Removes a term. The last term takes its place. */
  #removeTerm(term: number): void {
    const last = --this.#rank;
    for (let mode = 0; mode < 3; mode++) {
      this.table.unlink(3 * term + mode);
      if (term === last) continue;
      this.table.unlink(3 * last + mode);
      this.table.put(3 * term + mode, 3 * last + mode);
    }
    this.#sign[term] = this.#sign[last];
  }
}
