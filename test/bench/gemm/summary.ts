import { mean } from '../common/figures.js';
import { shapeText } from './problems.js';
import type { MeasuredRow, ProgramFigures, Row } from './report.js';

/** The best programs of each problem of one type and number of threads, and the geometric means of their ratios. */
export interface Summary {
  readonly dtype: string;
  readonly threads: number;
  /** The bound on the workspace of these programs; undefined for none. */
  readonly workspaceBound?: string | undefined;
  readonly choices: readonly Choice[];
  readonly fastMean: number;
  /** Undefined unless every problem has a program within the bound. */
  readonly accurateMean?: number | undefined;
}

/** The fastest program of a problem, and the fastest within --max-error. */
interface Choice {
  readonly shape: string;
  readonly fast: ProgramFigures;
  readonly accurate?: ProgramFigures | undefined;
}

/** Summarizes what several shapes come to, for each type, number of threads and bound that several were timed with. */
export function summarize(rows: readonly Row[]): Summary[] {
  const groups = new Map<string, MeasuredRow[]>();
  for (const row of rows) {
    if (row.outcome !== 'MEASURED' || row.programs.length === 0) continue;
    for (const bound of new Set(row.programs.map(({ workspaceBound }) => workspaceBound))) {
      const programs = row.programs.filter(({ workspaceBound }) => workspaceBound === bound);
      const key = `${row.dtype} ${row.threads} ${bound}`;
      groups.set(key, [...(groups.get(key) ?? []), { ...row, programs }]);
    }
  }
  return [...groups.values()].filter((group) => group.length > 1).map(summaryOf);
}

function summaryOf(rows: readonly MeasuredRow[]): Summary {
  const choices = rows.map((row) => ({
    shape: shapeText(row),
    fast: fastest(row.programs) as ProgramFigures,
    accurate: fastest(row.programs.filter(({ isOverMaxError }) => !isOverMaxError)),
  }));
  const accurate = choices.flatMap((choice) => choice.accurate ?? []);
  return {
    dtype: rows[0].dtype,
    threads: rows[0].threads,
    workspaceBound: rows[0].programs[0].workspaceBound,
    choices,
    fastMean: geometricMean(choices.map(({ fast }) => fast)),
    accurateMean: accurate.length === choices.length ? geometricMean(accurate) : undefined,
  };
}

function fastest(programs: readonly ProgramFigures[]): ProgramFigures | undefined {
  return programs.filter(({ isEarlier }) => !isEarlier).sort((a, b) => b.ratio.estimate - a.ratio.estimate)[0];
}

function geometricMean(programs: readonly ProgramFigures[]): number {
  return Math.exp(mean(programs.map(({ ratio }) => Math.log(ratio.estimate))));
}
