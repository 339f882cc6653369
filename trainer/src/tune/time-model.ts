import {
  baselineWork,
  type DispatchProblem,
  type DispatchTimeModel,
  type FitSample,
  fitBaselineSeconds,
  fitPackedSeconds,
  type KernelShape,
  laidOut,
  median,
  type PackedAlgorithm,
  packedWork,
  quantile,
  secondsFor,
  type TimedProblem,
  transposedSuffix,
} from '@alphatensor-edge/shared';
import type { DType, MeasurementRow, ProblemSpec } from '../fleet/measurement.js';

const ELEMENT_BYTES: Readonly<Record<DType, number>> = { f32: 4, f64: 8, f16: 2, bf16: 2 };
const LINE_BYTES = 64;
/** Programs without a register tile. */
const NO_TILES: KernelShape = { mr: 1, nr: 1, kc: Number.POSITIVE_INFINITY };

/** How often the constants and the factors of the problems are fitted in turns. */
const TURNS = 3;
/** How much a problem's factor is drawn to 1, in measurements. */
const DRAWN = 0.2;

/** Measurements with operands that lie as a problem's from which on those with others are left out. */
const ENOUGH = 6;

/** Holds a measured time beside the work that it took. */
export interface TimedRow {
  readonly problem: ProblemSpec;
  readonly label: string;
  readonly algorithm: PackedAlgorithm;
  readonly kernel: KernelShape;
  /** Of the candidate and of the baseline. */
  readonly seconds: number;
  readonly baselineSeconds: number;
}

/** Predicts times on one device, for one number format and number of threads. */
export interface TimeModel {
  /** Seconds for each unit of work, in the order of PACKED_WORK and BASELINE_WORK. */
  readonly seconds: readonly number[];
  readonly baselineSeconds: readonly number[];
  /** What times of the problem are of those for others: the device may be busier by now, or the shape suits its caches. */
  readonly factor: number;
  /** That of the first program, which has the plan that suits the caches; finalists may have others. */
  readonly kernel: KernelShape;
  /** Number of measurements behind it. */
  readonly samples: number;
}

/**
 * Takes the times out of rows of one device, backend and variant. A candidate's time is the baseline's typical time for the problem
 * over the speed-up, because the two were measured in turns: what slows the device for a while slows both.
 * @param algorithms what the algorithm of a row does, undefined if it is not known
 */
export function timedRows(
  rows: readonly MeasurementRow[],
  algorithms: (row: MeasurementRow) => PackedAlgorithm | undefined,
): TimedRow[] {
  const measured = rows.flatMap((row) => {
    const { measurement } = row.outcome;
    const algorithm = algorithms(row);
    const isTimed = measurement?.speedup && measurement.baselineSeconds.length > 0 && algorithm !== undefined;
    return isTimed ? [{ row, measurement, algorithm, speedup: measurement.speedup }] : [];
  });
  const baselines = new Map<string, number[]>();
  for (const { row, measurement } of measured) {
    const key = JSON.stringify(row.problem);
    baselines.set(key, [...(baselines.get(key) ?? []), median(measurement.baselineSeconds)]);
  }
  return measured.map(({ row, algorithm, speedup }) => {
    const baselineSeconds = median(baselines.get(JSON.stringify(row.problem)) ?? []);
    return {
      ...{ problem: row.problem, label: row.algorithm.label, algorithm, kernel: kernelOf(row) },
      ...{ seconds: baselineSeconds / (speedup?.estimate ?? 1), baselineSeconds },
    };
  });
}

function kernelOf({ outcome: { environment }, problem }: MeasurementRow): KernelShape {
  const plan = environment?.kernelPlan;
  if (!plan) return NO_TILES;
  return { mr: plan.mr, nr: (plan.lines * LINE_BYTES) / ELEMENT_BYTES[problem.dtype], kc: plan.kc };
}

/** Gives a problem as the model takes it. */
export function timedProblem({ m, k, n, dtype, threads }: ProblemSpec): TimedProblem {
  return { m, k, n, threads, elementBytes: ELEMENT_BYTES[dtype] };
}

/**
 * Fits a model for a problem, from the rows with its number format and threads, and with operands that lie as its own once there are
 * some. The constants are those of all problems, each with a
 * factor of its own: what is common to all times of a problem says nothing about its algorithms. Without any row it is what is
 * assumed of a device.
 */
export function fitTimeModel(rows: readonly TimedRow[], problem: ProblemSpec): TimeModel {
  const laidOutAlike = rowsLike(rows, problem).filter((row) => row.problem.transposed === problem.transposed);
  const alike = laidOutAlike.length < ENOUGH ? rowsLike(rows, problem) : laidOutAlike;
  const model = fitInTurns(alike, problem);
  return { ...model, factor: factorsOf(alike, model).get(shapeKey(problem)) ?? 1 };
}

