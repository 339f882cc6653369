import type { RecordedLine } from '../run/metrics.js';

/** Holds one quantity over the time of a run. */
export interface Series {
  readonly key: string;
  /** [seconds since the start, value], in order of time. */
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

/** Tells how to thin a series. `best`: whole numbers, each valid until the next. `mean`: neighbours may be averaged. */
export type PlotKind = 'best' | 'mean';

interface Plot {
  readonly key: string;
  readonly title: string;
  readonly group: 'progress' | 'losses';
  readonly kind: PlotKind;
}

/** Lists the quantities that a report plots over time, in this order, if the run recorded them. */
export const PLOTTED: readonly Plot[] = [
  { key: 'bestRank', title: 'Best rank found', group: 'progress', kind: 'best' },
  { key: 'solvedShare', title: 'Share of games solved', group: 'progress', kind: 'mean' },
  { key: 'meanReturn', title: 'Mean return of a game', group: 'progress', kind: 'mean' },
  { key: 'meanReward', title: 'Mean reward with latency', group: 'progress', kind: 'mean' },
  { key: 'latencyBonus', title: 'Latency bonus b', group: 'progress', kind: 'mean' },
  { key: 'policyLoss', title: 'Policy loss', group: 'losses', kind: 'mean' },
  { key: 'valueLoss', title: 'Value loss', group: 'losses', kind: 'mean' },
];

const EVALUATIONS = 'eval.';
const CALIBRATION = 'eval.value_calibration';

/** Reads the plotted series of a run. A quantity that was never recorded is left out. */
export function seriesOf(metrics: readonly RecordedLine[]): Series[] {
  const lines = keptLines(metrics);
  return PLOTTED.flatMap(({ key }) => {
    const points = lines.flatMap(({ time, line }): [number, number][] => {
      const value = valueAt(line, key);
      return value === undefined ? [] : [[time, value]];
    });
    return points.length === 0 ? [] : [{ key, points }];
  });
}

function valueAt(line: RecordedLine, key: string): number | undefined {
  if (key !== 'solvedShare') return finite(line[key]);
  const [games, solved] = [finite(line.games), finite(line.solved)];
  return games === undefined || solved === undefined || games <= 0 ? undefined : solved / games;
}

/**
 * Drops the lines that a resumed run replaced. A killed run resumes from its last checkpoint, and its clock goes back too, so
 * lines recorded after that checkpoint are not part of the run.
 */
function keptLines(metrics: readonly RecordedLine[]): { readonly time: number; readonly line: RecordedLine }[] {
  const kept: { time: number; line: RecordedLine }[] = [];
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

/** Groups the series of one panel: `eval.solved_fraction.rank_5` and `…rank_6` are `rank_5` and `rank_6` of `solved_fraction`. */
export interface Evaluation {
  readonly name: string;
  readonly series: readonly Series[];
}

/** Reads all numbers that a run recorded under names that begin with `eval.`, in the order of their names. */
export function evaluationsOf(metrics: readonly RecordedLine[]): Evaluation[] {
  const byPanel = new Map<string, Map<string, [number, number][]>>();
  for (const { time, line } of keptLines(metrics)) {
    for (const [key, raw] of Object.entries(line)) {
      const value = finite(raw);
      if (!key.startsWith(EVALUATIONS) || value === undefined) continue;
      const parts = key.slice(EVALUATIONS.length).split('.');
      const label = parts[parts.length - 1];
      const name = parts.length > 1 ? parts.slice(0, -1).join('.') : label;
      const panel = byPanel.get(name) ?? new Map<string, [number, number][]>();
      panel.set(label, [...(panel.get(label) ?? []), [time, value]]);
      byPanel.set(name, panel);
    }
  }
  const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
    a.localeCompare(b, 'en', { numeric: true });
  return [...byPanel].sort(byName).map(([name, panel]) => ({
    name,
    series: [...panel].sort(byName).map(([key, points]) => ({ key, points })),
  }));
}

/** Reads the last [predicted, real] returns that the run recorded under `eval.value_calibration`; null: none. */
export function calibrationOf(metrics: readonly RecordedLine[]): (readonly [number, number])[] | null {
  const last = keptLines(metrics).findLast(({ line }) => Array.isArray(line[CALIBRATION]));
  if (last === undefined) return null;
  const pairs = (last.line[CALIBRATION] as unknown[]).flatMap((pair): [number, number][] => {
    const [predicted, actual] = Array.isArray(pair) ? pair.map(finite) : [];
    return predicted === undefined || actual === undefined ? [] : [[predicted, actual]];
  });
  return pairs.length === 0 ? null : pairs;
}
