import { swapRows } from './gf2.js';

/**
 * Solves linear systems A x = b over the field of three elements, for one matrix and many right-hand sides, as Gf2System does modulo 2.
 * The entries 1 and the entries -1 of A are bits of one array each, so that a word operation adds 32 of them.
 */
export class Gf3System {
  readonly #rows: number;
  readonly #columns: number;
  /** The column and the sign of each pivot. Pivot number i is in row i after the swaps. */
  readonly #pivots: { readonly column: number; readonly sign: number }[] = [];
  /** The row operations, in order: rows i and j were swapped, then row i was added to rows, or taken from them. */
  readonly #operations: RowOperation[] = [];

  /**
   * @param plus bits where A is 1, row-major, each row padded to whole 32-bit words; they are overwritten
   * @param minus the same where A is -1
   */
  constructor(plus: Int32Array, minus: Int32Array, rows: number, columns: number) {
    this.#rows = rows;
    this.#columns = columns;
    const words = (columns + 31) >>> 5;
    for (let column = 0; column < columns && this.rank < rows; column++) {
      const i = this.rank;
      const [word, bit] = [column >>> 5, 1 << (column & 31)];
      const signAt = (row: number): number => {
        if ((plus[row * words + word] & bit) !== 0) return 1;
        return (minus[row * words + word] & bit) !== 0 ? -1 : 0;
      };
      let j = i;
      while (j < rows && signAt(j) === 0) j++;
      if (j === rows) continue;
      if (j !== i) for (const plane of [plus, minus]) swapRows(plane, words, i, j);
      const sign = signAt(i);
      const added: number[] = [];
      const taken: number[] = [];
      for (let row = 0; row < rows; row++) {
        const other = row === i ? 0 : signAt(row);
        if (other === 0) continue;
        const isAdded = other !== sign;
        (isAdded ? added : taken).push(row);
        // Left of the pivot, its row is zero in the pivot columns, and the other columns are no longer needed.
        addRow(
          isAdded ? [plus, minus] : [minus, plus],
          [plus, minus],
          i * words + word,
          row * words + word,
          words - word,
        );
      }
      this.#pivots.push({ column, sign });
      this.#operations.push({ i, j, added: Uint32Array.from(added), taken: Uint32Array.from(taken) });
    }
  }

  get rank(): number {
    return this.#pivots.length;
  }

  /**
   * Finds the solution with all free variables 0, one of 0, 1 and 2 for each variable; undefined if there is none.
   * @param b 0, 1 or 2 for each row
   */
  solve(b: Uint8Array): Uint8Array | undefined {
    const right = b.slice();
    for (const { i, j, added, taken } of this.#operations) {
      [right[i], right[j]] = [right[j], right[i]];
      const x = right[i];
      if (x === 0) continue;
      for (const row of added) right[row] = (right[row] + x) % 3;
      for (const row of taken) right[row] = (right[row] + 3 - x) % 3;
    }
    for (let row = this.rank; row < this.#rows; row++) if (right[row] !== 0) return undefined;
    const x = new Uint8Array(this.#columns);
    this.#pivots.forEach(({ column, sign }, row) => {
      x[column] = sign > 0 ? right[row] : (3 - right[row]) % 3;
    });
    return x;
  }
}

interface RowOperation {
  readonly i: number;
  readonly j: number;
  readonly added: Uint32Array;
  readonly taken: Uint32Array;
}

type Planes = readonly [plus: Int32Array, minus: Int32Array];

/** Adds `length` words of one row of `source` to another of `target`, modulo 3. */
function addRow(
  [sourcePlus, sourceMinus]: Planes,
  [plus, minus]: Planes,
  from: number,
  to: number,
  length: number,
): void {
  for (let at = 0; at < length; at++) {
    const [p, m] = [plus[to + at], minus[to + at]];
    const [q, n] = [sourcePlus[from + at], sourceMinus[from + at]];
    const [isZero, isOtherZero] = [~(p | m), ~(q | n)];
    plus[to + at] = (p & isOtherZero) | (q & isZero) | (m & n);
    minus[to + at] = (m & isOtherZero) | (n & isZero) | (p & q);
  }
}
