import {
  AlphaTensorError,
  type Arithmetic,
  canonical,
  catalogueEntries,
  formatCatalogueName,
  formatSize,
  loadFactorization,
  type Size,
  sameSize,
  standard,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { checkStart } from './packed.js';

/** Names where a search begins: `standard`, `grow`, or a factorization file or known name. */
export type StartName = string;

/** Tells whether a start is a known algorithm that somebody gave, not the standard one. */
export function isGiven(from: StartName): boolean {
  return from !== 'standard' && from !== 'grow';
}

/**
 * Loads the factorizations that a search begins with; none if it grows.
 * @throws AlphaTensorError INVALID_ARGUMENT if a file is of another size, or does not fit the arithmetic
 */
export async function loadStarts(
  from: StartName,
  size: Size,
  arithmetic: Arithmetic,
): Promise<VerifiedFactorization[]> {
  if (from === 'grow') return [];
  if (from === 'standard') return [standard(size)];
  const { factorization } = await loadFactorization(from);
  if (!sameSize(factorization.size, size)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${from} has size ${formatSize(factorization.size)}, not ${formatSize(size)}; change --size or choose another file.`,
      { field: '--from' },
    );
  }
  return [startOf(factorization, arithmetic)];
}

/** Gives what a walk can begin with: the factorization, or the same with its scales moved between the factors of each product. */
function startOf(factorization: VerifiedFactorization, arithmetic: Arithmetic): VerifiedFactorization {
  const problem = problemOf(factorization, arithmetic);
  if (problem === undefined) return factorization;
  const scaled = rescaled(factorization);
  if (scaled !== undefined && problemOf(scaled, arithmetic) === undefined) return scaled;
  throw new AlphaTensorError(
    problem.code,
    `${problem.message} ${adviceFor(factorization, arithmetic)}`,
    problem.details,
  );
}

function problemOf(factorization: VerifiedFactorization, arithmetic: Arithmetic): AlphaTensorError | undefined {
  try {
    checkStart(factorization, arithmetic);
    return undefined;
  } catch (error) {
    if (error instanceof AlphaTensorError) return error;
    throw error;
  }
}

function rescaled(factorization: VerifiedFactorization): VerifiedFactorization | undefined {
  try {
    return canonical(factorization);
  } catch (error) {
    if (error instanceof AlphaTensorError) return undefined;
    throw error;
  }
}

/** Says what does begin: the same modulo 2, one of the catalogue that was tried, or the standard algorithm. */
function adviceFor(factorization: VerifiedFactorization, arithmetic: Arithmetic): string {
  const { size } = factorization;
  if (arithmetic === 'standard' && problemOf(factorization, 'modulo-2') === undefined) {
    return 'Add --arithmetic modulo-2, whose results are lifted to integers where that is possible.';
  }
  const other = catalogueEntries(size).find(({ record }) => problemOf(record.factorization, arithmetic) === undefined);
  const from = other === undefined ? 'standard' : formatCatalogueName(other, size);
  return `Begin with another, for example --from ${from}.`;
}

/** Names a start in a sentence: `from the standard algorithm`. */
export function startWords(from: StartName, size: Size): string {
  if (from === 'standard') return 'the standard algorithm';
  if (from === 'grow') return 'the standard algorithm, grown through the smaller sizes';
  return `${from} (${formatSize(size)})`;
}
