import { formatSize, MODES, type Size, type VerifiedFactorization } from '@alphatensor-edge/shared';

/** Holds the lowest ranks of one size. Infinity: none. */
interface Ranks {
  readonly size: Size;
  /** Those that walks reached, without products. */
  walked: number;
  composed: number;
  /** Those with integer coefficients. */
  integer: number;
  /** Those over the rationals: integers or fractions. */
  rational: number;
}

/** Tells the lowest ranks of a size; undefined: none. */
export interface SizeRanks {
  readonly size: Size;
  readonly bestRank: number | undefined;
  /** The lowest rank with integer coefficients, of what the search began with and what was found. */
  readonly bestIntegerRank: number | undefined;
  /** The same with integers or fractions. */
  readonly bestRationalRank: number | undefined;
}

/** Keeps the lowest ranks of each size that a search goes through. */
export class RankRecords {
  readonly #bySize = new Map<string, Ranks>();

  constructor(starts: readonly VerifiedFactorization[]) {
    for (const start of starts) {
      const ranks = this.of(start.size);
      ranks.walked = Math.min(ranks.walked, start.rank);
      this.noteExact(start);
    }
  }

  of(size: Size): Ranks {
    const key = formatSize(size);
    const known = this.#bySize.get(key);
    if (known !== undefined) return known;
    const none = { size, walked: Infinity, composed: Infinity, integer: Infinity, rational: Infinity };
    this.#bySize.set(key, none);
    return none;
  }

  /** Takes in a factorization that is exact over the rationals; another one is left out. */
  noteExact(factorization: VerifiedFactorization): void {
    if (factorization.arithmetic !== 'standard') return;
    const ranks = this.of(factorization.size);
    ranks.rational = Math.min(ranks.rational, factorization.rank);
    if (isInteger(factorization)) ranks.integer = Math.min(ranks.integer, factorization.rank);
  }

  summary(size: Size): SizeRanks {
    const { walked, composed, integer, rational } = this.of(size);
    return {
      size,
      bestRank: finite(Math.min(walked, composed)),
      bestIntegerRank: finite(integer),
      bestRationalRank: finite(rational),
    };
  }

  /** Lists all sizes of which something is known, by the entries of their products. */
  summaries(): SizeRanks[] {
    const volume = ({ n, m, p }: Size): number => n * m * p;
    return [...this.#bySize.values()]
      .map(({ size }) => this.summary(size))
      .filter(({ bestRank }) => bestRank !== undefined)
      .sort((a, b) => volume(a.size) - volume(b.size));
  }
}

/** Tells whether all coefficients are whole numbers. */
export function isInteger(factorization: VerifiedFactorization): boolean {
  return MODES.every((mode) => factorization[mode].denominator === 1);
}

function finite(rank: number): number | undefined {
  return Number.isFinite(rank) ? rank : undefined;
}
