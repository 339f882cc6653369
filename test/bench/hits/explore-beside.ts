import { performance } from 'node:perf_hooks';
import { orbitInvariant, Random, standard, verify } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import { Explorer } from '@alphatensor-edge/trainer/explore/explorer.js';
import { pack, unpack } from '@alphatensor-edge/trainer/explore/packed.js';

/** What a search in the flip graph came to in the same seconds on one thread. */
export interface ExploreRow {
  readonly seconds: number;
  readonly flips: number;
  /** Descents that reached the rank. */
  readonly hits: number;
  /** Seconds until the first one; null if there was none. */
  readonly first: number | null;
  /** Different orbits among them. */
  readonly orbits: readonly string[];
}

/** Searches from the standard algorithm, as `at-trainer explore --workers 1` does, for so many seconds. */
export function exploreBeside(
  { size, arithmetic }: TrainingConfig,
  { rank, seconds, seed }: { readonly rank: number; readonly seconds: number; readonly seed: string },
): ExploreRow {
  const starts = [pack(verify({ ...standard(size), arithmetic }), arithmetic)];
  const explorer = new Explorer({ size, arithmetic, starts }, new Random(`${seed}/explore`));
  const orbits = new Set<string>();
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  let hits = 0;
  let first: number | null = null;
  while (elapsed() < seconds) {
    const find = explorer.advance();
    if (find === undefined || find.terms.rank > rank) continue;
    hits++;
    first ??= elapsed();
    orbits.add(orbitInvariant(unpack(find.terms, size, arithmetic)));
  }
  return { seconds, flips: explorer.flips, hits, first, orbits: [...orbits] };
}
