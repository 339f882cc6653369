import { type Factorization, type Size, standardRank, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { applyMove, nonzerosAfter, phiAfter } from './apply-move.js';
import { balanced, type Scale } from './balance.js';
import type { BasisMove } from './basis-move.js';
import { afterFlip, type FlipPair, findFlips, flip } from './flips.js';
import { isRepresentable, OrbitTables } from './orbit-tables.js';
import type { Axis } from './vectors.js';

/** The significant bits of the numbers that a point may have before `copy` settles them. */
const SIGNIFICANT_BITS = 24;

/** Holds a factorization somewhere in its orbit, and tells fast what changes of basis and flips do to it. Everything is exact. */
export class OrbitPoint {
  readonly #size: Size;
  /** What every product is to be multiplied by. */
  readonly #scale: Scale;
  readonly #tables: OrbitTables;
  #flips: readonly FlipPair[] | undefined;

  private constructor(size: Size, scale: Scale, tables: OrbitTables) {
    this.#size = size;
    this.#scale = scale;
    this.#tables = tables;
  }

  /** Makes a point of a factorization; undefined where a coefficient is too large to search with. */
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
    const tables = new OrbitTables([size.n, size.m, size.p], rank, entries, SIGNIFICANT_BITS);
    return new OrbitPoint(size, { numerator, denominator }, tables);
  }

  /** Copies the point. @param significantBits as OrbitTables has them */
  copy(significantBits = SIGNIFICANT_BITS): OrbitPoint {
    return new OrbitPoint(this.#size, this.#scale, this.#tables.copy(significantBits));
  }

  /** The lengths of the axes. */
  get lengths(): readonly [n: number, m: number, p: number] {
    return this.#tables.lengths;
  }

  /** Phi of the entries, without the scale. */
  get phi(): number {
    return this.#tables.phi;
  }

  get growth(): number {
    const { numerator, denominator } = this.#scale;
    return (Math.sqrt(this.phi / standardRank(this.#size)) * numerator) / denominator;
  }

  get nonzeros(): number {
    return this.#tables.nonzeros;
  }

  /** Makes the factorization, reconstructed exactly and with balanced factors; undefined where it leaves LIMITS. */
  toFactorization(): VerifiedFactorization | undefined {
    const { rank, entries } = this.#tables;
    const [u, v, w] = entries.map((mode) => {
      const length = mode.length / rank;
      return Float64Array.from(mode, (_, at) => mode[(at % length) * rank + Math.floor(at / length)]);
    });
    return balanced(this.#size, rank, [u, v, w], this.#scale);
  }

  /** Foretells phi after a move of the basis vectors `chosen` of an axis. */
  phiAfter(axis: Axis, chosen: readonly number[], move: BasisMove): number {
    return phiAfter(this.#tables, axis, chosen, move);
  }

  /** Foretells the nonzeros after a move. */
  nonzerosAfter(axis: Axis, chosen: readonly number[], move: BasisMove): number {
    return nonzerosAfter(this.#tables, axis, chosen, move);
  }

  /** Makes a move. Returns false, and changes nothing, where `applyMove` does. */
  apply(axis: Axis, chosen: readonly number[], move: BasisMove): boolean {
    return applyMove(this.#tables, axis, chosen, move);
  }

  /** Lists the pairs of products that can be flipped. A change of basis leaves them. */
  flips(): readonly FlipPair[] {
    this.#flips ??= findFlips(this.#tables);
    return this.#flips;
  }

  /** Foretells phi and nonzeros after a flip. */
  afterFlip(pair: FlipPair, amount: number): { phi: number; nonzeros: number } {
    return afterFlip(this.#tables, pair, amount);
  }

  /** Flips a pair. Returns false, and changes nothing, where the function `flip` does. */
  flip(pair: FlipPair, amount: number): boolean {
    const isFlipped = flip(this.#tables, pair, amount);
    if (isFlipped) this.#flips = undefined;
    return isFlipped;
  }
}

/** The power of two in the middle between the finest and the largest bit of all of them, so that there is room on both sides. */
function middlePower(values: Int32Array): number {
  let bits = 0;
  for (const value of values) bits |= Math.abs(value);
  const [finest, largest] = [Math.log2(bits & -bits), Math.floor(Math.log2(bits))];
  return 2 ** Math.floor((finest + largest) / 2);
}
