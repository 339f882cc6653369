import { formatSize } from '@alphatensor-edge/shared';
import type { CountedObjectives } from './front.js';
import type { Refined, RefinedFrontPoint, RefinedMeasurement, RefineProgress } from './refined.js';

// The words in which a refinement is reported.

/** Names what leads from a start to a point: changes of basis, flips too, or a product of smaller algorithms and changes of basis. */
export type Way = 'bases' | 'flips' | 'product';

const WAY_WORDS: Readonly<Record<Way, string>> = {
  bases: 'by changes of basis',
  flips: 'by changes of basis and flips',
  product: 'by way of a product of smaller algorithms, and changes of basis',
};

/** Says how far the search of one algorithm is. */
export function refiningWords({ growth, floor }: RefineProgress): string {
  return `growth ${growth.toFixed(3)}, floor ${floor.toFixed(3)}`;
}

interface Source {
  readonly from: string;
  readonly before: CountedObjectives;
  readonly point: CountedObjectives;
  readonly way: Way;
  readonly seed: number;
}

/** Says in a factorization's notes where it comes from. */
export function refinedNotes({ from, before, point, way, seed }: Source): string {
  return `Refined from ${from} (${objectiveWords(before)}) ${WAY_WORDS[way]} to ${objectiveWords(point)} (seed ${seed}).`;
}

/** Says what came of one algorithm. */
export function refinedLines({ from, size, rank, before, floor, best, front, chains, seconds }: Refined): string[] {
  const over = (100 * (best.growth / floor - 1)).toFixed(1);
  const times = (nonzeros: number): string => `${(nonzeros / before.nonzeros).toFixed(2)}x`;
  const pointLine = ({ growth, nonzeros, additions, file }: RefinedFrontPoint): string =>
    `  growth ${growth.toFixed(3)}  ${times(nonzeros)} nonzeros  ${additions === undefined ? '' : `${additions} additions  `}${file}`;
  return [
    `${from}: ${formatSize(size).slice(0, -1)};${rank}>, ${objectiveWords(before)}`,
    `  floor    ${floor.toFixed(3)} over the reals; the orbit of the best has ${best.floor.toFixed(3)}`,
    `  reached  ${best.growth.toFixed(3)}, ${over} % above the floor, ${best.nonzeros} nonzeros (${times(best.nonzeros)}), ${chains} chains in ${seconds.toFixed(1)} s`,
    ...front.flatMap((point) => [pointLine(point), ...(point.measured ?? []).map(measuredLine)]),
  ];
}

function measuredLine({ agent, problem, speedup, relativeError, baselineRelativeError }: RefinedMeasurement): string {
  const { estimate, low, high } = speedup;
  const times = (relativeError / baselineRelativeError).toFixed(1);
  return `    ${problem} on ${agent}: ${estimate.toFixed(3)}x (${low.toFixed(3)} to ${high.toFixed(3)}), error ${relativeError.toExponential(1)}, ${times} times the baseline's`;
}

function objectiveWords({ growth, nonzeros, additions }: CountedObjectives): string {
  return `growth ${growth.toFixed(3)}, ${nonzeros} nonzeros${additions === undefined ? '' : `, ${additions} additions`}`;
}
