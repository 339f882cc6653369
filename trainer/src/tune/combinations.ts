import {
  contentHash,
  type FactorizationRecord,
  growth,
  LIMITS,
  type PackedAlgorithm,
  packedAlgorithm,
  packedLevelWork,
  standard,
} from '@alphatensor-edge/shared';
import { algorithmName, type Candidate, candidate } from '../fleet/algorithms.js';
import type { ProblemSpec } from '../fleet/measurement.js';
import { composedCandidate } from './composed.js';

/** Highest rank of a packed program that agents compile (see agent/src/codegen/c/packed.ts). */
const MAX_PACKED_RANK = 500;
/**
 * More operations than this are too many for a packed program even with common subexpressions computed once: agents accept 8000,
 * and half of the additions are often saved.
 */
const MAX_PACKED_OPERATIONS = 16_000;

/** Shortest edge of a block. In shorter ones additions take most of the time. */
const MIN_BLOCK = 32;

/** The shortest m, k or n for which an algorithm is tried: every algorithm cuts each into two blocks at least. */
export const LEAST_DIMENSION = 2 * MIN_BLOCK;

/** Holds one algorithm with what is needed to predict what it does in any combination. */
export interface Scheme {
  readonly record: FactorizationRecord;
  readonly hash: string;
  readonly name: string;
  readonly work: PackedAlgorithm;
  readonly growth: number;
}

/** Holds recursion levels, outermost first, that were not made a candidate yet: there may be thousands. */
export interface Combination {
  readonly schemes: readonly Scheme[];
  readonly work: PackedAlgorithm;
  readonly growth: number;
}

interface CombinationOptions {
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

/** Describes each algorithm once, even if several files hold it. Factorizations modulo 2 are left out. */
export function schemesOf(records: readonly FactorizationRecord[]): Scheme[] {
  const byHash = new Map(records.map((record) => [contentHash(record.factorization), record]));
  return [...byHash]
    .filter(([, { factorization }]) => factorization.arithmetic === 'standard' && factorization.rank > 1)
    .map(([hash, record]) => ({
      ...{ record, hash, name: nameOf(record) },
      work: packedLevelWork(record.factorization),
      growth: growth(record.factorization),
    }));
}

/**
 * Lists every algorithm at every number of levels, and every pair of different ones, one inside the other, that can be a program. A
 * catalogue has tens of thousands.
 */
export function combinationsOf(
  schemes: readonly Scheme[],
  { levels: [low, high], mixed, variant }: CombinationOptions,
): Combination[] {
  const depths = Array.from({ length: high - low + 1 }, (_, index) => low + index).filter((depth) => depth > 0);
  const powers = schemes.flatMap((scheme) => depths.map((depth) => combine(Array<Scheme>(depth).fill(scheme))));
  const pairs =
    mixed && depths.includes(2)
      ? schemes.flatMap((outer) => schemes.filter((inner) => inner !== outer).map((inner) => combine([outer, inner])))
      : [];
  return [...powers, ...pairs].filter(({ work }) => isProgram(work, variant));
}

function combine(schemes: readonly Scheme[]): Combination {
  return {
    schemes,
    work: packedAlgorithm(schemes.map(({ work }) => work)),
    growth: schemes.reduce((product, scheme) => product * scheme.growth, 1),
  };
}

function isProgram({ rank, additions }: PackedAlgorithm, variant: string): boolean {
  if (variant !== 'packed') return rank <= LIMITS.maxRank;
  const operations = additions.reduce((sum, count) => sum + count, 2 * rank);
  return rank <= MAX_PACKED_RANK && operations <= MAX_PACKED_OPERATIONS;
}

/** Tells whether a problem is large enough for a combination. */
export function isLargeEnough({ m, k, n }: ProblemSpec, { work }: Combination): boolean {
  return m >= MIN_BLOCK * work.n && k >= MIN_BLOCK * work.m && n >= MIN_BLOCK * work.p;
}

/** Makes a combination a candidate to measure. */
export function candidateOf({ schemes }: Combination): Candidate {
  const [first] = schemes;
  if (schemes.every((scheme) => scheme === first)) {
    return candidate(first.record, roleOf(first.record), { depth: schemes.length, name: first.name });
  }
  return composedCandidate(
    schemes.map(({ record }) => record.factorization),
    {
      label: schemes.map(({ name }) => name).join(' over '),
      role: roleOf(first.record),
      origin: first.record.origin,
    },
  );
}

/** Names the levels of a combination as AlgorithmRef.levels does. */
export function levelsKey(levels: readonly string[]): string {
  return levels.join(' ');
}

/** Names an algorithm. A known one has its name as a note (shared/src/load.ts). */
function nameOf(record: FactorizationRecord): string {
  const { notes } = record;
  return notes !== undefined && /^(strassen|winograd|laderman)$/.test(notes)
    ? `${notes[0].toUpperCase()}${notes.slice(1)}`
    : algorithmName(record);
}

function roleOf({ origin }: FactorizationRecord): 'found' | 'imported' {
  return origin === 'rl' ? 'found' : 'imported';
}
