import {
  contentHash,
  countNonzeros,
  type FactorizationRecord,
  formatSize,
  growth,
  MODES,
} from '@alphatensor-edge/shared';

/** Figures of one factorization. */
type FactorizationSummary = ReturnType<typeof summarizeFactorization>;

/** Makes the figures of a factorization as a document; modulo 2 nothing is rounded, so that nothing grows. */
export function summarizeFactorization({ factorization, origin, notes }: FactorizationRecord) {
  return {
    size: factorization.size,
    rank: factorization.rank,
    arithmetic: factorization.arithmetic,
    nonzeros: countNonzeros(factorization),
    denominators: MODES.map((mode) => factorization[mode].denominator),
    growth: factorization.arithmetic === 'modulo-2' ? undefined : growth(factorization),
    hash: contentHash(factorization),
    origin,
    notes,
  };
}

/** Says in one line what was reconstructed exactly. */
export function exactWords(summary: FactorizationSummary): string {
  const { size, rank, arithmetic, hash, origin } = summary;
  const field = arithmetic === 'modulo-2' ? ' modulo 2' : '';
  return `exact ${formatSize(size)} of rank ${rank}${field}, ${costWords(summary)}, origin ${origin}, ${hash.slice(0, 12)}`;
}

/** Says how many nonzeros it has, with which denominators of u, v and w where there are any, and how much its errors grow. */
export function costWords({
  nonzeros,
  denominators = [],
  growth,
}: Pick<FactorizationSummary, 'nonzeros' | 'growth'> & { readonly denominators?: readonly number[] }): string {
  const over = denominators.every((denominator) => denominator === 1) ? '' : ` over ${denominators.join(', ')}`;
  return `${nonzeros} nonzeros${over}${growth === undefined ? '' : `, growth ${growth.toFixed(3)}`}`;
}
