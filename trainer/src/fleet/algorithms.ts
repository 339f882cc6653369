import {
  contentHash,
  type FactorizationRecord,
  formatSize,
  MODES,
  strassen,
  type VerifiedFactorization,
  winograd,
} from '@alphatensor-edge/shared';
import type { AlgorithmRef } from './measurement.js';

/** Something that can be measured: recursion levels, outermost first, and what to call them. */
export interface Candidate {
  readonly levels: readonly VerifiedFactorization[];
  readonly algorithm: AlgorithmRef;
}

/**
 * A candidate that applies one factorization `depth` times, one inside the other.
 * `name` is the label of one level; the depth is added to it as an exponent.
 */
export function candidate(
  { factorization, origin }: FactorizationRecord,
  role: AlgorithmRef['role'],
  { depth = 1, name = shortName(factorization) }: { depth?: number; name?: string } = {},
): Candidate {
  const levels = Array.from({ length: depth }, () => factorization);
  const hash = contentHash(factorization);
  const { size, rank, arithmetic } = factorization;
  return {
    levels,
    algorithm: {
      levels: levels.map(() => hash),
      label: name + exponent(depth),
      role,
      origin,
      size: { n: size.n ** depth, m: size.m ** depth, p: size.p ** depth },
      rank: rank ** depth,
      nonzeros: composedNonzeros(factorization, depth),
      arithmetic,
    },
  };
}

/** `<2,2,2;7> 3f9a12`: size, rank and the start of the content hash. */
export function shortName(factorization: VerifiedFactorization): string {
  return `${formatSize(factorization.size).slice(0, -1)};${factorization.rank}> ${contentHash(factorization).slice(0, 6)}`;
}

/** The baseline against itself: the control, and the row that every speed-up is relative to. */
function baselineControl(): Candidate {
  return {
    levels: [],
    algorithm: {
      levels: [],
      label: 'baseline',
      role: 'reference',
      origin: 'baseline',
      size: { n: 1, m: 1, p: 1 },
      rank: 1,
      nonzeros: 0,
      arithmetic: 'standard',
    },
  };
}

/** What every report compares with: the baseline, Strassen's algorithm once and twice, and Winograd's form of it. */
export function references(): Candidate[] {
  const known = (factorization: VerifiedFactorization): FactorizationRecord => ({ factorization, origin: 'imported' });
  return [
    baselineControl(),
    candidate(known(strassen()), 'reference', { name: 'Strassen' }),
    candidate(known(strassen()), 'reference', { name: 'Strassen', depth: 2 }),
    candidate(known(winograd()), 'reference', { name: 'Winograd' }),
  ];
}

/** A Kronecker power has, in each mode, the power of the nonzeros. */
function composedNonzeros(factorization: VerifiedFactorization, depth: number): number {
  return MODES.reduce((sum, mode) => sum + factorization[mode].coefficients.filter((x) => x !== 0).length ** depth, 0);
}

function exponent(depth: number): string {
  return depth === 1 ? '' : [...String(depth)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
}
