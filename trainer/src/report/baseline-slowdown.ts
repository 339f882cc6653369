import { blasName } from '@alphatensor-edge/proto';
import { median } from '@alphatensor-edge/shared';
import { isBaseline, isMeasured, type ReportRow } from './row.js';

/** Bounds the ratio of two undisturbed measurements of one baseline. */
const MAX_SLOWDOWN = 1.05;
/** Fewest rows that show what is usual. */
const MIN_ROWS = 3;

/**
 * Marks the rows in which the baseline took much longer than usual on the same device and problem. Such a speed-up cannot be
 * repeated: the child got no huge pages, or another process disturbed one side more than the other. If the slowdown alone
 * could explain the speed-up, the row claims nothing.
 * @param rows of one device and problem
 */
export function markSlowBaselines(rows: readonly ReportRow[]): ReportRow[] {
  const usual = new Map<string, number[]>();
  for (const row of rows) {
    if (!isMeasured(row) || isBaseline(row)) continue;
    usual.set(baselineOf(row), [...(usual.get(baselineOf(row)) ?? []), row.figures.baselineMedianSeconds]);
  }
  return rows.map((row) => {
    const times = usual.get(baselineOf(row)) ?? [];
    if (!isMeasured(row) || isBaseline(row) || times.length < MIN_ROWS) return row;
    const slowdown = row.figures.baselineMedianSeconds / median(times);
    return slowdown > MAX_SLOWDOWN ? marked(row, slowdown) : row;
  });
}

function marked(row: ReportRow & { figures: NonNullable<ReportRow['figures']> }, baselineSlowdown: number): ReportRow {
  const { figures } = row;
  const more = `${((baselineSlowdown - 1) * 100).toFixed(0)} %`;
  const flag = `the baseline took ${more} longer than usual here, so the speed-up is too high by as much`;
  const unclaimed = figures.verdict === 'faster' && figures.speedup.low <= baselineSlowdown;
  return {
    ...row,
    figures: {
      ...figures,
      baselineSlowdown,
      flags: [...figures.flags, flag],
      ...(unclaimed ? { verdict: 'unclaimed', notClaimedBecause: flag } : {}),
    },
  };
}

function baselineOf({ environment }: ReportRow): string {
  return JSON.stringify([environment?.blas && blasName(environment.blas), environment?.accelerator]);
}
