import { AlphaTensorError, formatSize, type Size, sortedSize } from '@alphatensor-edge/shared';
import { checkPackable, isPackable } from './packed.js';

/**
 * Lists the sizes of a pool: all with 2 <= n <= m <= p up to the largest dimension of `sizes`, as far as their matrices fit into the
 * words of a walk.
 * @param sizes what the pool must hold
 * @throws AlphaTensorError INVALID_ARGUMENT if one of `sizes` has a dimension 1 or does not fit
 */
export function poolSizes(sizes: readonly Size[]): Size[] {
  for (const size of sizes) {
    checkPackable(size);
    if (sortedSize(size).n >= 2) continue;
    const message = `${formatSize(size)} has a dimension 1; a pool of sizes begins at <2,2,2>. Add --from standard or choose another size.`;
    throw new AlphaTensorError('INVALID_ARGUMENT', message, { field: '--size' });
  }
  const largest = Math.max(...sizes.map((size) => sortedSize(size).p));
  const pool: Size[] = [];
  for (let n = 2; n <= largest; n++) {
    for (let m = n; m <= largest; m++) for (let p = m; p <= largest; p++) pool.push({ n, m, p });
  }
  return pool.filter((size) => isPackable(size));
}
