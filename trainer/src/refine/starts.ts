import {
  AlphaTensorError,
  formatSize,
  loadFactorizations,
  moduloWords,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';

/** Holds one algorithm to refine, and how it is called. */
export interface RefineStart {
  readonly name: string;
  readonly factorization: VerifiedFactorization;
}

/**
 * Loads the algorithms to refine from files, entries of archives, or names of known algorithms. An archive gives all of its entries.
 * @throws AlphaTensorError INVALID_ARGUMENT if one is modulo 2 or 3, before any work; and as loadFactorizations
 */
export async function loadRefineStarts(sources: readonly string[]): Promise<RefineStart[]> {
  const starts: RefineStart[] = [];
  for (const source of sources) {
    const records = await loadFactorizations(source);
    for (const { factorization } of records) {
      if (factorization.arithmetic !== 'standard') {
        throw new AlphaTensorError(
          'INVALID_ARGUMENT',
          `${source} is ${moduloWords(factorization.arithmetic)}, where nothing is rounded; only algorithms over the rationals can be refined.`,
          { field: 'factorization' },
        );
      }
      const suffix = records.length > 1 ? ` ${formatSize(factorization.size)}` : '';
      starts.push({ name: `${source}${suffix}`, factorization });
    }
  }
  return starts;
}
