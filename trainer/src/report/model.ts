import { blasName, type MeasuringProtocol } from '@alphatensor-edge/proto';
import { type FactorizationRecord, present } from '@alphatensor-edge/shared';
import type { ProblemSpec } from '../fleet/measurement.js';
import type { RunConfig } from '../run/config.js';
import type { RunData, StoredFactorization } from '../run/reader.js';
import { type Answer, answerOf } from './answer.js';
import { bestOf } from './best.js';
import { type Changes, changesBetween } from './changes.js';
import { type Comparison, comparisonsOf } from './comparison.js';
import { type CostFit, costFits } from './cost-fit.js';
import { denominatorOf } from './denominator.js';
import { type DeviceSummary, devicesOf } from './devices.js';
import { type EnvironmentSummary, Environments } from './environments.js';
import { type ErrorFront, errorFronts } from './error-front.js';
import { type Failure, failuresOf } from './failures.js';
import { formatProblem } from './format.js';
import type { Group } from './group.js';
import { type ModelGain, modelGain } from './model-gain.js';
import { type Noise, noiseOf } from './noise.js';
import { type Prices, pricesOf } from './prices.js';
import { type ProgramGain, programGain } from './program-gain.js';
import { calibrationOf, type Evaluation, evaluationsOf, type Series, seriesOf } from './progress.js';
import { mergeProvenance, type Provenance, provenanceOf } from './provenance.js';
import { isMeasured, type ReportRow } from './row.js';
import { rowsOf } from './rows.js';
import { collectJobs, type Sourced, uniqueNames } from './sourced.js';
import { type TimeFit, timeFits } from './time-fit.js';
import { type Trend, trendsOf } from './trends.js';

export { type RunData, readRun } from '../run/reader.js';
export type { Answer, Choice } from './answer.js';
export type { DeviceSummary } from './devices.js';
export type { EnvironmentSummary } from './environments.js';
export { recompute } from './figures.js';
export type { Group } from './group.js';
export type { Provenance } from './provenance.js';
export type { MeasuredRow, ReportRow } from './row.js';

/** Describes a run for a report. */
export interface RunSummary {
  readonly name: string;
  readonly config: RunConfig | null;
  readonly provenance: Provenance;
  readonly factorizations: readonly StoredFactorization[];
  readonly series: readonly Series[];
  readonly evaluations: readonly Evaluation[];
  /** The last recorded [predicted, real] returns; null: none. */
  readonly calibration: readonly (readonly [number, number])[] | null;
  /** How well its cost models predicted. Absent for a run whose models predicted nothing. */
  readonly prices?: Prices | undefined;
  readonly notes: readonly string[];
}

/** Holds everything that a report says, as plain data. Every output format is made from it alone. */
export interface Report {
  readonly format: 'alphatensor-edge-report';
  readonly formatVersion: 1;
  readonly runs: readonly RunSummary[];
  readonly provenance: Provenance;
  readonly devices: readonly DeviceSummary[];
  readonly environments: readonly EnvironmentSummary[];
  readonly groups: readonly Group[];
  /** One for each shape that several devices, or several ways of measuring, share. */
  readonly comparisons: readonly Comparison[];
  readonly noise: readonly Noise[];
  readonly costFits: readonly CostFit[];
  /** One for each group with several algorithms. */
  readonly errorFronts: readonly ErrorFront[];
  /** Of tuning runs. */
  readonly timeFits: readonly TimeFit[];
  /** Of tuning runs of a model. */
  readonly modelGains: readonly ModelGain[];
  /** Of tuning runs of a program. */
  readonly programGains: readonly ProgramGain[];
  /** Against an earlier report; null: none was named. */
  readonly changes: Changes | null;
  /** The newest jobs against those before them; null: not asked for. */
  readonly trends: readonly Trend[] | null;
  readonly failures: readonly Failure[];
  /** Number of finished jobs behind the rows, including repeated ones. */
  readonly jobs: number;
  /** Times of the first and last job, ISO 8601; null: no jobs. */
  readonly measured: { readonly first: string; readonly last: string } | null;
}

/** Holds what a report is told beside its runs. */
export interface BuildOptions {
  /** The folder that it is written to, as a person types it; null: it is written nowhere. */
  readonly out?: string | null | undefined;
  /** An earlier report to compare with. */
  readonly against?: { readonly name: string; readonly runs: readonly RunData[] } | undefined;
  /** How many earlier jobs the newest one of each algorithm is compared with; undefined: it is not. Those of `against` count. */
  readonly rolling?: number | undefined;
}

/**
 * Builds a report of one or more runs. It is pure: the same runs give the same report.
 */
