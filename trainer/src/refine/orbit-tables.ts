import { type Axis, addCross, setOwn } from './vectors.js';

/** Entries are multiples of 1 / PER_FINEST and at most LARGEST in size, so that doubles hold squares and their sums exactly. */
const PER_FINEST = 2 ** 10;
const LARGEST = 2 ** 10;
/** The significant bits of a double. */
const DOUBLE_BITS = 53;

/**
 * Holds the entries of a factorization and the sums over them that tell fast what a change does. Axis 0 (length n) counts the rows of u
 * and the columns of w, axis 1 (m) the rows of v and the columns of u, axis 2 (p) the rows of w and the columns of v. A mode has the
 * number of the axis of its rows. All arrays have the products innermost: entry (i, j) of all u is a vector of `rank` numbers. Entries and
 * their products are exact. Whoever changes entries brings the sums up to date.
 */
export class OrbitTables {
  readonly lengths: readonly [n: number, m: number, p: number];
  readonly rank: number;
  /** For each mode [rows, columns, rank]. */
  readonly entries: readonly Float64Array[];
  /** For each axis [length, length, rank]: products of the rows of the mode that begins with it … */
  readonly rowGram: readonly Float64Array[];
  /** … and of the columns of the mode that ends with it. */
  readonly columnGram: readonly Float64Array[];
  /** For each mode [rank]: squared norms. */
  readonly norms: readonly Float64Array[];
  /** Nonzeros of all entries. */
  nonzeros = 0;
  /** Room for a few vectors of `rank` numbers, as many as the longest axis has. */
  readonly scratch: Float64Array;
  /** Rounds to the significant bits that are allowed. */
  readonly #splitter: number;
  #phi = 0;

  /** @param significantBits of the numbers that changes may lead to: with 1 powers of two, with 2 three times such too, and so on */
  constructor(
    lengths: readonly [n: number, m: number, p: number],
    rank: number,
    entries: readonly Float64Array[],
    significantBits: number,
  ) {
    this.lengths = lengths;
    this.rank = rank;
    this.entries = entries;
    this.rowGram = lengths.map((length) => new Float64Array(length * length * rank));
    this.columnGram = lengths.map((length) => new Float64Array(length * length * rank));
    this.norms = lengths.map(() => new Float64Array(rank));
    this.scratch = new Float64Array(Math.max(...lengths) * rank);
    this.#splitter = 2 ** (DOUBLE_BITS - significantBits) + 1;
    this.#fill();
  }

  /** Copies the entries into new tables. */
  copy(significantBits: number): OrbitTables {
    const entries = this.entries.map((mode) => mode.slice());
    return new OrbitTables(this.lengths, this.rank, entries, significantBits);
  }

  /** Phi of the entries: the sum over all products of their squared norms' product. */
  get phi(): number {
    return this.#phi;
  }

  /** Tells whether a number is in range and has few significant bits: rounding to so many, by Dekker's splitting, leaves it. */
  isSimple(x: number): boolean {
    const split = x * this.#splitter;
    return split - (split - x) === x && isRepresentable(x);
  }

  /** Sums phi from the norms. */
  sumPhi(): void {
    const [u, v, w] = this.norms;
    let phi = 0;
    for (let r = 0; r < this.rank; r++) phi += u[r] * v[r] * w[r];
    this.#phi = phi;
  }

  /** Sums everything from the entries. */
  #fill(): void {
    this.lengths.forEach((length, axis) => {
      const mode = axis as Axis;
      const width = this.lengths[(axis + 1) % 3];
      const vectors = { mode, length, width, step: width, stride: 1 };
      const entries = this.entries[mode];
      const [own, cross] = [this.rowGram[axis], this.columnGram[(axis + 1) % 3]];
      for (let i = 0; i < length; i++) {
        addCross(entries, cross, vectors, i, 1, this.rank);
        for (let j = 0; j <= i; j++) setOwn(entries, own, vectors, i, j, this.rank);
        for (let r = 0; r < this.rank; r++) this.norms[mode][r] += own[i * (length + 1) * this.rank + r];
      }
      for (const x of entries) if (x !== 0) this.nonzeros++;
    });
    this.sumPhi();
  }
}

/** Tells whether a number is in the range in which doubles are exact. */
export function isRepresentable(x: number): boolean {
  const scaled = x * PER_FINEST;
  // A bitwise or takes 32 bits of a whole number, which is more than is allowed.
  return (scaled | 0) === scaled && x <= LARGEST && x >= -LARGEST;
}