function fitInTurns(alike: readonly TimedRow[], kind: Pick<ProblemSpec, 'dtype' | 'threads'>): TimeModel {
  let model = fit(alike, kind, new Map());
  for (let turn = 0; turn < TURNS; turn++) model = fit(alike, kind, factorsOf(alike, model));
  return model;
}

/** Computes the typical ratio of measured to predicted times of each problem. */
function factorsOf(rows: readonly TimedRow[], { seconds }: Pick<TimeModel, 'seconds'>): Map<string, number> {
  const logs = new Map<string, number[]>();
  for (const row of rows) {
    const key = shapeKey(row.problem);
    const log = Math.log(row.seconds / secondsFor(workOf(row), seconds));
    logs.set(key, [...(logs.get(key) ?? []), log]);
  }
  return new Map(
    [...logs].map(([key, all]) => [key, Math.exp(all.reduce((sum, log) => sum + log, 0) / (all.length + DRAWN))]),
  );
}

function fit(
  alike: readonly TimedRow[],
  problem: Pick<ProblemSpec, 'dtype' | 'threads'>,
  factors: ReadonlyMap<string, number>,
): TimeModel {
  const about = { threads: problem.threads, elementBytes: ELEMENT_BYTES[problem.dtype] };
  const factorOf = (row: TimedRow): number => factors.get(shapeKey(row.problem)) ?? 1;
  const samples = alike.map((row): FitSample => ({ work: workOf(row), seconds: row.seconds / factorOf(row) }));
  // Every row of a problem has the same time of the baseline.
  const baselines = [...new Map(alike.map((row) => [shapeKey(row.problem), row])).values()].map(
    (row): FitSample => ({
      work: baselineWork(timedProblem(row.problem)),
      // By the same factor, so that the ratio to an algorithm's time stays what was measured.
      seconds: row.baselineSeconds / factorOf(row),
    }),
  );
  return {
    seconds: fitPackedSeconds(samples, about),
    baselineSeconds: fitBaselineSeconds(baselines, about),
    factor: 1,
    kernel: alike[0]?.kernel ?? NO_TILES,
    samples: alike.length,
  };
}

function workOf({ algorithm, kernel, problem }: TimedRow): number[] {
  return packedWork(algorithm, kernel, timedProblem(problem));
}

function rowsLike(rows: readonly TimedRow[], { dtype, threads }: Pick<ProblemSpec, 'dtype' | 'threads'>): TimedRow[] {
  return rows.filter(({ problem }) => problem.dtype === dtype && problem.threads === threads);
}

function shapeKey({ m, k, n, ...laid }: ProblemSpec): string {
  return `${m} ${k} ${n}${transposedSuffix(laid)}`;
}

/** Predicts the seconds of one product by an algorithm. */
export function predictSeconds(
  { seconds, kernel, factor }: Pick<TimeModel, 'seconds' | 'kernel' | 'factor'>,
  algorithm: PackedAlgorithm,
  problem: ProblemSpec,
): number {
  return factor * secondsFor(packedWork(algorithm, kernel, timedProblem(problem)), seconds);
}

/** Predicts the seconds of one product by the baseline. */
export function predictBaseline({ baselineSeconds, factor }: TimeModel, problem: ProblemSpec): number {
  return factor * secondsFor(baselineWork(timedProblem(problem)), baselineSeconds);
}

/**
 * Fits one model for each number format, number of threads and layout of the operands, for problems that were not measured. What it is asked for, and judged by,
 * is the time of an algorithm over the baseline's.
 */
export function dispatchTimeModels(rows: readonly TimedRow[]): DispatchTimeModel[] {
  const kinds = new Map(
    rows.map(({ problem: { dtype, threads, ...laid } }) => [
      `${dtype} ${threads}${transposedSuffix(laid)}`,
      { dtype, threads, ...laidOut(laid) },
    ]),
  );
  // In an order that does not depend on which was measured first.
  const inOrder = [...kinds].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, kind]) => kind);
  return inOrder.flatMap(({ dtype, threads, transposed }): DispatchTimeModel[] => {
    if (!isExported(dtype)) return [];
    const alike = rowsLike(rows, { dtype, threads }).filter((row) => row.problem.transposed === transposed);
    const { seconds, baselineSeconds, samples } = fitInTurns(alike, { dtype, threads });
    const errors = alike.map((row) => {
      const predicted = secondsFor(workOf(row), seconds);
      const baseline = secondsFor(baselineWork(timedProblem(row.problem)), baselineSeconds);
      return Math.abs(Math.log(predicted / baseline / (row.seconds / row.baselineSeconds)));
    });
    return [
      {
        ...{ dtype, threads, seconds, baselineSeconds, samples, ...laidOut({ transposed }) },
        ...{ medianError: median(errors), error90: quantile(errors, 0.9) },
      },
    ];
  });
}

function isExported(dtype: DType): dtype is DispatchProblem['dtype'] {
  return dtype === 'f32' || dtype === 'f64';
}
