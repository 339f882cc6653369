import {
  AlphaTensorError,
  formatSize,
  loadFactorization,
  sameSize,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../../config.js';
import { demonstrates } from '../demonstrated-game.js';
import { sparsestImage } from '../sparsest-image.js';
import { isWalkStart, sizesOfWalks } from './walk.js';

/** Holds the factorizations that a run's walks begin with. */
export interface LoadedStarts {
  /** In the sparsest basis that is found for each. */
  readonly starts: readonly VerifiedFactorization[];
  /** Each file with its size, rank and origin, for people. */
  readonly sources: readonly string[];
}

/** Stands for walks that begin with the schoolbook algorithm alone. */
export const NO_STARTS: LoadedStarts = { starts: [], sources: [] };

/**
 * Reads factorizations that a run's walks begin with, and verifies each exactly.
 * @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT, NOT_A_FACTORIZATION; INVALID_ARGUMENT if walks do not take one, or if one of the run's own
 *   size cannot be played
 */
export async function loadStarts(files: readonly string[], config: TrainingConfig): Promise<LoadedStarts> {
  const sizes = sizesOfWalks(config.size);
  const starts: VerifiedFactorization[] = [];
  const sources: string[] = [];
  for (const file of files) {
    const { factorization, origin } = await loadFactorization(file);
    const { size, rank, arithmetic } = factorization;
    const name = `${formatSize(size)} of rank ${rank}`;
    const fits =
      arithmetic === config.arithmetic && sizes.some((each) => sameSize(each, size)) && isWalkStart(factorization);
    if (!fits || (sameSize(size, config.size) && !demonstrates(gameRules(config), factorization))) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${file} (${name}, ${arithmetic}) is not where walks of this run can begin: --walk-from takes ${sizes.map(formatSize).join(', ')} in the run's arithmetic, with coefficients ${config.values.filter((x) => Math.abs(x) <= 1).join(', ')} and ${config.moveLimit} terms at most.`,
        { field: '--walk-from' },
      );
    }
    starts.push(sparsestImage(factorization, config.values));
    sources.push(`${file} (${name}, origin ${origin})`);
  }
  return { starts, sources };
}
