/**
 * Holds the factors of a walk's terms and knows which of them are equal, so that a flip is drawn in constant time.
 *
 * A *slot* is one factor of one term, numbered 3 * term + mode. A hash table of chained slots finds slots with equal factors. A
 * list holds all slots that share their factor. Nothing here allocates after the constructor.
 */
export class SlotTable {
  /** The first two words of each slot's factor, and of three sums that are not accepted yet. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** The further words of each, `extra` words a slot. Most sizes have none. */
  readonly rest: Int32Array;
  readonly extra: number;
  readonly sumA: number;
  readonly sumB: number;
  readonly sumC: number;
  /** The next slot of the same term, for each slot: mode 0, 1, 2, 0 …. */
  readonly after: Int16Array;
  /** How many other slots that it may pair with hold the same factor, for each slot. */
  readonly partners: Int16Array;
  /** The slots that have partners, in any order. */
  readonly shared: Int16Array;
  sharedCount = 0;
  /** Set when a change makes a factor zero, or makes two terms share two factors. */
  isReducible = false;
  /** The place of each slot in `shared`. */
  readonly #place: Int16Array;
  /** The first slot of each chain (-1 if empty), and the next slot after each slot. */
  readonly #head: Int16Array;
  readonly #next: Int16Array;
  /** The chain that each slot is in. */
  readonly #chain: Int32Array;
  readonly #hashShift: number;
  readonly #isModeBlind: boolean;

  /**
   * @param capacity the highest number of terms, at most 10 000
   * @param isModeBlind whether slots of different modes pair too, as in a walk that is symmetric under rotations of the modes
   * @param width words of a factor, at least 2
   */
  constructor(capacity: number, isModeBlind: boolean, width: number) {
    const slots = 3 * capacity;
    this.sumA = slots;
    this.sumB = slots + 1;
    this.sumC = slots + 2;
    this.low = new Int32Array(slots + 3);
    this.high = new Int32Array(slots + 3);
    this.extra = width - 2;
    this.rest = new Int32Array(this.extra * (slots + 3));
    this.after = Int16Array.from({ length: slots }, (_, slot) => (slot % 3 === 2 ? slot - 2 : slot + 1));
    this.partners = new Int16Array(slots);
    this.shared = new Int16Array(slots);
    this.#place = new Int16Array(slots);
    this.#next = new Int16Array(slots);
    this.#chain = new Int32Array(slots);
    const bits = Math.max(4, Math.ceil(Math.log2(4 * capacity)));
    this.#hashShift = 32 - bits;
    this.#head = new Int16Array(3 << bits).fill(-1);
    this.#isModeBlind = isModeBlind;
  }

  isZero(slot: number): boolean {
    if ((this.low[slot] | this.high[slot]) !== 0) return false;
    return this.extra === 0 || this.#isRestZero(slot);
  }

  isEqual(left: number, right: number): boolean {
    if (this.low[left] !== this.low[right] || this.high[left] !== this.high[right]) return false;
    return this.extra === 0 || this.#isRestEqual(left, right);
  }

  /** Writes the words of a factor into a slot that is in no chain. */
  write(slot: number, words: Int32Array, at: number): void {
    this.low[slot] = words[at];
    this.high[slot] = words[at + 1];
    for (let i = 0; i < this.extra; i++) this.rest[this.extra * slot + i] = words[at + 2 + i];
  }

  /** Reads the words of a slot's factor. */
  read(slot: number, words: Int32Array, at: number): void {
    words[at] = this.low[slot];
    words[at + 1] = this.high[slot];
    for (let i = 0; i < this.extra; i++) words[at + 2 + i] = this.rest[this.extra * slot + i];
  }

  /** Writes the sum modulo 2 of two factors. */
  xor(left: number, right: number, into: number): void {
    this.low[into] = this.low[left] ^ this.low[right];
    this.high[into] = this.high[left] ^ this.high[right];
    if (this.extra > 0) this.#xorRest(left, right, into);
  }

  replace(slot: number, source: number): void {
    this.unlink(slot);
    this.put(slot, source);
  }

