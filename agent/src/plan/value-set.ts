import { gcd, type Random } from '@alphatensor-edge/shared';
import type { Step } from './straight-line-program.js';

/** Says whether the program is given a value, must compute it, or uses it only on the way. */
type Role = 'input' | 'output' | 'temporary';

const HASH_MASK = 2 ** 30 - 1;

/**
 * Holds the values of a straight-line program, each up to a factor, and every relation p*x + q*y + r*z = 0 among them
 * whose |p|, |q|, |r| are in `coefficients`. A relation gives each of its values from the other two, if the value's own
 * coefficient is a power of two or its negative: dividing by it is exact. The set alone therefore tells how many additions suffice: one for
 * each value that is not an input, if `reaches` holds. Sums by cancellation are included, such as a - b as (a + c) - (b
 * + c). Relations are found by a hash that is linear in the vectors, then checked exactly.
 */
export class ValueSet {
  readonly #coefficients: readonly number[];
  /** Coprime pairs (p, q). q may have either sign. */
  readonly #multipliers: readonly (readonly [number, number])[];
  readonly #weights: Int32Array;
  /** By slot: the coefficients over the inputs, without a common factor. Undefined where the slot is free. */
  readonly #vectors: (Int32Array | undefined)[] = [];
  readonly #hashes: number[] = [];
  readonly #roles: Role[] = [];
  /**
   * For each value x a flat list y, z, which, …: bit 0 of `which` says that y follows from x and z, bit 1 that z
   * follows from x and y.
   */
  readonly #relations: number[][] = [];
  readonly #free: number[] = [];
  /** The slot of a value, by the hashes of all its allowed multiples. */
  readonly #slots = new Map<number, number>();
  #outputs = 0;
  #known = new Uint8Array(0);
  #queue = new Int32Array(0);

