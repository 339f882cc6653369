import { AlphaTensorError, countNonzeros, formatSize, loadFactorization } from '@alphatensor-edge/shared';
import { type Part, partsFor } from '../game/grown.js';
import type { GameRules } from '../game/state.js';
import { sparsestImage } from './sparsest-image.js';

/** Holds the smaller factorizations from which games are grown. */
interface LoadedParts {
  /** In every orientation that fits. */
  readonly parts: readonly Part[];
  /** Each file with its size, rank and origin, for people. */
  readonly sources: readonly string[];
}

/**
 * Reads factorizations of smaller sizes and verifies each exactly. Each is shown in the sparsest basis that is found for it: the target's
 * own algorithms are sparse, and a network that is shown dense parts of the same algorithm learns to play others.
 * @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT, NOT_A_FACTORIZATION, INVALID_ARGUMENT if one does not lie within the game
 */
export async function loadParts(files: readonly string[], rules: GameRules): Promise<LoadedParts> {
  const parts: Part[] = [];
  const sources: string[] = [];
  for (const file of files) {
    const { factorization, origin } = await loadFactorization(file);
    const { size, rank, arithmetic } = factorization;
    const isUsable = arithmetic === rules.arithmetic && partsFor(factorization, rules).length > 0;
    const shown = isUsable ? sparsestImage(factorization, rules.values) : factorization;
    const oriented = isUsable ? partsFor(shown, rules) : [];
    if (oriented.length === 0) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${file} (${formatSize(size)} of rank ${rank}, ${arithmetic}) cannot be a part of ${formatSize(rules.size)}: --grow-from takes factorizations of smaller sizes that lie within it, in its arithmetic, of ${rules.moveLimit} terms at most and with coefficients ${rules.values.join(', ')}.`,
        { field: '--grow-from' },
      );
    }
    parts.push(...oriented);
    const [given, left] = [countNonzeros(factorization), countNonzeros(shown)];
    const sparser = left < given ? `, shown in a basis with ${left} nonzeros instead of ${given}` : '';
    sources.push(`${file} (${formatSize(size)} of rank ${rank}, origin ${origin}${sparser})`);
  }
  return { parts, sources };
}
