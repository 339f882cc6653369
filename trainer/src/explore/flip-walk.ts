import type { Random } from '@alphatensor-edge/shared';

/**
 * Holds the terms of a factorization, packed: `words` has two 32-bit words for each factor, [rank][3 modes][2], and `signs` has
 * +1 or -1 for each term. The arithmetic decides what the words mean (see packed.ts).
 */
export interface PackedTerms {
  readonly rank: number;
  readonly words: Int32Array;
  readonly signs: Int8Array;
}

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
 * words. A *slot* is one factor of one term, numbered 3 * term + mode. A hash table of chained slots finds slots with equal
 * factors. A list holds all slots that share their factor, so that a flip is drawn in constant time. Walking allocates nothing.
 */
export abstract class FlipWalk {
  /** The two words of each slot's factor, and of three sums that are not accepted yet. */
  protected readonly low: Int32Array;
  protected readonly high: Int32Array;
  readonly #sumA: number;
  readonly #sumB: number;
  readonly #sumC: number;
  /** The sign of each term. */
  readonly #sign: Int8Array;
  /** The first slot of each chain (-1 if empty), and the next slot after each slot. A chain holds one mode only. */
  readonly #head: Int16Array;
  readonly #next: Int16Array;
  /** The chain that each slot is in. */
  readonly #chain: Int32Array;
  readonly #hashShift: number;
  /** How many other slots of the same mode hold the same factor, for each slot. */
  readonly #partners: Int16Array;
  /** The slots that have partners, in any order, and the place of each in that list. */
  readonly #shared: Int16Array;
  readonly #place: Int16Array;
  #sharedCount = 0;
  #rank = 0;
  /** Set when a change makes a factor zero, or makes two terms share two factors. */
  #isReducible = false;

  /** @param capacity the highest number of terms, at most 10 000 */
  constructor(
    readonly capacity: number,
    protected readonly random: Random,
  ) {
    const slots = 3 * capacity;
    this.#sumA = slots;
    this.#sumB = slots + 1;
    this.#sumC = slots + 2;
    this.low = new Int32Array(slots + 3);
    this.high = new Int32Array(slots + 3);
    this.#sign = new Int8Array(capacity);
    this.#next = new Int16Array(slots);
    this.#chain = new Int32Array(slots);
    this.#partners = new Int16Array(slots);
    this.#shared = new Int16Array(slots);
    this.#place = new Int16Array(slots);
    const bits = Math.max(4, Math.ceil(Math.log2(4 * capacity)));
    this.#hashShift = 32 - bits;
    this.#head = new Int16Array(3 << bits).fill(-1);
  }

  /**
   * Writes left + sign * right into the slot `into`, with the sign changed so that its first nonzero entry is positive. Returns
   * that sign, or 0 if the arithmetic cannot represent the sum. A zero sum is two zero words.
   */
  protected abstract add(left: number, right: number, sign: number, into: number): number;

  get rank(): number {
    return this.#rank;
  }

