import { formatSize, MODES, type Size, type VerifiedFactorization } from '@alphatensor-edge/shared';

/** Holds the lowest ranks of one size. Infinity: none. */
interface Ranks {
  readonly size: Size;
  /** Those that walks reached, without products. */
  walked: number;
  composed: number;
  /** Those with integer coefficients. */
  integer: number;
}

/** Tells the lowest ranks of a size; undefined: none. */
export interface SizeRanks {
  readonly size: Size;
  readonly bestRank: number | undefined;
  /** The lowest rank with integer coefficients, of what the search began with and what was found. */
  readonly bestIntegerRank: number | undefined;
}

/** Keeps the lowest ranks of each size that a search goes through. */
export class RankRecords {
  readonly #bySize = new Map<string, Ranks>();

  constructor(starts: readonly VerifiedFactorization[]) {
    for (const start of starts) {
      const ranks = this.of(start.size);
      ranks.walked = Math.min(ranks.walked, start.rank);
      if (isInteger(start)) ranks.integer = Math.min(ranks.integer, start.rank);
    }
  }

  of(size: Size): Ranks {
    const key = formatSize(size);
    const known = this.#bySize.get(key);
    if (known !== undefined) return known;
    const none = { size, walked: Infinity, composed: Infinity, integer: Infinity };
    this.#bySize.set(key, none);
    return none;
  }

  summary(size: Size): SizeRanks {
    const { walked, composed, integer } = this.of(size);
    return { size, bestRank: finite(Math.min(walked, composed)), bestIntegerRank: finite(integer) };
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

function isInteger(factorization: VerifiedFactorization): boolean {
  return factorization.arithmetic === 'standard' && MODES.every((mode) => factorization[mode].denominator === 1);
}

function finite(rank: number): number | undefined {
  return Number.isFinite(rank) ? rank : undefined;
}