  constructor(dimension: number, coefficients: readonly number[], random: Random) {
    this.#coefficients = coefficients;
    this.#multipliers = coefficients.flatMap((p) =>
      coefficients.filter((q) => gcd(p, q) === 1).flatMap((q) => [[p, q] as const, [p, -q] as const]),
    );
    this.#weights = Int32Array.from({ length: dimension }, () => random.uint32() & HASH_MASK);
  }

  /** Counts the slots, 0 … slots-1. Some of them are free. */
  get slots(): number {
    return this.#vectors.length;
  }

  /** Gives the value in a slot. Undefined where the slot is free. */
  vector(slot: number): Int32Array | undefined {
    return this.#vectors[slot];
  }

  isTemporary(slot: number): boolean {
    return this.#vectors[slot] !== undefined && this.#roles[slot] === 'temporary';
  }

  /** Gives three numbers for each relation of the value: y, z, which, … */
  relations(slot: number): readonly number[] {
    return this.#relations[slot];
  }

  /** Finds the slot of a value, whatever its sign. Gives -1 if it is not there. */
  find(vector: Int32Array): number {
    const slot = this.#slots.get(signless(this.#hash(vector)));
    return slot !== undefined && Math.abs(ratio(1, vector, 0, vector, this.#vectors[slot] as Int32Array)) === 1
      ? slot
      : -1;
  }

  /**
   * Adds a value without a common factor and gives its slot. Gives -1 if the value, or one with the same hash, is there
   * already.
   */
  add(vector: Int32Array, role: Role): number {
    const hash = this.#hash(vector);
    const keys = this.#coefficients.map((p) => signless(Math.imul(p, hash)));
    if (keys.some((key) => this.#slots.has(key))) return -1;
    const slot = this.#free.pop() ?? this.#vectors.length;
    this.#relations[slot] = [];
    this.#vectors[slot] = undefined;
    this.#relate(slot, vector, hash);
    this.#vectors[slot] = vector;
    this.#hashes[slot] = hash;
    this.#roles[slot] = role;
    for (const key of keys) this.#slots.set(key, slot);
    if (role === 'output') this.#outputs++;
    return slot;
  }

  /** Removes a temporary. */
  remove(slot: number): void {
    const own = this.#relations[slot];
    for (let i = 0; i < own.length; i += 3) {
      this.#forget(own[i], slot);
      this.#forget(own[i + 1], slot);
    }
    for (const p of this.#coefficients) this.#slots.delete(signless(Math.imul(p, this.#hashes[slot])));
    this.#vectors[slot] = undefined;
    this.#relations[slot] = [];
    this.#free.push(slot);
  }

  /**
   * Tells whether every output follows from the inputs without the value `without`. `found` is called for each step, in
   * order.
   */
  reaches(without = -1, found?: (value: number, x: number, y: number) => void): boolean {
    const count = this.#vectors.length;
    if (this.#known.length < count) {
      this.#known = new Uint8Array(2 * count);
      this.#queue = new Int32Array(2 * count);
    }
    const [known, queue] = [this.#known, this.#queue];
    known.fill(0);
    // 2 is neither known (1) nor still to be found (0).
    if (without >= 0) known[without] = 2;
    let end = 0;
    for (let slot = 0; slot < count; slot++) {
      if (this.#vectors[slot] === undefined || this.#roles[slot] !== 'input') continue;
      known[slot] = 1;
      queue[end++] = slot;
    }
    let missing = this.#outputs;
    for (let next = 0; next < end && missing > 0; next++) {
      const x = queue[next];
      const relations = this.#relations[x];
      for (let i = 0; i < relations.length; i += 3) {
        let [from, to] = [relations[i], relations[i + 1]];
        let follows = relations[i + 2] & 2;
        if (known[from] !== 1) {
          [from, to] = [to, from];
          follows = relations[i + 2] & 1;
        }
        if (known[from] !== 1 || known[to] !== 0 || follows === 0) continue;
        known[to] = 1;
        queue[end++] = to;
        found?.(to, x, from);
        if (this.#roles[to] === 'output') missing--;
      }
    }
    return missing === 0;
  }

  /** Tells whether every output still follows without this temporary. */
  isNeedless(slot: number): boolean {
    const own = this.#relations[slot];
    for (let i = 0; i < own.length; i += 3) {
      // Most temporaries are needed because a neighbour has no other relation. This test sees it without walking
      // through the set.
      if (this.#dependsOn(own[i], slot) || this.#dependsOn(own[i + 1], slot)) return false;
    }
    return this.reaches(slot);
  }

  /** Gives each value that is not an input as one addition of earlier values. `value` and the sources are slots. */
  additions(): (Step & { readonly value: number })[] {
    const additions: (Step & { readonly value: number })[] = [];
    this.reaches(-1, (value, x, y) => {
      const [one, other, sum] = [x, y, value].map((slot) => this.#vectors[slot] as Int32Array);
      for (const [p, q] of this.#multipliers) {
        const r = ratio(p, one, q, other, sum);
        if (!isPowerOfTwo(Math.abs(r))) continue;
        additions.push({ value, left: { source: x, coefficient: p / r }, right: { source: y, coefficient: q / r } });
        break;
      }
    });
    return additions;
  }

  #dependsOn(value: number, slot: number): boolean {
    if (this.#roles[value] !== 'output') return false;
    const relations = this.#relations[value];
    for (let i = 0; i < relations.length; i += 3) {
      if (relations[i] !== slot && relations[i + 1] !== slot) return false;
    }
    return true;
  }

  /** Finds the relations p*vector + q*x = r*y. */
  #relate(slot: number, vector: Int32Array, hash: number): void {
    for (let x = 0; x < this.#vectors.length; x++) {
      const other = this.#vectors[x];
      if (other === undefined) continue;
      for (const [p, q] of this.#multipliers) {
        const y = this.#slots.get(signless(Math.imul(p, hash) + Math.imul(q, this.#hashes[x])));
        if (y === undefined || y <= x) continue;
        const r = ratio(p, vector, q, other, this.#vectors[y] as Int32Array);
        if (!this.#coefficients.includes(Math.abs(r))) continue;
        const [one, two, three] = [p, q, r].map((own) => Number(isPowerOfTwo(Math.abs(own))));
        this.#relations[slot].push(x, y, two + 2 * three);
        this.#relations[x].push(slot, y, one + 2 * three);
        this.#relations[y].push(slot, x, one + 2 * two);
      }
    }
  }

  #forget(value: number, slot: number): void {
    const relations = this.#relations[value];
    let kept = 0;
    for (let i = 0; i < relations.length; i += 3) {
      if (relations[i] === slot || relations[i + 1] === slot) continue;
      relations[kept++] = relations[i];
      relations[kept++] = relations[i + 1];
      relations[kept++] = relations[i + 2];
    }
    relations.length = kept;
  }

  #hash(vector: Int32Array): number {
    let hash = 0;
    for (let i = 0; i < vector.length; i++) hash = (hash + Math.imul(vector[i], this.#weights[i])) | 0;
    return hash;
  }
}

function isPowerOfTwo(x: number): boolean {
  return Number.isInteger(Math.log2(x));
}

/** Gives the same number for a hash and its negative. */
function signless(hash: number): number {
  const [one, other] = [hash & HASH_MASK, -hash & HASH_MASK];
  return one < other ? one : other;
}

/** Computes r of p*x + q*y = r*z. Gives 0 if there is none. */
function ratio(p: number, x: Int32Array, q: number, y: Int32Array, z: Int32Array): number {
  let r = 0;
  for (let i = 0; i < z.length; i++) {
    if (r === 0 && z[i] !== 0) r = (p * x[i] + q * y[i]) / z[i];
  }
  for (let i = 0; i < z.length; i++) if (p * x[i] + q * y[i] !== r * z[i]) return 0;
  return r;
}
