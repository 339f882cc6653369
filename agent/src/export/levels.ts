import { AlphaTensorError, type FactorizationRecord, loadFactorization } from '@alphatensor-edge/shared';

/**
 * Reads the recursion levels that a command line names, outermost first.
 * @param repeat number of levels to make of a single algorithm
 * @throws AlphaTensorError if one cannot be read, or if several are to be repeated
 */
export async function readLevels(names: readonly string[], repeat: number): Promise<FactorizationRecord[]> {
  if (repeat > 1 && names.length > 1) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Give either several algorithms or one with --levels, not both.');
  }
  const levels = await Promise.all(names.map(loadFactorization));
  return levels.length === 1 ? Array.from({ length: repeat }, () => levels[0]) : levels;
}
