import {
  contentHash,
  type FactorizationRecord,
  formatSize,
  growth,
  isKnownName,
  MODES,
  strassen,
  type VerifiedFactorization,
  winograd,
} from '@alphatensor-edge/shared';
import type { AlgorithmRef } from './measurement.js';

/** Holds an algorithm to measure: its recursion levels, outermost first, and its description for reports. */
export interface Candidate {
  readonly levels: readonly VerifiedFactorization[];
  readonly algorithm: AlgorithmRef;
}

/**
 * Makes a candidate that applies one factorization on `depth` recursion levels.
 * `name` is the label of one level; the depth is added as an exponent.
 */
export function candidate(
  record: FactorizationRecord,
  role: AlgorithmRef['role'],
  { depth = 1, name = algorithmName(record) }: { depth?: number; name?: string } = {},
): Candidate {
  const { factorization, origin } = record;
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
      ...(arithmetic === 'standard' && { growth: growth(factorization) ** depth }),
    },
  };
}

/** Names an algorithm: by its name in the catalogue, the name of a known one, else by size, rank and hash. */
export function algorithmName({ factorization, provenance }: FactorizationRecord): string {
  const { catalogue, known } = provenance ?? {};
  if (typeof catalogue === 'string') return catalogue;
  // A file may say anything.
  return typeof known === 'string' && isKnownName(known) ? known : shortName(factorization);
}

/** Writes `<2,2,2;7> 3f9a12`: size, rank and the start of the content hash. */
function shortName(factorization: VerifiedFactorization): string {
  return `${formatSize(factorization.size).slice(0, -1)};${factorization.rank}> ${contentHash(factorization).slice(0, 6)}`;
}

/** Makes the baseline a candidate. It is the control, and every speed-up is relative to its row. */
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

/** Lists the candidates of every report: the baseline, Strassen's algorithm on one and two levels, and Winograd's form of it. */
export function references(): Candidate[] {
  const known = (factorization: VerifiedFactorization): FactorizationRecord => ({ factorization, origin: 'imported' });
  return [
    baselineControl(),
    candidate(known(strassen()), 'reference', { name: 'Strassen' }),
    candidate(known(strassen()), 'reference', { name: 'Strassen', depth: 2 }),
    candidate(known(winograd()), 'reference', { name: 'Winograd' }),
  ];
}

/** Counts the nonzeros of a Kronecker power: in each mode they are the power of the factorization's nonzeros. */
function composedNonzeros(factorization: VerifiedFactorization, depth: number): number {
  return MODES.reduce((sum, mode) => sum + factorization[mode].coefficients.filter((x) => x !== 0).length ** depth, 0);
}

function exponent(depth: number): string {
  return depth === 1 ? '' : [...String(depth)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
}
