import { AlphaTensorError, loadFactorization, sameSize, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { demonstrates } from './demonstrated-game.js';

/**
 * Reads the known factorizations that a run shows to its network.
 * @throws AlphaTensorError INVALID_ARGUMENT if one cannot be played in the run's game; as loadFactorization
 */
export async function loadDemonstrations(config: TrainingConfig): Promise<VerifiedFactorization[]> {
  const { size, arithmetic, demonstrations } = config;
  const loaded: VerifiedFactorization[] = [];
  for (const file of demonstrations.files) {
    const { factorization } = await loadFactorization(file);
    const fits = sameSize(factorization.size, size) && factorization.arithmetic === arithmetic;
    if (!fits || !demonstrates(gameRules(config), factorization)) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${file} cannot be a demonstration: its size, arithmetic, rank or coefficients do not fit the game; leave it out or widen values and moveLimit.`,
        { field: 'demonstrations.files' },
      );
    }
    loaded.push(factorization);
  }
  return loaded;
}
