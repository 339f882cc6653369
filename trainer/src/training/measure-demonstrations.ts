import { basename } from 'node:path';
import { contentHash, loadFactorization } from '@alphatensor-edge/shared';
import { keepFactorization } from '../run/factorizations.js';
import type { LatencyFeed } from './latency-feed.js';
import type { LocalMoves } from './local-moves.js';

/**
 * Measures the algorithms that were given as demonstrations, before anything is found. The network of a large size learns for a long time
 * before it plays; local moves can start from these algorithms in that time. They are kept in the run folder with the origin
 * `demonstration`.
 * @param files names of factorization files
 * @throws AlphaTensorError as loadFactorization
 */
export async function measureDemonstrations(
  files: readonly string[],
  { feed, moves, runDir }: { feed: LatencyFeed; moves: Pick<LocalMoves, 'consider'> | undefined; runDir: string },
): Promise<void> {
  const measured = [];
  for (const file of files) {
    const { factorization } = await loadFactorization(file);
    const hash = contentHash(factorization);
    await feed.measure({ factorization, hash }, 'demonstration');
    const b = feed.measured.get(hash);
    if (b === undefined) continue;
    await keepFactorization(runDir, {
      factorization,
      origin: 'demonstration',
      notes: `Given as a demonstration, ${basename(file)}.`,
    });
    measured.push({ factorization, b });
  }
  // The fastest comes first, as the climb starts at once from the first.
  for (const { factorization, b } of measured.sort((x, y) => y.b - x.b)) moves?.consider(factorization, b);
}
