import {
  contentHash,
  type FactorizationRecord,
  LIMITS,
  MODES,
  standard,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { type Candidate, candidate, shortName } from '../fleet/algorithms.js';
import type { ProblemSpec } from '../fleet/measurement.js';

/** Highest rank of a packed program that agents compile (see agent/src/codegen/c/packed.ts). */
const MAX_PACKED_RANK = 500;

/** Shortest edge of a block. In shorter ones additions take most of the time. */
const MIN_BLOCK = 32;

interface CandidateOptions {
  /** Lowest and highest number of recursion levels, from 1. */
  readonly levels: readonly [low: number, high: number];
  /** Whether to try different algorithms on the levels too. */
  readonly mixed: boolean;
  /** Variant of the programs that will be measured. */
  readonly variant: string;
}

/** Makes the engine itself, with <1,1,1>, a candidate. It shows what the kernel gains without an algorithm (level 0). */
export function ownGemm(): Candidate {
  const one = standard({ n: 1, m: 1, p: 1 });
  return candidate({ factorization: one, origin: 'imported' }, 'reference', { name: 'own GEMM' });
}

/**
 * Lists every algorithm at every number of levels that is worth trying for the problem. Each is listed once, even if several
 * files hold it. Factorizations modulo 2 are left out.
 */
export function candidatesFor(
  records: readonly FactorizationRecord[],
  problem: ProblemSpec,
  { levels: [low, high], mixed, variant }: CandidateOptions,
): Candidate[] {
  const unique = [...new Map(records.map((record) => [contentHash(record.factorization), record])).values()].filter(
    ({ factorization: { arithmetic, rank } }) => arithmetic === 'standard' && rank > 1,
  );
  const depths = Array.from({ length: high - low + 1 }, (_, index) => low + index).filter((depth) => depth > 0);
  const powers = unique.flatMap((record) =>
    depths
      .filter((depth) => fits(Array(depth).fill(record.factorization), problem, variant))
      .map((depth) => candidate(record, roleOf(record), { depth, name: nameOf(record) })),
  );
  const isTwoAsked = mixed && depths.includes(2);
  const pairs = isTwoAsked ? unique.flatMap((outer) => unique.map((inner) => [outer, inner] as const)) : [];
  return [
    ...powers,
    ...pairs
      .filter(([outer, inner]) => outer !== inner && fits([outer.factorization, inner.factorization], problem, variant))
      .map(([outer, inner]) => oneOverTheOther(outer, inner)),
  ];
}

function fits(levels: readonly VerifiedFactorization[], { m, k, n }: ProblemSpec, variant: string): boolean {
  const product = (of: (level: VerifiedFactorization) => number): number =>
    levels.reduce((x, level) => x * of(level), 1);
  return (
    product(({ rank }) => rank) <= (variant === 'packed' ? MAX_PACKED_RANK : LIMITS.maxRank) &&
    m >= MIN_BLOCK * product(({ size }) => size.n) &&
    k >= MIN_BLOCK * product(({ size }) => size.m) &&
    n >= MIN_BLOCK * product(({ size }) => size.p)
  );
}

function oneOverTheOther(outer: FactorizationRecord, inner: FactorizationRecord): Candidate {
  const [a, b] = [outer.factorization, inner.factorization];
  const nonzeros = ({ coefficients }: { coefficients: Int32Array }): number =>
    coefficients.reduce((count, x) => count + (x === 0 ? 0 : 1), 0);
  return {
    levels: [a, b],
    algorithm: {
      levels: [contentHash(a), contentHash(b)],
      label: `${nameOf(outer)} over ${nameOf(inner)}`,
      role: roleOf(outer),
      origin: outer.origin,
      size: { n: a.size.n * b.size.n, m: a.size.m * b.size.m, p: a.size.p * b.size.p },
      rank: a.rank * b.rank,
      nonzeros: MODES.reduce((sum, mode) => sum + nonzeros(a[mode]) * nonzeros(b[mode]), 0),
      arithmetic: 'standard',
    },
  };
}

/** Names an algorithm. A known one has its name as a note (shared/src/formats/load.ts). */
function nameOf({ factorization, notes }: FactorizationRecord): string {
  return notes !== undefined && /^(strassen|winograd|laderman)$/.test(notes)
    ? `${notes[0].toUpperCase()}${notes.slice(1)}`
    : shortName(factorization);
}

function roleOf({ origin }: FactorizationRecord): 'found' | 'imported' {
  return origin === 'rl' ? 'found' : 'imported';
}
