import { AlphaTensorError } from '../errors.js';
import { type Arithmetic, type FactorMatrix, MODES, type VerifiedFactorization, verify } from '../factorization.js';
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
    const mode = MODES[index];
    matrix.forEach((row, r) => {
      if (row.length !== lengths[index]) {
        throw new AlphaTensorError(
          'INVALID_ARGUMENT',
          `Row ${r} of ${mode} has ${row.length} entries; ${lengths[index]} are needed.`,
          { field: mode },
        );
      }
    });
    return toFactorMatrix(matrix, mode);
  });
  return verify({ size, rank: rows[0].length, arithmetic, u, v, w });
}

/** Turns columns into rows: for files that keep one row an entry, against one row a term here. */
export function transpose<T>(matrix: readonly (readonly T[])[]): T[][] {
  return (matrix[0] ?? []).map((_, column) => matrix.map((row) => row[column]));
}
