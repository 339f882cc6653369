import type { Random } from '@alphatensor-edge/shared';
import { mirroredOrbits, orbitsOf } from './cyclic-orbits.js';
import type { PackedTerms } from './packed-terms.js';
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
 *
 * A walk may keep a second symmetry: reversing the order of all rows and columns (Z2 x C3 in the paper above). Then each orbit has an
 * image, which may be itself, and each step is done to the images too.
 */
export class CyclicWalk implements Walk {
  readonly #table: SlotTable;
  readonly #random: Random;
  readonly #capacity: number;
  /** The entries of a factor, if reversing them is a symmetry too; else 0. */
  readonly #reversed: number;
  /** The image of each orbit under the reversal; without one, the orbit itself. Factors are at the same modes in both. */
  readonly #image: Int16Array;
  #orbits = 0;
  /** The factors of the single products. */
  #singles: readonly Int32Array[] = [];

  /**
   * @param capacity the highest number of products
   * @param width words of a factor
   * @param reversed the entries of a factor, if the walk keeps the symmetry under reversing them; else 0
   */
  constructor(
    capacity: number,
    random: Random,
    readonly width = 2,
    reversed = 0,
  ) {
    this.#capacity = Math.ceil(capacity / 3) + 1;
    this.#table = new SlotTable(this.#capacity, true, width);
    this.#image = new Int16Array(this.#capacity);
    this.#random = random;
    this.#reversed = reversed;
  }

  get rank(): number {
    return 3 * this.#orbits + this.#singles.length;
  }

