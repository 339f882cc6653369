import type { Arithmetic } from '../arithmetic.js';
import { AlphaTensorError } from '../errors.js';
import { type FactorMatrix, MODES, type VerifiedFactorization, verify } from '../factorization.js';
import type { VerifiedGaussian } from '../gaussian.js';
import { modeLengths, type Size } from '../tensor.js';
import { type Rational, toFactorMatrix } from './rational.js';

/**
 * Where a factorization came from: this project's search (`rl`), a flip-graph walk, a demonstration that was shown to
 * the network, someone else's file or article (`imported`), the composition of others, or a symmetry of the tensor applied to one.
 */
export const ORIGINS = ['rl', 'flip-graph', 'demonstration', 'imported', 'composed', 'symmetry'] as const;
export type Origin = (typeof ORIGINS)[number];

/** A factorization and what is known of it. */
export interface FactorizationRecord {
  readonly factorization: VerifiedFactorization;
  readonly origin: Origin;
  /** ISO 8601, UTC. */
  readonly created?: string | undefined;
  readonly notes?: string | undefined;
  /** Any further fields of the file, such as `bootstrappedFrom`; kept as they are. JSON values only. */
  readonly provenance?: Readonly<Record<string, unknown>> | undefined;
}

/** A factorization over the Gaussian rationals. It can be verified and kept, not measured. */
export interface GaussianRecord extends Omit<FactorizationRecord, 'factorization'> {
  readonly gaussian: VerifiedGaussian;
}

/** What a file can hold. */
export type AnyRecord = FactorizationRecord | GaussianRecord;

/** Gives a record that programs of real matrices can be made of. @throws AlphaTensorError UNSUPPORTED_FORMAT for complex coefficients */
export function realRecord(record: AnyRecord): FactorizationRecord {
  if ('factorization' in record) return record;
  throw new AlphaTensorError(
    'UNSUPPORTED_FORMAT',
    'Its coefficients are complex (exact over the Gaussian rationals), and programs multiply real matrices; only verify and import take it.',
  );
}

/** A factor matrix as a file gives it: row r is the r-th term. */
export type RationalRows = readonly (readonly Rational[])[];

/**
 * Checks lengths and reconstructs exactly: the only way from a file to a factorization.
 * @throws AlphaTensorError INVALID_ARGUMENT or NOT_A_FACTORIZATION
 */
export function verifiedFromRows(
  size: Size,
  arithmetic: Arithmetic,
  rows: readonly [u: RationalRows, v: RationalRows, w: RationalRows],
): VerifiedFactorization {
  const lengths = modeLengths(size);
  const [u, v, w] = rows.map((matrix, index): FactorMatrix => {
    checkLengths(matrix, index, lengths[index]);
    return toFactorMatrix(matrix, MODES[index]);
  });
  return verify({ size, rank: rows[0].length, arithmetic, u, v, w });
}

/** Checks that every row of a mode has so many entries. @throws AlphaTensorError INVALID_ARGUMENT */
export function checkLengths(matrix: readonly (readonly unknown[])[], index: number, length: number): void {
  const mode = MODES[index];
  matrix.forEach((row, r) => {
    if (row.length === length) return;
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `Row ${r} of ${mode} has ${row.length} entries; ${length} are needed.`,
      { field: mode },
    );
  });
}
