import type { DispatchTable, RatioEstimate } from '@alphatensor-edge/shared';
import { isSameProblem, type ProblemSpec } from '../fleet/measurement.js';
import { algorithmFile } from '../tune/dispatch.js';
import { askedBound } from './asked-bound.js';
import { baselineName } from './best.js';
import { type Chosen, chooseRow } from './choose.js';
import { errorMultiple } from './error-multiple.js';
import { isSteady, type MeasuredRow, type ReportRow, type Verdict } from './row.js';
import { exportCommand, type Sources } from './take-home.js';

/** Holds what to run on one device for one problem: the line of the table at the top of a report. */
export interface Answer {
  readonly deviceId: string;
  readonly problem: ProblemSpec;
  /** Null: nothing but the baseline was measured. */
  readonly choice: Choice | null;
  /** What it is compared with, such as `the baseline (BLIS 0.9.0)`; null: unknown. */
  readonly baseline: string | null;
  /** The fastest that the search found over the fastest that was known; null where one of them was not measured. */
  readonly searchAdds: RatioEstimate | null;
}

/** Holds the recommended choice with its price. All figures are those of its row. */
export interface Choice {
  readonly label: string;
  readonly jobId: string;
  readonly backend: string;
  readonly variant: string;
  readonly levels: readonly string[];
  readonly rank: number;
  /** Whether this project found it, and it is none of the known references. */
  readonly isFound: boolean;
  /** `faster` alone is a claim; with any other the baseline is what to run. */
  readonly verdict: Exclude<Verdict, 'baseline'>;
  /** One clause: why an interval above 1 is not claimed; else empty. */
  readonly notClaimedBecause: string;
  readonly speedup: RatioEstimate;
  /** The baseline timed against itself beside it; null: not measured. */
  readonly aaControl: RatioEstimate | null;
  readonly seconds: number;
  readonly baselineSeconds: number;
  readonly relativeError: number;
  /** Multiple of the smaller error of the baseline and of own <1,1,1>; null: unknown. */
  readonly errorMultiple: number | null;
  readonly growth: number | null;
  readonly denominator: number | null;
  readonly workspaceBytes: number;
  /** Number of others that are equally fast (see Chosen). */
  readonly equals: number;
  /** Labels of what is clearly faster, but exceeds the bound on the error. */
  readonly overBound: readonly string[];
  /** Number of rows with a higher estimate that do not count, because the baseline beside them was slower than usual. */
  readonly unsteady: number;
  /** Exports it as a C library; null: nothing is to be taken home, or its factorization is not kept. */
  readonly command: string | null;
}

/**
 * Answers what to run for the rows of one device and problem, and says what it was chosen from.
 * @param rows fastest first
 * @param out the report's folder, as a person would type it; null: it has none
 */
export function answerOf(
  { deviceId, problem, rows }: Pick<Answer, 'deviceId' | 'problem'> & { readonly rows: readonly ReportRow[] },
  sources: Sources,
  out: string | null,
): { readonly answer: Answer; readonly chosen: Chosen | undefined } {
  const tuned = sources.runs.filter(({ dispatch }) => dispatch !== undefined);
  const tunedBy = (row: MeasuredRow): Sources['runs'][number] | undefined =>
    tuned.find(({ name, dispatch }) => row.runs.includes(name) && isWinner(row, dispatch as DispatchTable));
  const chosen = chooseRow(rows, {
    maxError: askedBound(rows, sources.runs),
    prefers: (row) => tunedBy(row) !== undefined,
  });
  const answer = {
    deviceId,
    problem,
    choice: chosen === undefined ? null : choiceOf(chosen, rows, sources, tunedBy(chosen.row), out),
    baseline: chosen === undefined ? null : baselineName(chosen.row),
    searchAdds: chosen === undefined ? null : gainOfSearch(chosen.pool),
  };
  return { answer, chosen };
}

function choiceOf(
  { row, equals, overBound, unsteady }: Chosen,
  rows: readonly ReportRow[],
  sources: Sources,
  tunedRun: Sources['runs'][number] | undefined,
  out: string | null,
): Choice {
  const { figures, algorithm } = row;
  const isFaster = figures.verdict === 'faster';
  return {
    label: algorithm.label,
    jobId: row.jobId,
    backend: row.backend,
    variant: row.variant,
    levels: algorithm.levels,
    rank: algorithm.rank,
    isFound: algorithm.found && algorithm.role !== 'reference',
    // The baseline is never chosen.
    verdict: figures.verdict as Choice['verdict'],
    notClaimedBecause: figures.verdict === 'unclaimed' ? figures.notClaimedBecause : '',
    speedup: figures.speedup,
    aaControl: figures.aaControl,
    seconds: figures.candidateMedianSeconds,
    baselineSeconds: figures.baselineMedianSeconds,
    relativeError: figures.relativeError,
    errorMultiple: errorMultiple(row, rows),
    growth: figures.growth,
    denominator: algorithm.denominator,
    workspaceBytes: row.workspaceBytes,
    equals: equals.length,
    overBound: overBound.map((other) => other.algorithm.label),
    unsteady: unsteady.length,
    command: isFaster ? exportCommand(row, sources, tunedRun, out) : null,
  };
}

/** Tells whether a tuning run's table has this row's algorithm for its problem. */
function isWinner({ problem, algorithm }: MeasuredRow, { entries }: DispatchTable): boolean {
  const files = algorithm.levels.map(algorithmFile).join();
  return entries.some(({ problem: at, winner }) => isSameProblem(at, problem) && winner?.levels.join() === files);
}

/**
 * Compares the fastest row that a search found with the fastest that was known. The two were timed apart, each against the baseline
 * beside it; the interval joins theirs as independent ones (Donner & Zou, "Closed-form confidence intervals for functions of the
 * normal mean and standard deviation", 2012).
 */
function gainOfSearch(pool: readonly MeasuredRow[]): RatioEstimate | null {
  const steady = pool.filter(isSteady);
  const found = steady.find(({ algorithm }) => algorithm.found)?.figures.speedup;
  const known = steady.find(({ algorithm }) => !algorithm.found)?.figures.speedup;
  return found === undefined || known === undefined ? null : ratioOf(found, known);
}

/** Divides two independent estimates of ratios, on the scale of their logarithms. */
export function ratioOf(over: RatioEstimate, under: RatioEstimate): RatioEstimate {
  const estimate = over.estimate / under.estimate;
  const below = Math.hypot(Math.log(over.estimate / over.low), Math.log(under.high / under.estimate));
  const above = Math.hypot(Math.log(over.high / over.estimate), Math.log(under.estimate / under.low));
  return { estimate, low: estimate * Math.exp(-below), high: estimate * Math.exp(above) };
}
