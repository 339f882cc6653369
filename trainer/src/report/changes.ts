import type { RatioEstimate } from '@alphatensor-edge/shared';
import { ratioOf } from './answer.js';
import type { Group } from './group.js';
import { isBaseline, isMeasured, type MeasuredRow } from './row.js';

/** Holds what became of one algorithm between two reports. */
export interface Change {
  readonly deviceId: string;
  readonly problem: MeasuredRow['problem'];
  readonly label: string;
  readonly backend: string;
  readonly variant: string;
  /** Its speed-up then; null: it was not measured. */
  readonly before: RatioEstimate | null;
  readonly after: RatioEstimate | null;
  /** after / before, with an interval that joins theirs; null where one is missing. */
  readonly ratio: RatioEstimate | null;
  /** `same`: the interval of the ratio contains 1. */
  readonly kind: 'faster' | 'slower' | 'same' | 'new' | 'gone';
}

/** Holds a comparison with an earlier report. */
export interface Changes {
  /** The name of the reference. */
  readonly against: string;
  /** Slower first, then faster, new, gone and same. */
  readonly rows: readonly Change[];
}

const ORDER: readonly Change['kind'][] = ['slower', 'faster', 'new', 'gone', 'same'];

/**
 * Compares the speed-ups of two reports, each over the baseline beside it, row by row: the same device, problem, backend, variant and
 * algorithm.
 */
export function changesBetween(now: readonly Group[], then: readonly Group[], against: string): Changes {
  const [after, before] = [rowsByKey(now), rowsByKey(then)];
  const rows = [...new Set([...after.keys(), ...before.keys()])].map((key) =>
    changeOf(after.get(key), before.get(key)),
  );
  return { against, rows: rows.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)) };
}

function changeOf(now: MeasuredRow | undefined, then: MeasuredRow | undefined): Change {
  const row = (now ?? then) as MeasuredRow;
  const ratio = now && then ? ratioOf(now.figures.speedup, then.figures.speedup) : null;
  return {
    deviceId: row.deviceId,
    problem: row.problem,
    label: row.algorithm.label,
    backend: row.backend,
    variant: row.variant,
    before: then?.figures.speedup ?? null,
    after: now?.figures.speedup ?? null,
    ratio,
    kind: ratio === null ? (now ? 'new' : 'gone') : ratio.low > 1 ? 'faster' : ratio.high < 1 ? 'slower' : 'same',
  };
}

function rowsByKey(groups: readonly Group[]): Map<string, MeasuredRow> {
  const rows = groups.flatMap((group) => group.rows.filter(isMeasured).filter((row) => !isBaseline(row)));
  return new Map(
    rows.map((row) => {
      const { deviceId, problem, backend, variant, algorithm } = row;
      const { m, k, n, dtype, threads, transposed } = problem;
      const { levels, arithmetic } = algorithm;
      return [
        JSON.stringify([deviceId, m, k, n, dtype, threads, transposed, backend, variant, levels, arithmetic]),
        row,
      ];
    }),
  );
}