  /** Copies a factor to a slot that is in no chain, and adds the slot to its chain. */
  put(slot: number, source: number): void {
    this.low[slot] = this.low[source];
    this.high[slot] = this.high[source];
    if (this.extra > 0) this.#copyRest(slot, source);
    this.link(slot);
  }

  /** Adds a slot, whose factor is written, to its chain. */
  link(slot: number): void {
    const bucket = this.#bucket(slot);
    const low = this.low[slot];
    const high = this.high[slot];
    const x = this.after[slot];
    const y = this.after[x];
    const head = this.#head[bucket];
    let partners = 0;
    for (let other = head; other >= 0; other = this.#next[other]) {
      if (this.low[other] !== low || this.high[other] !== high) continue;
      if (this.extra > 0 && !this.#isRestEqual(slot, other)) continue;
      partners++;
      if (this.partners[other]++ === 0) this.#share(other);
      const otherX = this.after[other];
      if (this.isEqual(x, otherX) || this.isEqual(y, this.after[otherX])) this.isReducible = true;
    }
    if ((low | high) === 0 && this.isZero(slot)) this.isReducible = true;
    this.partners[slot] = partners;
    if (partners > 0) this.#share(slot);
    this.#chain[slot] = bucket;
    this.#next[slot] = head;
    this.#head[bucket] = slot;
  }

  unlink(slot: number): void {
    const bucket = this.#chain[slot];
    const isShared = this.partners[slot] > 0;
    let before = -1;
    for (let other = this.#head[bucket]; other >= 0; other = this.#next[other]) {
      if (this.#next[other] === slot) before = other;
      if (isShared && other !== slot && this.isEqual(other, slot) && --this.partners[other] === 0) this.#unshare(other);
    }
    if (before < 0) this.#head[bucket] = this.#next[slot];
    else this.#next[before] = this.#next[slot];
    if (isShared) this.#unshare(slot);
  }

  /** Finds the slot with the same factor that is number `index` in the chain, without counting the slot itself. */
  partnerOf(slot: number, index: number): number {
    let left = index;
    let other = this.#head[this.#chain[slot]];
    for (;;) {
      if (other !== slot && this.isEqual(other, slot) && left-- === 0) return other;
      other = this.#next[other];
    }
  }

  #bucket(slot: number): number {
    let mixed = Math.imul(this.low[slot], 0x9e3779b1) ^ Math.imul(this.high[slot], 0x85ebca77);
    if (this.extra > 0) mixed = this.#mixRest(slot, mixed);
    const chain = 3 * (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> this.#hashShift);
    return this.#isModeBlind ? chain : chain + (slot % 3);
  }

  // What factors of more than two words need stands apart, so that the common ones stay fast.

  #isRestZero(slot: number): boolean {
    for (let i = this.extra * slot; i < this.extra * (slot + 1); i++) if (this.rest[i] !== 0) return false;
    return true;
  }

  #xorRest(left: number, right: number, into: number): void {
    for (let i = 0; i < this.extra; i++) {
      this.rest[this.extra * into + i] = this.rest[this.extra * left + i] ^ this.rest[this.extra * right + i];
    }
  }

  #copyRest(slot: number, source: number): void {
    for (let i = 0; i < this.extra; i++) this.rest[this.extra * slot + i] = this.rest[this.extra * source + i];
  }

  #mixRest(slot: number, start: number): number {
    let mixed = start;
    for (let i = this.extra * slot; i < this.extra * (slot + 1); i++) {
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1) ^ this.rest[i];
    }
    return mixed;
  }

  #isRestEqual(left: number, right: number): boolean {
    for (let i = 0; i < this.extra; i++) {
      if (this.rest[this.extra * left + i] !== this.rest[this.extra * right + i]) return false;
    }
    return true;
  }

  #share(slot: number): void {
    this.#place[slot] = this.sharedCount;
    this.shared[this.sharedCount++] = slot;
  }

  #unshare(slot: number): void {
    const last = this.shared[--this.sharedCount];
    const place = this.#place[slot];
    this.shared[place] = last;
    this.#place[last] = place;
  }
}
