import { modeLengths, type Size } from '@alphatensor-edge/shared';

/**
 * Finds signs of the entries of the three modes that bring a tensor to its normal form. All tensors that differ by such signs alone have
 * the same normal form. In it, as many nonzero cells as can be chosen freely are positive: a cell is free if no product of cells before it, in
 * index order, settles its sign. This is a system of linear equations modulo 2, with one unknown for each entry of a mode, solved by
 * elimination.
 *
 * @param tensor n*m x m*p x p*n, row-major
 * @returns 1 or -1 for each entry of u, then v, then w
 */
export function normalSigns(tensor: Int8Array, size: Size): Int8Array {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const unknowns = lengthU + lengthV + lengthW;
  const system = new Equations(unknowns);
  let cell = 0;
  for (let a = 0; a < lengthU; a++) {
    for (let b = 0; b < lengthV; b++) {
      for (let c = 0; c < lengthW; c++) {
        const value = tensor[cell++];
        if (value === 0) continue;
        system.add([a, lengthU + b, lengthU + lengthV + c], value < 0 ? 1 : 0);
      }
    }
  }
  return system.solve().map((isNegative) => (isNegative === 1 ? -1 : 1));
}

/** Holds independent linear equations modulo 2; each has its first unknown as its pivot, and no two have the same. */
class Equations {
  readonly #unknowns: number;
  /** [pivot, word]: the unknowns of the equation with that pivot, 32 a word. */
  readonly #rows: Int32Array;
  readonly #words: number;
  readonly #isThere: Uint8Array;
  readonly #sums: Int8Array;
  readonly #row: Int32Array;

  constructor(unknowns: number) {
    this.#unknowns = unknowns;
    this.#words = Math.ceil(unknowns / 32);
    this.#rows = new Int32Array(unknowns * this.#words);
    this.#isThere = new Uint8Array(unknowns);
    this.#sums = new Int8Array(unknowns);
    this.#row = new Int32Array(this.#words);
  }

  /** Adds the equation that the unknowns add up to `sum`, unless the others settle it. */
  add(unknowns: readonly number[], sum: number): void {
    const row = this.#row.fill(0);
    for (const unknown of unknowns) row[unknown >> 5] |= 1 << (unknown & 31);
    let total = sum;
    for (let word = 0; word < this.#words; word++) {
      while (row[word] !== 0) {
        const pivot = 32 * word + 31 - Math.clz32(row[word] & -row[word]);
        const base = pivot * this.#words;
        if (this.#isThere[pivot] === 0) {
          this.#rows.set(row, base);
          this.#isThere[pivot] = 1;
          this.#sums[pivot] = total;
          return;
        }
        for (let other = word; other < this.#words; other++) row[other] ^= this.#rows[base + other];
        total ^= this.#sums[pivot];
      }
    }
  }

  /** Gives a solution, 0 or 1 for each unknown; 0 where it is free. */
  solve(): Int8Array {
    const solution = new Int8Array(this.#unknowns);
    for (let pivot = this.#unknowns - 1; pivot >= 0; pivot--) {
      if (this.#isThere[pivot] === 0) continue;
      let sum = this.#sums[pivot];
      for (let other = pivot + 1; other < this.#unknowns; other++) {
        if ((this.#rows[pivot * this.#words + (other >> 5)] >> (other & 31)) & 1) sum ^= solution[other];
      }
      solution[pivot] = sum;
    }
    return solution;
  }
}
