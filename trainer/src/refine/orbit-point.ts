import { type Factorization, type Size, standardRank, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { balanced, type Scale } from './balance.js';
import type { BasisMove } from './basis-move.js';
import { addCross, gained, isUnit, setOwn, type Vectors } from './vectors.js';

/** Entries are multiples of 1 / PER_FINEST and at most LARGEST in size, so that doubles hold squares and their sums exactly. */
const PER_FINEST = 2 ** 10;
const LARGEST = 2 ** 10;

/** n, m or p: the axis whose basis changes. */
export type Axis = 0 | 1 | 2;

/** Two products with proportional factors of one mode: factor s is `ratio` times factor r. */
export interface FlipPair {
  readonly r: number;
  readonly s: number;
  readonly ratio: number;
  readonly shared: Axis;
  /** The mode in which r takes from s, and the one in which s pays for it. */
  readonly taking: Axis;
  readonly paying: Axis;
}

/**
 * A factorization somewhere in its orbit, with what it takes to tell fast what a change of basis does to it. Axis 0 (length n) counts the
 * rows of u and the columns of w, axis 1 (m) the rows of v and the columns of u, axis 2 (p) the rows of w and the columns of v. All
 * arrays have the products innermost: entry (i, j) of all u is a vector of `rank` numbers. Entries and their products are exact.
 */
export class OrbitPoint {
  readonly rank: number;
  readonly lengths: readonly [n: number, m: number, p: number];
  readonly #size: Size;
  /** What every product is to be multiplied by. */
  readonly #scale: Scale;
  /** For each mode [rows, columns, rank]. */
  readonly #entries: readonly Float64Array[];
  /** For each axis [length, length, rank]: products of the rows of the mode that begins with it … */
  readonly #rowGram: readonly Float64Array[];
  /** … and of the columns of the mode that ends with it. */
  readonly #columnGram: readonly Float64Array[];
  /** For each mode [rank]: squared norms. */
  readonly #norms: readonly Float64Array[];
  /** Rounds to the significant bits that are allowed; at first 24. */
  #splitter = 2 ** (53 - 24) + 1;
  #phi = 0;
  #nonzeros = 0;
  #flips: readonly FlipPair[] | undefined;
  /** Old rows while a move is applied. */
  readonly #kept: Float64Array;

  private constructor(size: Size, rank: number, entries: readonly Float64Array[], scale: Scale) {
    const lengths = [size.n, size.m, size.p] as const;
    this.#size = size;
    this.#scale = scale;
    this.lengths = lengths;
    this.rank = rank;
    this.#entries = entries;
    this.#rowGram = lengths.map((length) => new Float64Array(length * length * rank));
    this.#columnGram = lengths.map((length) => new Float64Array(length * length * rank));
    this.#norms = lengths.map(() => new Float64Array(rank));
    this.#kept = new Float64Array(Math.max(...lengths) * rank);
    this.#begin();
  }

  /** Returns undefined where a coefficient is too large to search with. */
  static from({ size, rank, u, v, w }: Factorization): OrbitPoint | undefined {
    let [numerator, denominator] = [1, 1];
    const entries = [u, v, w].map((mode) => {
      const length = mode.coefficients.length / rank;
      const power = middlePower(mode.coefficients);
      numerator *= power;
      denominator *= mode.denominator;
      return Float64Array.from(
        mode.coefficients,
        (_, at) => mode.coefficients[(at % rank) * length + Math.floor(at / rank)] / power,
      );
    });
    if (!entries.every((mode) => mode.every(isRepresentable))) return undefined;
    return new OrbitPoint(size, rank, entries, { numerator, denominator });
  }

  /** @param significantBits of the numbers that moves may lead to: with 1 powers of two, with 2 three times such too, and so on */
  copy(significantBits: number): OrbitPoint {
    const copied = new OrbitPoint(
      this.#size,
      this.rank,
      this.#entries.map((mode) => mode.slice()),
      this.#scale,
    );
    copied.#splitter = 2 ** (53 - significantBits) + 1;
    return copied;
  }

  /** Phi of the entries, without the scale. */
  get phi(): number {
    return this.#phi;
  }

  get growth(): number {
    const { numerator, denominator } = this.#scale;
    return (Math.sqrt(this.#phi / standardRank(this.#size)) * numerator) / denominator;
  }

  get nonzeros(): number {
    return this.#nonzeros;
  }

  /** Makes the factorization, reconstructed exactly and with balanced factors; undefined where it leaves LIMITS. */
  toFactorization(): VerifiedFactorization | undefined {
    const [u, v, w] = this.#entries.map((mode) => {
      const length = mode.length / this.rank;
      return Float64Array.from(mode, (_, at) => mode[(at % length) * this.rank + Math.floor(at / length)]);
    });
    return balanced(this.#size, this.rank, [u, v, w], this.#scale);
  }

  /** Phi after a move of the basis vectors `chosen` of an axis. */
  phiAfter(axis: Axis, chosen: readonly number[], { order, rowForm, columnForm }: BasisMove): number {
    const { rank } = this;
    const length = this.lengths[axis];
    const [rows, columns] = [this.#rowGram[axis], this.#columnGram[axis]];
    const [a, b, c] = [this.#norms[axis], this.#norms[(axis + 2) % 3], this.#norms[(axis + 1) % 3]];
    let phi = 0;
    if (order === 1) {
      const at = chosen[0] * (length + 1) * rank;
      const [f, g] = [rowForm[0], columnForm[0]];
      for (let r = 0; r < rank; r++) phi += c[r] * (a[r] + f * rows[at + r]) * (b[r] + g * columns[at + r]);
      return phi;
    }
    if (order === 2) {
      const [i, j] = chosen;
      const [ii, ij, jj] = [i * (length + 1) * rank, (i * length + j) * rank, j * (length + 1) * rank];
      const [f0, f1, f2] = rowForm;
      const [g0, g1, g2] = columnForm;
      for (let r = 0; r < rank; r++) {
        phi +=
          c[r] *
          (a[r] + f0 * rows[ii + r] + f1 * rows[ij + r] + f2 * rows[jj + r]) *
          (b[r] + g0 * columns[ii + r] + g1 * columns[ij + r] + g2 * columns[jj + r]);
      }
      return phi;
    }
    for (let r = 0; r < rank; r++) {
      let [row, column] = [a[r], b[r]];
      for (let s = 0, at = 0; s < order; s++) {
        for (let t = s; t < order; t++, at++) {
          const place = (chosen[s] * length + chosen[t]) * rank + r;
          row += rowForm[at] * rows[place];
          column += columnForm[at] * columns[place];
        }
      }
      phi += c[r] * row * column;
    }
    return phi;
  }

  nonzerosAfter(axis: Axis, chosen: readonly number[], { order, matrix, inverse, isDiagonal }: BasisMove): number {
    if (isDiagonal) return this.#nonzeros;
    const { rank } = this;
    const before = (axis + 2) % 3;
    const [length, width, height] = [this.lengths[axis], this.lengths[(axis + 1) % 3], this.lengths[before]];
    const [rows, columns] = [this.#entries[axis], this.#entries[before]];
    let nonzeros = this.#nonzeros;
    for (let s = 0; s < order; s++) {
      // One row of the matrix, and one column of its inverse, make one new vector.
      if (!isUnit(matrix, s * order, 1, s, order)) {
        for (let t = 0; t < width; t++) {
          nonzeros += gained(rows, chosen, width * rank, t * rank, matrix, s * order, 1, s, rank);
        }
      }
      if (!isUnit(inverse, s, order, s, order)) {
        for (let t = 0; t < height; t++) {
          nonzeros += gained(columns, chosen, rank, t * length * rank, inverse, s, order, s, rank);
        }
      }
    }
    return nonzeros;
  }

  /** The pairs of products that share a factor up to a power of two and its sign. A change of basis leaves them. */
  flips(): readonly FlipPair[] {
    this.#flips ??= this.#findFlips();
    return this.#flips;
  }

  /** Phi and nonzeros after a flip: product r takes `amount` times a factor of s, and s pays with its other factor (see `flip`). */
  afterFlip(pair: FlipPair, amount: number): { phi: number; nonzeros: number } {
    const { r, s, shared, taking, paying } = pair;
    const [grown, paid] = [this.#combined(taking, r, s, amount), this.#combined(paying, s, r, -amount / pair.ratio)];
    const norms = this.#norms;
    const phi =
      this.#phi +
      norms[shared][r] * norms[paying][r] * (grown.norm - norms[taking][r]) +
      norms[shared][s] * norms[taking][s] * (paid.norm - norms[paying][s]);
    // A factor that vanishes would be a product less, which no known scheme of least rank allows; the search leaves it aside.
    const vanishes = grown.norm === 0 || paid.norm === 0;
    return { phi: vanishes ? Number.POSITIVE_INFINITY : phi, nonzeros: this.#nonzeros + grown.gained + paid.gained };
  }

  /**
   * Flips two products that share a factor a (b_r (x) c_r + ratio b_s (x) c_s) into a ((b_r + amount b_s) (x) c_r + ratio b_s (x)
   * (c_s - amount / ratio c_r)), which is the same tensor in another orbit (Kauers & Moosbauer, flip graphs, 2022). Returns false, and
   * changes nothing, where an entry would leave the range or have too many significant bits.
   */
  flip(pair: FlipPair, amount: number): boolean {
    const { r, s, taking, paying, ratio } = pair;
    const first = this.#add(taking, r, s, amount);
    const second = this.#add(paying, s, r, -amount / ratio);
    if (!first || !second) {
      this.#add(paying, s, r, amount / ratio);
      this.#add(taking, r, s, -amount);
    } else this.#flips = undefined;
    for (const [mode, product] of [
      [taking, r],
      [paying, s],
    ] as const)
      this.#gramOf(mode, product);
    this.#sum();
    return first && second;
  }

  /** The squared norm of factor `to` plus `amount` times factor `from` of a mode, and how many nonzeros it has more. */
  #combined(mode: Axis, to: number, from: number, amount: number): { norm: number; gained: number } {
    const { rank } = this;
    const entries = this.#entries[mode];
    let [norm, gained] = [0, 0];
    for (let at = 0; at < entries.length; at += rank) {
      const before = entries[at + to];
      const x = before + amount * entries[at + from];
      norm += x * x;
      if (x !== 0) gained++;
      if (before !== 0) gained--;
    }
    return { norm, gained };
  }

  #add(mode: Axis, to: number, from: number, amount: number): boolean {
    const { rank } = this;
    const entries = this.#entries[mode];
    let isInRange = true;
    for (let at = 0; at < entries.length; at += rank) {
      const before = entries[at + to];
      const x = before + amount * entries[at + from];
      if (before !== 0) this.#nonzeros--;
      if (x !== 0) this.#nonzeros++;
      entries[at + to] = x;
      if (!this.#isSimple(x)) isInRange = false;
    }
    return isInRange;
  }

  /** The products of the rows and of the columns of one factor, and its norm. */
  #gramOf(mode: Axis, product: number): void {
    const { rank } = this;
    const next = (mode + 1) % 3;
    const [rows, columns] = [this.lengths[mode], this.lengths[next]];
    const entries = this.#entries[mode];
    const entry = (i: number, j: number): number => entries[(i * columns + j) * rank + product];
    let norm = 0;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < rows; j++) {
        let x = 0;
        for (let t = 0; t < columns; t++) x += entry(i, t) * entry(j, t);
        this.#rowGram[mode][(i * rows + j) * rank + product] = x;
        if (i === j) norm += x;
      }
    }
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        let x = 0;
        for (let t = 0; t < rows; t++) x += entry(t, i) * entry(t, j);
        this.#columnGram[next][(i * columns + j) * rank + product] = x;
      }
    }
    this.#norms[mode][product] = norm;
  }

  #findFlips(): FlipPair[] {
    const found: FlipPair[] = [];
    for (const shared of [0, 1, 2] as const) {
      const [next, last] = [((shared + 1) % 3) as Axis, ((shared + 2) % 3) as Axis];
      for (let r = 0; r < this.rank; r++) {
        for (let s = 0; s < r; s++) {
          const ratio = this.#ratio(shared, r, s);
          if (ratio === undefined) continue;
          found.push({ r, s, ratio, shared, taking: next, paying: last });
          found.push({ r, s, ratio, shared, taking: last, paying: next });
          found.push({ r: s, s: r, ratio: 1 / ratio, shared, taking: next, paying: last });
          found.push({ r: s, s: r, ratio: 1 / ratio, shared, taking: last, paying: next });
        }
      }
    }
    return found;
  }

  /** By what power of two, with its sign, factor `s` of a mode is a multiple of factor `r`. */
  #ratio(mode: Axis, r: number, s: number): number | undefined {
    const entries = this.#entries[mode];
    let ratio: number | undefined;
    for (let at = 0; at < entries.length; at += this.rank) {
      const [x, y] = [entries[at + r], entries[at + s]];
      if (x === 0 && y === 0) continue;
      if (x === 0 || y === 0) return undefined;
      ratio ??= y / x;
      if (ratio * x !== y) return undefined;
    }
    return ratio !== undefined && Number.isInteger(Math.log2(Math.abs(ratio))) ? ratio : undefined;
  }

  /** Makes a move. Returns false, and changes nothing, where an entry would leave the range or have too many significant bits. */
  apply(axis: Axis, chosen: readonly number[], { order, matrix, inverse }: BasisMove): boolean {
    if (this.#mix(axis, chosen, matrix, inverse, order)) return true;
    this.#mix(axis, chosen, inverse, matrix, order);
    return false;
  }

  #mix(
    axis: Axis,
    chosen: readonly number[],
    matrix: readonly number[],
    inverse: readonly number[],
    order: number,
  ): boolean {
    const before = ((axis + 2) % 3) as Axis;
    const [length, width, height] = [this.lengths[axis], this.lengths[(axis + 1) % 3], this.lengths[before]];
    const rows = { mode: axis, length, width, step: width, stride: 1 };
    const columns = { mode: before, length, width: height, step: 1, stride: length };
    const byRow = this.#rowGram[axis];
    const byColumn = this.#columnGram[axis];
    const first = this.#mixVectors(rows, byRow, this.#columnGram[(axis + 1) % 3], chosen, matrix, order, 1);
    const second = this.#mixVectors(columns, byColumn, this.#rowGram[before], chosen, inverse, 1, order);
    this.#sum();
    return first && second;
  }

  /**
   * Vector s of one mode becomes the sum over t of coefficients[s * step + t * stride] times vector t; `own` holds the products of these
   * vectors, `cross` those across them. Returns whether every entry stays in range.
   */
  #mixVectors(
    vectors: Vectors,
    own: Float64Array,
    cross: Float64Array,
    chosen: readonly number[],
    coefficients: readonly number[],
    step: number,
    stride: number,
  ): boolean {
    const { rank } = this;
    const entries = this.#entries[vectors.mode];
    const order = chosen.length;
    const changed = chosen.filter((_, s) => !isUnit(coefficients, s * step, stride, s, order));
    for (const i of changed) addCross(entries, cross, vectors, i, -1, rank);
    const kept = this.#kept;
    let isInRange = true;
    for (let at = 0; at < vectors.width; at++) {
      for (let t = 0; t < order; t++) {
        const from = (chosen[t] * vectors.step + at * vectors.stride) * rank;
        kept.set(entries.subarray(from, from + rank), t * rank);
      }
      for (let s = 0; s < order; s++) {
        if (!changed.includes(chosen[s])) continue;
        const to = (chosen[s] * vectors.step + at * vectors.stride) * rank;
        for (let r = 0; r < rank; r++) {
          let x = 0;
          for (let t = 0; t < order; t++) x += coefficients[s * step + t * stride] * kept[t * rank + r];
          if (entries[to + r] !== 0) this.#nonzeros--;
          if (x !== 0) this.#nonzeros++;
          entries[to + r] = x;
          if (!this.#isSimple(x)) isInRange = false;
        }
      }
    }
    for (const i of changed) addCross(entries, cross, vectors, i, 1, rank);
    for (const i of changed) for (let j = 0; j < vectors.length; j++) setOwn(entries, own, vectors, i, j, rank);
    const norms = this.#norms[vectors.mode].fill(0);
    for (let i = 0; i < vectors.length; i++) {
      const at = i * (vectors.length + 1) * rank;
      for (let r = 0; r < rank; r++) norms[r] += own[at + r];
    }
    return isInRange;
  }

  /** Everything anew, from the entries. */
  #begin(): void {
    this.lengths.forEach((length, axis) => {
      const mode = axis as Axis;
      const width = this.lengths[(axis + 1) % 3];
      const vectors = { mode, length, width, step: width, stride: 1 };
      const entries = this.#entries[mode];
      const [own, cross] = [this.#rowGram[axis], this.#columnGram[(axis + 1) % 3]];
      for (let i = 0; i < length; i++) {
        addCross(entries, cross, vectors, i, 1, this.rank);
        for (let j = 0; j <= i; j++) setOwn(entries, own, vectors, i, j, this.rank);
        for (let r = 0; r < this.rank; r++) this.#norms[mode][r] += own[i * (length + 1) * this.rank + r];
      }
      for (const x of entries) if (x !== 0) this.#nonzeros++;
    });
    this.#sum();
  }

  /** Whether a number is in range and has few significant bits: rounding to so many, by Dekker's splitting, leaves it. */
  #isSimple(x: number): boolean {
    const split = x * this.#splitter;
    return split - (split - x) === x && isRepresentable(x);
  }

  #sum(): void {
    const [u, v, w] = this.#norms;
    let phi = 0;
    for (let r = 0; r < this.rank; r++) phi += u[r] * v[r] * w[r];
    this.#phi = phi;
  }
}

function isRepresentable(x: number): boolean {
  const scaled = x * PER_FINEST;
  // A bitwise or takes 32 bits of a whole number, which is more than is allowed.
  return (scaled | 0) === scaled && x <= LARGEST && x >= -LARGEST;
}

/** The power of two in the middle between the finest and the largest bit of all of them, so that there is room on both sides. */
function middlePower(values: Int32Array): number {
  let bits = 0;
  for (const value of values) bits |= Math.abs(value);
  const [finest, largest] = [Math.log2(bits & -bits), Math.floor(Math.log2(bits))];
  return 2 ** Math.floor((finest + largest) / 2);
}
