import { type PackedTerms, widthOf } from './packed-terms.js';
import type { Symmetry } from './symmetry.js';

/** Holds one term of each orbit of three products, and the factors of the single products a(x)a(x)a. */
export interface Orbits {
  readonly orbits: readonly number[];
  readonly singles: readonly Int32Array[];
}

/** Tells whether rotating the modes leaves a factorization as it is. */
export function isCyclic(terms: PackedTerms): boolean {
  return orbitsOf(terms) !== undefined;
}

/** Tells whether a factorization has a symmetry. @param entries of a factor */
export function hasSymmetry(terms: PackedTerms, symmetry: Symmetry, entries: number): boolean {
  if (symmetry === 'none') return true;
  const found = orbitsOf(terms);
  if (found === undefined || symmetry === 'cyclic') return found !== undefined;
  return mirroredOrbits(terms, found, entries) !== undefined;
}

/** Finds one term of each orbit of three, and the factors of the single products; undefined if rotating changes the set. */
export function orbitsOf(terms: PackedTerms): Orbits | undefined {
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

/** Names the orbit that reversing an orbit gives, and the mode of it where the reversed first factor is. */
export interface Mirrored {
  readonly orbit: number;
  readonly turn: number;
}

/**
 * Finds the orbit that reversing the order of rows and of columns makes of each: the entries of each factor in reverse order.
 * @param entries of a factor
 * @returns for each of `orbits` its image, which may be itself; undefined if reversing changes the factorization
 */
export function mirroredOrbits(
  terms: PackedTerms,
  { orbits, singles }: Orbits,
  entries: number,
): Mirrored[] | undefined {
  const width = widthOf(terms);
  const factor = (term: number, mode: number): Int32Array =>
    terms.words.subarray(width * (3 * term + mode), width * (3 * term + mode + 1));
  const key = (factors: readonly Int32Array[]): string => factors.map((words) => words.join()).join(';');
  const isClosed = (all: readonly string[], images: readonly string[]): boolean =>
    [...all].sort().join('|') === [...images].sort().join('|');
  if (
    !isClosed(
      singles.map((each) => key([each])),
      singles.map((each) => key([reversed(each, entries)])),
    )
  ) {
    return undefined;
  }
  const open = new Map<string, number[]>();
  orbits.forEach((term, orbit) => {
    for (let turn = 0; turn < 3; turn++) {
      const name = key([0, 1, 2].map((mode) => factor(term, (mode + turn) % 3)));
      open.set(name, [...(open.get(name) ?? []), 3 * orbit + turn]);
    }
  });
  const images: (Mirrored | undefined)[] = orbits.map(() => undefined);
  for (const [orbit, term] of orbits.entries()) {
    if (images[orbit] !== undefined) continue;
    const name = key([0, 1, 2].map((mode) => reversed(factor(term, mode), entries)));
    const free = (open.get(name) ?? []).filter((at) => images[Math.floor(at / 3)] === undefined);
    // An orbit that is its own image is paired with itself, not with an equal one.
    const at = free.find((each) => Math.floor(each / 3) === orbit) ?? free[0];
    if (at === undefined) return undefined;
    const [other, turn] = [Math.floor(at / 3), at % 3];
    images[orbit] = { orbit: other, turn };
    images[other] = { orbit, turn: (3 - turn) % 3 };
  }
  return images as Mirrored[];
}

/** Gives the entries of a factor in reverse order: of the matrix X, the one with rows and columns reversed. */
function reversed(words: Int32Array, entries: number): Int32Array {
  const image = new Int32Array(words.length);
  for (let i = 0; i < entries; i++) {
    if (((words[i >> 5] >>> (i & 31)) & 1) === 0) continue;
    const to = entries - 1 - i;
    image[to >> 5] |= 1 << (to & 31);
  }
  return image;
}
