import type { MetricsLine } from './run.js';

/** One quantity over the time of a run. */
export interface Series {
  readonly key: string;
  /** [seconds since the start, value], in order of time. */
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

/** `best`: whole numbers, each of which holds until the next; `mean`: neighbours may be averaged. */
export type PlotKind = 'best' | 'mean';

interface Plot {
  readonly key: string;
  readonly title: string;
  readonly group: 'progress' | 'losses';
  readonly kind: PlotKind;
}

/** What a report plots over time, in this order, each where the run recorded it. */
export const PLOTTED: readonly Plot[] = [
  { key: 'bestRank', title: 'Best rank found', group: 'progress', kind: 'best' },
  { key: 'solvedShare', title: 'Share of games solved', group: 'progress', kind: 'mean' },
  { key: 'meanReturn', title: 'Mean return of a game', group: 'progress', kind: 'mean' },
  { key: 'meanReward', title: 'Mean reward with latency', group: 'progress', kind: 'mean' },
  { key: 'latencyBonus', title: 'Latency bonus b', group: 'progress', kind: 'mean' },
  { key: 'policyLoss', title: 'Policy loss', group: 'losses', kind: 'mean' },
  { key: 'valueLoss', title: 'Value loss', group: 'losses', kind: 'mean' },
];

/** The plotted series of a run; a quantity that was never recorded is left out. */
export function seriesOf(metrics: readonly MetricsLine[]): Series[] {
  const lines = keptLines(metrics);
  return PLOTTED.flatMap(({ key }) => {
    const points = lines.flatMap(({ time, line }): [number, number][] => {
      const value = valueAt(line, key);
      return value === undefined ? [] : [[time, value]];
    });
    return points.length === 0 ? [] : [{ key, points }];
  });
}

function valueAt(line: MetricsLine, key: string): number | undefined {
  if (key !== 'solvedShare') return finite(line[key]);
  const [games, solved] = [finite(line.games), finite(line.solved)];
  return games === undefined || solved === undefined || games <= 0 ? undefined : solved / games;
}

/**
 * A killed run that is resumed goes back to its last checkpoint, and its clock with it: what was recorded after that
 * moment never became part of the run and is replaced by what follows.
 */
function keptLines(metrics: readonly MetricsLine[]): { readonly time: number; readonly line: MetricsLine }[] {
  const kept: { time: number; line: MetricsLine }[] = [];
  for (const line of metrics) {
    const time = finite(line.time);
    if (time === undefined) continue;
    while (kept.length > 0 && kept[kept.length - 1].time > time) kept.pop();
    kept.push({ time, line });
  }
  return kept;
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
