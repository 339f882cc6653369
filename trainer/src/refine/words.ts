import { formatSize } from '@alphatensor-edge/shared';
import type { Objectives } from './front.js';
import type { Refined, RefineProgress } from './refined.js';

// The words in which a refinement is reported.

/** Says how far the search of one algorithm is. */
export function refiningWords({ growth, floor }: RefineProgress): string {
  return `growth ${growth.toFixed(3)}, floor ${floor.toFixed(3)}`;
}

interface Origin {
  readonly from: string;
  readonly before: Objectives;
  readonly point: Objectives;
  /** Whether changes of basis alone lead there. */
  readonly isInOrbit: boolean;
  readonly seed: number;
}

/** Says in a factorization's notes where it comes from. */
export function refinedNotes({ from, before, point, isInOrbit, seed }: Origin): string {
  const how = isInOrbit ? 'by changes of basis' : 'by changes of basis and flips';
  return `Refined from ${from} (${objectiveWords(before)}) ${how} to ${objectiveWords(point)} (seed ${seed}).`;
}

/** Says what came of one algorithm. */
export function refinedLines({ from, size, rank, before, floor, best, front, chains, seconds }: Refined): string[] {
  const over = (100 * (best.growth / floor - 1)).toFixed(1);
  const times = (nonzeros: number): string => `${(nonzeros / before.nonzeros).toFixed(2)}x`;
  return [
    `${from}: ${formatSize(size).slice(0, -1)};${rank}>, ${objectiveWords(before)}`,
    `  floor    ${floor.toFixed(3)} over the reals; the orbit of the best has ${best.floor.toFixed(3)}`,
    `  reached  ${best.growth.toFixed(3)}, ${over} % above the floor, ${best.nonzeros} nonzeros (${times(best.nonzeros)}), ${chains} chains in ${seconds.toFixed(1)} s`,
    ...front.map(({ growth, nonzeros, file }) => `  growth ${growth.toFixed(3)}  ${times(nonzeros)} nonzeros  ${file}`),
  ];
}

function objectiveWords({ growth, nonzeros }: Objectives): string {
  return `growth ${growth.toFixed(3)}, ${nonzeros} nonzeros`;
}
