import { AlphaTensorError } from '@alphatensor-edge/shared';

/**
 * Refuses too many products, counted over all levels.
 * @throws AlphaTensorError INVALID_ARGUMENT naming `levels`
 */
export function requireRank(rank: number, most: number): void {
  if (rank <= most) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `A program of ${rank} products is too large for this backend; the limit is ${most}, so use fewer recursion levels.`,
    { field: 'levels' },
  );
}