  /**
   * Puts the walk on another factorization and reduces it as far as it goes.
   * @throws Error if rotating the modes, or the reversal, changes the factorization
   */
  load(terms: PackedTerms): void {
    const table = this.#table;
    while (this.#orbits > 0) this.#removeOne(this.#orbits - 1);
    const found = orbitsOf(terms);
    if (found === undefined) throw new Error('rotating the modes changes the factorization');
    const images = this.#reversed === 0 ? undefined : mirroredOrbits(terms, found, this.#reversed);
    if (this.#reversed > 0 && images === undefined) throw new Error('the reversal changes the factorization');
    this.#singles = found.singles;
    for (const [orbit, term] of found.orbits.entries()) {
      const slot = 3 * this.#orbits++;
      const image = images?.[orbit];
      this.#image[orbit] = image?.orbit ?? orbit;
      // The later of two images is turned so that its factors are at the modes of the earlier.
      const turn = image !== undefined && image.orbit < orbit ? (3 - image.turn) % 3 : 0;
      for (let mode = 0; mode < 3; mode++) {
        table.write(slot + mode, terms.words, this.width * (3 * term + ((mode + turn) % 3)));
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
    for (let tries = 0; tries < PLUS_TRIES && this.#orbits >= 2; tries++) {
      const first = this.#random.int(this.#orbits);
      const second = this.#random.int(this.#orbits);
      const bits = this.#random.uint32();
      const [a1, a2] = [3 * first + ((bits & 0xff) % 3), 3 * second + (((bits >>> 8) & 0xff) % 3)];
      const [x1, x2] = [table.after[a1], table.after[a2]];
      const [y1, y2] = [table.after[x1], table.after[x2]];
      if (first === second || table.isEqual(a1, a2) || table.isEqual(x1, x2) || table.isEqual(y1, y2)) continue;
      const [image1, image2] = [this.#image[first], this.#image[second]];
      const isAlone = image1 === first;
      // Of an orbit and its image, or of one that is its own image and one that is not, the images of the step would meet.
      if (image1 === second || isAlone !== (image2 === second)) continue;
      if (this.#orbits + (isAlone ? 1 : 2) > this.#capacity) return false;
      const [b1, b2, c1, c2] = (bits & 0x10000) === 0 ? [x1, x2, y1, y2] : [y1, y2, x1, x2];
      const made = this.#plus(a1, a2, b1, b2, c1, c2);
      if (!isAlone) {
        const [up, down] = [3 * (image1 - first), 3 * (image2 - second)];
        this.#pair(made, this.#plus(a1 + up, a2 + down, b1 + up, b2 + down, c1 + up, c2 + down));
      }
      if (table.isReducible) this.#reduce();
      return true;
    }
    return false;
  }

  /** Takes the plus transition of two orbits and returns the new orbit, which is its own image. */
  #plus(a1: number, a2: number, b1: number, b2: number, c1: number, c2: number): number {
    const table = this.#table;
    table.xor(a1, a2, table.sumA);
    table.xor(b1, b2, table.sumB);
    table.xor(c1, c2, table.sumC);
    const orbit = this.#append();
    const made = 3 * orbit;
    table.put(made + (a1 % 3), a1);
    table.put(made + (b1 % 3), b2);
    table.put(made + (c1 % 3), table.sumC);
    table.replace(a2, table.sumA);
    table.replace(b1, table.sumB);
    return orbit;
  }

  /** Flips the products in which two slots hold the same factor a: [a,b,c] + [a,b',c'] -> [a,b+b',c] + [a,b',c'+c], and their images. */
  #flip(slot: number, partner: number, isTurned: boolean): boolean {
    const [first, second] = [orbitOf(slot), orbitOf(partner)];
    const [image1, image2] = [this.#image[first], this.#image[second]];
    // Both in one orbit, or one the image of the other: the flip would change a product that it needs.
    if (first === second || image1 === second) return false;
    this.#flipOne(slot, partner, isTurned);
    // If one of the two is its own image, then it is flipped with both others in turn. The order makes no difference.
    if (image1 !== first || image2 !== second) {
      this.#flipOne(slot + 3 * (image1 - first), partner + 3 * (image2 - second), isTurned);
    }
    return true;
  }

  #flipOne(slot: number, partner: number, isTurned: boolean): void {
    const table = this.#table;
    const { after } = table;
    const [x1, x2] = [after[slot], after[partner]];
    const [y1, y2] = [after[x1], after[x2]];
    const b = isTurned ? y1 : x1;
    const c = isTurned ? x2 : y2;
    table.xor(b, isTurned ? y2 : x2, table.sumB);
    table.xor(c, isTurned ? x1 : y1, table.sumC);
    table.replace(b, table.sumB);
    table.replace(c, table.sumC);
  }

  #reduce(): void {
    while (this.#removeZero() || this.#mergeAny());
    this.#table.isReducible = false;
  }

  #removeZero(): boolean {
    for (let slot = 0; slot < 3 * this.#orbits; slot++) {
      if (!this.#table.isZero(slot)) continue;
      this.#removeOrbit(orbitOf(slot));
      return true;
    }
    return false;
  }

  /** Merges the first two orbits found with [a,b,c] + [a,b,c'] = [a,b,c+c'], and their images. */
  #mergeAny(): boolean {
    const table = this.#table;
    for (let slot = 0; slot < 3 * this.#orbits; slot++) {
      const x = table.after[slot];
      for (let other = 0; other < slot - (slot % 3); other++) {
        const y = table.after[other];
        if (table.isEqual(slot, other) && table.isEqual(x, y) && this.#merge(table.after[x], table.after[y]))
          return true;
      }
    }
    return false;
  }

  /** Merges two orbits that differ in the factors at two slots only. Returns false if their images are in the way. */
  #merge(from: number, into: number): boolean {
    const table = this.#table;
    const [first, second] = [orbitOf(from), orbitOf(into)];
    const [image1, image2] = [this.#image[first], this.#image[second]];
    const add = (slot: number, to: number): void => {
      table.xor(slot, to, table.sumC);
      table.replace(to, table.sumC);
    };
    if (image1 === second) {
      // [a,b,c] and its image [a,b,c'] become one that is its own image, unless they are turned against each other.
      if (from % 3 !== into % 3) return false;
      add(from, into);
      this.#image[second] = second;
      this.#removeOne(first);
      return true;
    }
    // An orbit that is its own image takes in others, since it must stay.
    if (image1 === first && image2 !== second) return this.#merge(into, from);
    add(from, into);
    if (image1 !== first) add(from + 3 * (image1 - first), into + 3 * (image2 - second));
    this.#removeOrbit(first);
    return true;
  }

  /** Adds an orbit without factors that is its own image. */
  #append(): number {
    this.#image[this.#orbits] = this.#orbits;
    return this.#orbits++;
  }

  #pair(orbit: number, image: number): void {
    this.#image[orbit] = image;
    this.#image[image] = orbit;
  }

  /** Removes an orbit and its image. */
  #removeOrbit(orbit: number): void {
    const image = this.#image[orbit];
    // The later first, so that the earlier keeps its place.
    this.#removeOne(Math.max(orbit, image));
    if (image !== orbit) this.#removeOne(Math.min(orbit, image));
  }

  /** Removes an orbit. The last orbit takes its place. */
  #removeOne(orbit: number): void {
    const last = --this.#orbits;
    const image = this.#image[last];
    for (let mode = 0; mode < 3; mode++) {
      this.#table.unlink(3 * orbit + mode);
      if (orbit === last) continue;
      this.#table.unlink(3 * last + mode);
      this.#table.put(3 * orbit + mode, 3 * last + mode);
    }
    if (orbit !== last) this.#pair(orbit, image === last ? orbit : image);
  }
}

function orbitOf(slot: number): number {
  return (slot / 3) | 0;
}
