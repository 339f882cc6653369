import { AlphaTensorError, formatSize } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../../config.js';
import { isWalkable } from './walk.js';

/**
 * Checks that a run's own walks can give it demonstrations.
 * @throws AlphaTensorError INVALID_ARGUMENT if walks do not take the size or come to nothing better there, or if the game lacks their entries
 */
export function checkWalks({ size, values }: Pick<TrainingConfig, 'size' | 'values'>): void {
  const why = reasonAgainst(size, values);
  if (why === undefined) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `--flip-demonstrations does not fit ${formatSize(size)}: ${why}; leave it out or choose another --size.`,
    { field: '--flip-demonstrations' },
  );
}

function reasonAgainst(size: TrainingConfig['size'], values: readonly number[]): string | undefined {
  if (Math.min(size.n, size.m, size.p) < 2) {
    return 'walks find nothing better than the schoolbook algorithm where a dimension is 1';
  }
  if (!isWalkable(size)) return 'its matrices have more entries than walks take';
  if (!values.includes(1)) return `walks find the entry 1, which is not among ${values.join(', ')}`;
  return undefined;
}