export function buildReport(runs: readonly RunData[], { out = null, against, rolling }: BuildOptions = {}): Report {
  const names = uniqueNames(runs);
  const algorithms = algorithmsOf(runs);
  const sources = { runs: runs.map((run, index) => ({ ...run, name: names[index] })), algorithms };
  const jobs = collectJobs(runs);
  const devices = devicesOf(jobs);
  const summaries = runs.map((run, index) => summarize(run, names[index]));
  const grouped = groupsOf(jobs, devices);
  const environments = new Environments();
  const groups = grouped.map((rows): Group => {
    const { deviceId, problem } = rows[0];
    const numbered = rows.map((row) => ({
      ...row,
      algorithm: { ...row.algorithm, denominator: denominatorOf(row.algorithm.levels, algorithms) },
      environmentId: environments.idOf(row),
    }));
    const { answer, chosen } = answerOf({ deviceId, problem, rows: numbered }, sources, out);
    return { deviceId, problem, rows: numbered, best: bestOf(numbered, chosen), answer };
  });
  const times = jobs.map(({ row }) => row.createdAt).sort();
  return {
    format: 'alphatensor-edge-report',
    formatVersion: 1,
    runs: summaries,
    provenance: mergeProvenance(summaries.map((run) => run.provenance)),
    devices,
    environments: environments.list,
    groups,
    comparisons: comparisonsOf(groups),
    noise: noiseOf(
      jobs,
      devices.map(({ id }) => id),
    ),
    costFits: costFits(jobs, algorithms),
    errorFronts: errorFronts(groups),
    timeFits: timeFits(collectJobs(runs.filter(({ config }) => config?.command === 'tune')), algorithms),
    modelGains: runs.flatMap(({ tuned }, index) => (tuned ? [modelGain(names[index], tuned.model, tuned.table)] : [])),
    programGains: runs.flatMap(({ tunedProgram }, index) =>
      tunedProgram ? [programGain(names[index], tunedProgram.program, tunedProgram.table)] : [],
    ),
    changes: against === undefined ? null : changesBetween(groups, buildReport(against.runs).groups, against.name),
    trends: rolling === undefined ? null : trendsOf(collectJobs([...(against?.runs ?? []), ...runs]), rolling),
    failures: failuresOf(jobs),
    jobs: jobs.length,
    measured: times.length === 0 ? null : { first: times[0], last: times[times.length - 1] },
  };
}

/** Names the libraries that a device was compared with: `OpenBLAS 0.3.21, BLIS 0.9.0`. */
export function reportedBaselines(report: Pick<Report, 'environments'>, deviceId: string): string {
  const names = report.environments.flatMap(({ deviceId: id, environment: { blas } }) =>
    id === deviceId && blas ? [blasName(blas)] : [],
  );
  return [...new Set(names)].join(', ');
}

/** Cuts a report down to one device. It keeps all runs. */
export function reportOfDevice(report: Report, deviceId: string): Report {
  const isIts = (part: { readonly deviceId: string }): boolean => part.deviceId === deviceId;
  const groups = report.groups.filter(isIts);
  return {
    ...report,
    devices: report.devices.filter(({ id }) => id === deviceId),
    environments: report.environments.filter(isIts),
    groups,
    comparisons: comparisonsOf(groups),
    noise: report.noise.filter(isIts),
    costFits: report.costFits.filter(isIts),
    errorFronts: report.errorFronts.filter(isIts),
    timeFits: report.timeFits.filter(isIts),
    modelGains: report.modelGains.filter(isIts),
    programGains: report.programGains.filter(isIts),
    changes: report.changes && { ...report.changes, rows: report.changes.rows.filter(isIts) },
    trends: report.trends?.filter(isIts) ?? null,
    failures: report.failures.filter(isIts),
  };
}

/** Lists what to run on each device for each problem. */
export function answersOf({ groups }: Pick<Report, 'groups'>): Answer[] {
  return groups.map(({ answer }) => answer);
}

/** Names a device for readers; the id itself if the report does not know the device. */
export function deviceName(report: Report, id: string): string {
  return report.devices.find((device) => device.id === id)?.name ?? id;
}

/** Collects the algorithms that the runs kept, by content hash. */
export function algorithmsOf(runs: readonly Pick<RunData, 'algorithms'>[]): Map<string, FactorizationRecord> {
  return new Map(runs.flatMap(({ algorithms }) => [...algorithms]));
}

/** Lists the distinct protocols of the measured rows. The seed, which differs for each job, is ignored. */
export function protocolsOf(report: Report): MeasuringProtocol[] {
  const byText = new Map<string, MeasuringProtocol>();
  for (const { figures } of report.groups.flatMap((group) => group.rows).filter(isMeasured)) {
    if (figures.protocol) byText.set(JSON.stringify({ ...figures.protocol, seed: 0 }), figures.protocol);
  }
  return [...byText.values()];
}

function summarize(run: RunData, name: string): RunSummary {
  const { config, factorizations, metrics, notes } = run;
  return {
    name,
    config: config ?? null,
    provenance: provenanceOf(run),
    factorizations: [...factorizations].sort(
      (a, b) => a.rank - b.rank || a.nonzeros - b.nonzeros || (a.file < b.file ? -1 : 1),
    ),
    series: seriesOf(metrics),
    evaluations: evaluationsOf(metrics),
    calibration: calibrationOf(metrics),
    ...present({ prices: pricesOf(metrics) }),
    notes,
  };
}

/** Makes the rows of each device and problem, ordered by device, precision, threads, then size. */
function groupsOf(jobs: readonly Sourced[], devices: readonly DeviceSummary[]): ReportRow[][] {
  return devices.flatMap(({ id }) => {
    const byProblem = new Map<string, Sourced[]>();
    for (const job of jobs.filter(({ row }) => row.deviceId === id)) {
      const key = formatProblem(job.row.problem);
      byProblem.set(key, [...(byProblem.get(key) ?? []), job]);
    }
    return [...byProblem.values()].sort((a, b) => compareProblems(a[0].row.problem, b[0].row.problem)).map(rowsOf);
  });
}

function compareProblems(a: ProblemSpec, b: ProblemSpec): number {
  return (
    compareText(a.dtype, b.dtype) ||
    a.threads - b.threads ||
    a.m * a.k * a.n - b.m * b.k * b.n ||
    compareText(formatProblem(a), formatProblem(b))
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
