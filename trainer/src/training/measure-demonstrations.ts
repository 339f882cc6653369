import { basename } from 'node:path';
import { contentHash, loadFactorization } from '@alphatensor-edge/shared';
import { keepFactorization } from '../run/factorizations.js';
import type { LatencyFeed } from './latency-feed.js';
import type { LocalMoves } from './local-moves.js';

/**
 * Measures the algorithms that were given as demonstrations, before anything is found: the network of a large size learns for long
 * before it plays, and local moves begin from these meanwhile. They go into the run folder as
 * what they are: `demonstration`.
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
  // The fastest first: the climb starts at once, and from that.
  for (const { factorization, b } of measured.sort((x, y) => y.b - x.b)) moves?.consider(factorization, b);
}
