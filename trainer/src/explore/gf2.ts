/**
 * Solves linear systems A x = b over the field of two elements, for one matrix and many right-hand sides. A is brought to
 * reduced row echelon form once, and the row operations are kept for the right-hand sides.
 */
export class Gf2System {
  readonly #rows: number;
  readonly #columns: number;
  /** The column of each pivot, [pivots]. Pivot number i is in row i after the swaps. */
  readonly #pivotColumns: number[] = [];
  /** The row operations, in order: rows i and j were swapped, then row i was added to the rows in `targets`. */
  readonly #operations: { readonly i: number; readonly j: number; readonly targets: Uint32Array }[] = [];

  /** @param entries bits of A, row-major, each row padded to whole 32-bit words; they are overwritten */
  constructor(entries: Int32Array, rows: number, columns: number) {
    this.#rows = rows;
    this.#columns = columns;
    const words = (columns + 31) >>> 5;
    for (let column = 0; column < columns && this.#pivotColumns.length < rows; column++) {
      const i = this.#pivotColumns.length;
      const [word, bit] = [column >>> 5, 1 << (column & 31)];
      let j = i;
      while (j < rows && (entries[j * words + word] & bit) === 0) j++;
      if (j === rows) continue;
      if (j !== i) swapRows(entries, words, i, j);
      const targets: number[] = [];
      for (let row = 0; row < rows; row++) {
        if (row === i || (entries[row * words + word] & bit) === 0) continue;
        targets.push(row);
        // Left of the pivot, its row is zero in the pivot columns, and the other columns are no longer needed.
        for (let at = word, from = i * words + word, to = row * words + word; at < words; at++) {
          entries[to++] ^= entries[from++];
        }
      }
      this.#pivotColumns.push(column);
      this.#operations.push({ i, j, targets: Uint32Array.from(targets) });
    }
  }

  get rank(): number {
    return this.#pivotColumns.length;
  }

  /**
   * Finds the solution with all free variables 0, one byte for each variable; undefined if there is none.
   * @param b one byte for each row
   */
  solve(b: Uint8Array): Uint8Array | undefined {
    const right = b.slice();
    for (const { i, j, targets } of this.#operations) {
      [right[i], right[j]] = [right[j], right[i]];
      if (right[i] !== 0) for (const row of targets) right[row] ^= 1;
    }
    for (let row = this.rank; row < this.#rows; row++) if (right[row] !== 0) return undefined;
    const x = new Uint8Array(this.#columns);
    this.#pivotColumns.forEach((column, row) => {
      x[column] = right[row];
    });
    return x;
  }
}

/** Swaps two rows of a matrix of bits. */
export function swapRows(entries: Int32Array, words: number, i: number, j: number): void {
  for (let at = 0; at < words; at++) {
    const kept = entries[i * words + at];
    entries[i * words + at] = entries[j * words + at];
    entries[j * words + at] = kept;
  }
}
