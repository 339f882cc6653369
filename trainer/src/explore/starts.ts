import {
  AlphaTensorError,
  type Arithmetic,
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
  checkStart(factorization, arithmetic);
  return [factorization];
}

/** Names a start in a sentence: `from the standard algorithm`. */
export function startWords(from: StartName, size: Size): string {
  if (from === 'standard') return 'the standard algorithm';
  if (from === 'grow') return 'the standard algorithm, grown through the smaller sizes';
  return `${from} (${formatSize(size)})`;
}
