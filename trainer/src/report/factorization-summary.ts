import {
  type AnyRecord,
  type Arithmetic,
  contentHash,
  countGaussianNonzeros,
  countNonzeros,
  type FactorizationRecord,
  formatSize,
  gaussianHash,
  growth,
  MODES,
} from '@alphatensor-edge/shared';

/** Figures of one factorization. */
type FactorizationSummary = ReturnType<typeof summarizeFactorization>;

/** Figures of one factorization in any arithmetic, also over the Gaussian rationals. */
export type RecordSummary = Omit<FactorizationSummary, 'arithmetic'> & { readonly arithmetic: Arithmetic | 'gaussian' };

/** Makes the figures of a factorization that may have complex coefficients. Error growth is said of real programs only. */
export function summarizeRecord(record: AnyRecord): RecordSummary {
  if ('factorization' in record) return summarizeFactorization(record);
  const { gaussian, origin, notes } = record;
  return {
    size: gaussian.size,
    rank: gaussian.rank,
    arithmetic: 'gaussian',
    nonzeros: countGaussianNonzeros(gaussian),
    denominators: MODES.map((mode) => gaussian[mode].denominator),
    growth: undefined,
    hash: gaussianHash(gaussian),
    origin,
    notes,
  };
}

/** Makes the figures of a factorization as a document; modulo 2 nothing is rounded, so that nothing grows. */
export function summarizeFactorization({ factorization, origin, notes }: FactorizationRecord) {
  return {
    size: factorization.size,
    rank: factorization.rank,
    arithmetic: factorization.arithmetic,
    nonzeros: countNonzeros(factorization),
    denominators: MODES.map((mode) => factorization[mode].denominator),
    growth: factorization.arithmetic !== 'standard' ? undefined : growth(factorization),
    hash: contentHash(factorization),
    origin,
    notes,
  };
}

/** Says in one line what was reconstructed exactly. */
export function exactWords(summary: RecordSummary): string {
  const { size, rank, arithmetic, hash, origin } = summary;
  const field = FIELD_WORDS[arithmetic];
  return `exact ${formatSize(size)} of rank ${rank}${field}, ${costWords(summary)}, origin ${origin}, ${hash.slice(0, 12)}`;
}

const FIELD_WORDS: Readonly<Record<RecordSummary['arithmetic'], string>> = {
  standard: '',
  'modulo-2': ' modulo 2',
  'modulo-3': ' modulo 3',
  gaussian: ' over the Gaussian rationals (complex coefficients: not for measuring)',
};

/** Says how many nonzeros it has, with which denominators of u, v and w where there are any, and how much its errors grow. */
export function costWords({
  nonzeros,
  denominators = [],
  growth,
}: Pick<FactorizationSummary, 'nonzeros' | 'growth'> & { readonly denominators?: readonly number[] }): string {
  const over = denominators.every((denominator) => denominator === 1) ? '' : ` over ${denominators.join(', ')}`;
  return `${nonzeros} nonzeros${over}${growth === undefined ? '' : `, growth ${growth.toFixed(3)}`}`;
}