  /** Puts the walk on another factorization and reduces it as far as it goes. */
  load({ rank, words, signs }: PackedTerms): void {
    while (this.#rank > 0) this.#removeTerm(this.#rank - 1);
    for (let term = 0; term < rank; term++) {
      const slot = this.#appendTerm(signs[term]);
      for (let mode = 0; mode < 3; mode++) {
        this.low[slot + mode] = words[2 * (slot + mode)];
        this.high[slot + mode] = words[2 * (slot + mode) + 1];
        this.#link(slot + mode);
      }
    }
    this.#reduce();
  }

  terms(): PackedTerms {
    const words = new Int32Array(6 * this.#rank);
    for (let slot = 0; slot < 3 * this.#rank; slot++) {
      words[2 * slot] = this.low[slot];
      words[2 * slot + 1] = this.high[slot];
    }
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
    while (flips < limit && this.#sharedCount > 0 && refused < MAX_REFUSED) {
      const slot = this.#shared[this.random.int(this.#sharedCount)];
      const partners = this.#partners[slot];
      const bits = this.random.uint32();
      const partner = this.#partnerOf(slot, partners === 1 ? 0 : (bits >>> 8) % partners);
      const offset = 1 + (bits & 1);
      const s = (bits & 2) - 1;
      if (!this.#flip(slot, partner, offset, s) && !this.#flip(slot, partner, offset, -s)) {
        refused++;
        continue;
      }
      refused = 0;
      flips++;
      if (this.#isReducible) {
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
      const takenA = this.add(3 * second + a, 3 * first + a, -t, this.#sumA);
      const takenB = takenA === 0 ? 0 : this.add(3 * first + b, 3 * second + b, s, this.#sumB);
      const takenC = takenB === 0 ? 0 : this.add(3 * second + c, 3 * first + c, signC, this.#sumC);
      if (takenC === 0) continue;
      const made = this.#appendTerm(this.#sign[second] * t * takenC);
      this.#put(made + a, 3 * first + a);
      this.#put(made + b, 3 * second + b);
      this.#put(made + c, this.#sumC);
      this.#replace(3 * second + a, this.#sumA);
      this.#sign[second] *= takenA;
      this.#replace(3 * first + b, this.#sumB);
      this.#sign[first] *= takenB;
      if (this.#isReducible) this.#reduce();
      return true;
    }
    return false;
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
    const takenB = this.add(3 * first + b, 3 * second + b, s, this.#sumB);
    if (takenB === 0) return false;
    const signC = -this.#sign[first] * this.#sign[second] * s;
    const takenC = this.add(3 * second + c, 3 * first + c, signC, this.#sumC);
    if (takenC === 0) return false;
    this.#replace(3 * first + b, this.#sumB);
    this.#sign[first] *= takenB;
    this.#replace(3 * second + c, this.#sumC);
    this.#sign[second] *= takenC;
    return true;
  }

  /** Removes terms with a zero factor and merges terms that share two factors, until there are none. */
  #reduce(): void {
    while (this.#removeZero() || this.#mergeAny());
    this.#isReducible = false;
  }

  #removeZero(): boolean {
    for (let term = 0; term < this.#rank; term++) {
      if (!this.#isZero(3 * term) && !this.#isZero(3 * term + 1) && !this.#isZero(3 * term + 2)) continue;
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
      if (!this.#isEqual(3 * first + x, 3 * second + x) || !this.#isEqual(3 * first + y, 3 * second + y)) continue;
      const sign = this.#sign[first] * this.#sign[second];
      const taken = this.add(3 * first + mode, 3 * second + mode, sign, this.#sumC);
      if (taken === 0) continue;
      this.#replace(3 * first + mode, this.#sumC);
      this.#sign[first] *= taken;
      this.#removeTerm(second);
      return true;
    }
    return false;
  }

  #isZero(slot: number): boolean {
    return (this.low[slot] | this.high[slot]) === 0;
  }

  #isEqual(left: number, right: number): boolean {
    return this.low[left] === this.low[right] && this.high[left] === this.high[right];
  }

  #sharesFactor(first: number, second: number): boolean {
    const [left, right] = [3 * first, 3 * second];
    return this.#isEqual(left, right) || this.#isEqual(left + 1, right + 1) || this.#isEqual(left + 2, right + 2);
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
      this.#unlink(3 * term + mode);
      if (term === last) continue;
      this.#unlink(3 * last + mode);
      this.#put(3 * term + mode, 3 * last + mode);
    }
    this.#sign[term] = this.#sign[last];
  }

  #replace(slot: number, source: number): void {
    this.#unlink(slot);
    this.#put(slot, source);
  }

  /** Copies a factor to a slot that is in no chain, and adds the slot to its chain. */
  #put(slot: number, source: number): void {
    this.low[slot] = this.low[source];
    this.high[slot] = this.high[source];
    this.#link(slot);
  }

  #bucket(slot: number): number {
    const mixed = Math.imul(this.low[slot], 0x9e3779b1) ^ Math.imul(this.high[slot], 0x85ebca77);
    return 3 * (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> this.#hashShift) + (slot % 3);
  }

  #link(slot: number): void {
    const bucket = this.#bucket(slot);
    const low = this.low[slot];
    const high = this.high[slot];
    const mode = slot % 3;
    const x = slot - mode + ((mode + 1) % 3);
    const y = slot - mode + ((mode + 2) % 3);
    const head = this.#head[bucket];
    let partners = 0;
    for (let other = head; other >= 0; other = this.#next[other]) {
      if (this.low[other] !== low || this.high[other] !== high) continue;
      partners++;
      if (this.#partners[other]++ === 0) this.#share(other);
      const away = other - slot;
      if (this.#isEqual(x, x + away) || this.#isEqual(y, y + away)) this.#isReducible = true;
    }
    if ((low | high) === 0) this.#isReducible = true;
    this.#partners[slot] = partners;
    if (partners > 0) this.#share(slot);
    this.#chain[slot] = bucket;
    this.#next[slot] = head;
    this.#head[bucket] = slot;
  }

  #unlink(slot: number): void {
    const bucket = this.#chain[slot];
    const isShared = this.#partners[slot] > 0;
    let before = -1;
    for (let other = this.#head[bucket]; other >= 0; other = this.#next[other]) {
      if (this.#next[other] === slot) before = other;
      if (isShared && other !== slot && this.#isEqual(other, slot) && --this.#partners[other] === 0)
        this.#unshare(other);
    }
    if (before < 0) this.#head[bucket] = this.#next[slot];
    else this.#next[before] = this.#next[slot];
    if (isShared) this.#unshare(slot);
  }

  #share(slot: number): void {
    this.#place[slot] = this.#sharedCount;
    this.#shared[this.#sharedCount++] = slot;
  }

  #unshare(slot: number): void {
    const last = this.#shared[--this.#sharedCount];
    const place = this.#place[slot];
    this.#shared[place] = last;
    this.#place[last] = place;
  }

  /** Finds the slot with the same factor that is number `index` in the chain, without counting the slot itself. */
  #partnerOf(slot: number, index: number): number {
    let left = index;
    let other = this.#head[this.#chain[slot]];
    for (;;) {
      if (other !== slot && this.#isEqual(other, slot) && left-- === 0) return other;
      other = this.#next[other];
    }
  }
}
