import { createHash } from 'node:crypto';

/** The whole state of a generator, small enough for a checkpoint. */
export type RandomState = readonly [number, number, number, number];

/**
 * A seeded, splittable, serializable generator: xoshiro128** (Blackman & Vigna, 2018), seeded through SHA-256.
 * Every random choice of the project comes from one of these, so that a run repeats from its seed.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number | string | RandomState) {
    [this.#a, this.#b, this.#c, this.#d] = typeof seed === 'object' ? seed : seedState(seed);
  }

  get state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#d];
  }

  /** An independent generator named by `label`; the same label from the same state gives the same one. Does not advance this one. */
  split(label: string | number): Random {
    return new Random(`${this.#a},${this.#b},${this.#c},${this.#d}/${label}`);
  }

  /** Uniform in 0 … 2^32-1. */
  uint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** Uniform in [0, 1), 32 bits. */
  float(): number {
    return this.uint32() / 4294967296;
  }

  /** Uniform whole number in 0 … bound-1. */
  int(bound: number): number {
    return Math.floor(this.float() * bound);
  }

  /** True with probability `p`. */
  bernoulli(p: number): boolean {
    return this.float() < p;
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return radius * Math.cos(2 * Math.PI * this.float());
  }

  /** Index i with probability weights[i] / sum(weights); weights are non-negative and not all zero. */
  categorical(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i];
    let target = this.float() * total;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] <= 0) continue;
      last = i;
      target -= weights[i];
      if (target < 0) return i;
    }
    return last;
  }

  /** Fisher–Yates, in place. */
  shuffle<T extends { [index: number]: unknown; length: number }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** 128 bits of the SHA-256 of the seed's text: even millions of splits of one run do not collide. */
function seedState(seed: number | string): [number, number, number, number] {
  const digest = createHash('sha256').update(String(seed)).digest();
  return [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), digest.readInt32LE(12)];
}
