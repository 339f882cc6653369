import { blasName } from '@alphatensor-edge/proto';
import { median } from '@alphatensor-edge/shared';
import { isMeasured, isVendor, type ReportRow } from './row.js';

/** Two measurements of one vendor's GEMM differ by less than this where nothing disturbed them. */
const MAX_SLOWDOWN = 1.05;
/** Fewer say nothing of what is usual. */
const MIN_ROWS = 3;

/**
 * Marks the rows in which the vendor's GEMM took much longer than it usually did on the same device and problem: a child that got no
 * huge pages, or a neighbour that hit one side more than the other, makes a speed-up that nobody will see again. Where so much
 * could make the whole speed-up, nothing is claimed any more.
 * @param rows of one device and problem
 */
export function markSlowVendors(rows: readonly ReportRow[]): ReportRow[] {
  const usual = new Map<string, number[]>();
  for (const row of rows) {
    if (!isMeasured(row) || isVendor(row)) continue;
    usual.set(vendorOf(row), [...(usual.get(vendorOf(row)) ?? []), row.figures.vendorMedianSeconds]);
  }
  return rows.map((row) => {
    const times = usual.get(vendorOf(row)) ?? [];
    if (!isMeasured(row) || isVendor(row) || times.length < MIN_ROWS) return row;
    const slowdown = row.figures.vendorMedianSeconds / median(times);
    return slowdown > MAX_SLOWDOWN ? marked(row, slowdown) : row;
  });
}

function marked(row: ReportRow & { figures: NonNullable<ReportRow['figures']> }, vendorSlowdown: number): ReportRow {
  const { figures } = row;
  const more = `${((vendorSlowdown - 1) * 100).toFixed(0)} %`;
  const flag = `the vendor GEMM took ${more} longer than it usually does here, and the speed-up leans high by as much`;
  const unclaimed = figures.verdict === 'faster' && figures.speedup.low <= vendorSlowdown;
  return {
    ...row,
    figures: {
      ...figures,
      vendorSlowdown,
      flags: [...figures.flags, flag],
      ...(unclaimed ? { verdict: 'unclaimed', notClaimedBecause: flag } : {}),
    },
  };
}

function vendorOf({ environment }: ReportRow): string {
  return JSON.stringify([environment?.blas && blasName(environment.blas), environment?.accelerator]);
}
