import { references } from '../fleet/algorithms.js';
import type { AlgorithmRef, MeasurementRow } from '../fleet/measurement.js';
import { markSlowBaselines } from './baseline-slowdown.js';
import { conditionsOf, figuresOf, statusOf } from './figures.js';
import { formatProblem } from './format.js';
import { isBaseline, type ReportAlgorithm, type ReportRow } from './row.js';
import type { Sourced } from './sourced.js';

/** Tells the variant that ran, also if the request left the choice to the agent. */
function variantOf({ variant, outcome }: MeasurementRow): string {
  return variant || (outcome.environment?.variant ?? '');
}

/**
 * Makes the rows of one device and problem, fastest first; rows without figures come last. The baseline, Strassen, Strassen²
 * and Winograd's form are always included.
 */
export function rowsOf(group: readonly Sourced[]): ReportRow[] {
  const byAlgorithm = new Map<string, Sourced[]>();
  for (const sourced of group) {
    const { algorithm, backend } = sourced.row;
    const key = JSON.stringify([algorithm.levels, algorithm.arithmetic, backend, variantOf(sourced.row)]);
    byAlgorithm.set(key, [...(byAlgorithm.get(key) ?? []), sourced]);
  }
  const rows = [...byAlgorithm.values()].map(rowFrom);
  if (!rows.some(isBaseline)) rows.push(baselineRow(group));
  for (const reference of REFERENCES) {
    if (!rows.some((row) => sameLevels(row.algorithm.levels, reference.levels)))
      rows.push(notMeasured(group[0].row, reference));
  }
  return markSlowBaselines(rows).sort(bySpeedup);
}

/** Finds the latest job that was not cancelled; if all were cancelled, the latest one. */
function latestOf(jobs: readonly Sourced[]): Sourced {
  const telling = jobs.filter(({ row }) => statusOf(row) !== 'CANCELLED');
  return (telling.length > 0 ? telling : jobs).reduce((latest, job) => (isLater(job.row, latest.row) ? job : latest));
}

function isLater(a: MeasurementRow, b: MeasurementRow): boolean {
  return a.createdAt > b.createdAt || (a.createdAt === b.createdAt && a.jobId > b.jobId);
}

function rowFrom(jobs: readonly Sourced[]): ReportRow {
  const { row } = latestOf(jobs);
  const { outcome } = row;
  const algorithm = algorithmOf(jobs.map((job) => job.row.algorithm));
  const { figures, problems } = figuresOf(row, algorithm.levels.length === 0);
  const estimates = jobs.flatMap((job) => job.row.outcome.measurement?.speedup?.estimate ?? []);
  return {
    runs: [...new Set(jobs.flatMap((job) => job.runs))],
    jobId: row.jobId,
    agent: row.agent,
    deviceId: row.deviceId,
    problem: row.problem,
    backend: row.backend,
    variant: variantOf(row),
    algorithm,
    status: statusOf(row),
    message: problems || outcome.message,
    figures,
    environment: outcome.environment ?? null,
    environmentId: null,
    conditions: conditionsOf(outcome.environment),
    compileSeconds: outcome.compileSeconds,
    workspaceBytes: outcome.workspaceBytes,
    measuredAt: row.createdAt,
    jobs: jobs.length,
    spread: estimates.length > 1 ? { low: Math.min(...estimates), high: Math.max(...estimates) } : null,
  };
}

/** Merges how the jobs of a row name their algorithm. A reference keeps its own name even if the search found it again. */
function algorithmOf(refs: readonly AlgorithmRef[]): ReportAlgorithm {
  const known = REFERENCES.find(({ levels }) => sameLevels(levels, refs[0].levels));
  const named = refs.find((ref) => ref.role === 'reference') ?? refs[refs.length - 1];
  const { levels, origin, size, rank, nonzeros, arithmetic } = named;
  return {
    label: known?.label ?? named.label,
    role: known ? 'reference' : named.role,
    origin,
    // A demonstration is measured with the findings but was given, not found.
    found: refs.some((ref) => ref.role === 'found' && ref.origin !== 'demonstration'),
    levels,
    size,
    rank,
    nonzeros,
    denominator: null,
    arithmetic,
  };
}

/** Makes the baseline's row if it has no control job, from the baseline's samples in the latest measurement. */
function baselineRow(group: readonly Sourced[]): ReportRow {
  const measured = group.filter(({ row }) => row.outcome.measurement);
  const source = measured.length > 0 ? latestOf(measured) : undefined;
  const ref = REFERENCES[0];
  const measurement = source?.row.outcome.measurement;
  if (!source || !measurement) return notMeasured(group[0].row, ref);
  const outcome = {
    ...source.row.outcome,
    compileSeconds: 0,
    workspaceBytes: 0,
    measurement: {
      ...measurement,
      candidateSeconds: measurement.baselineSeconds,
      relativeError: measurement.baselineRelativeError,
      speedup: null,
    },
  };
  return rowFrom([{ runs: source.runs, row: { ...source.row, algorithm: ref, outcome } }]);
}

function notMeasured({ agent, deviceId, problem }: MeasurementRow, algorithm: AlgorithmRef): ReportRow {
  return {
    runs: [],
    jobId: '',
    agent,
    deviceId,
    problem,
    backend: '',
    variant: '',
    algorithm: { ...algorithm, found: false, denominator: null },
    status: 'NOT_MEASURED',
    message: `No run measured ${algorithm.label} on this device for ${formatProblem(problem)}.`,
    figures: null,
    environment: null,
    environmentId: null,
    conditions: null,
    compileSeconds: 0,
    workspaceBytes: 0,
    measuredAt: '',
    jobs: 0,
    spread: null,
  };
}

/** The algorithms that are in every report, the baseline first. */
const REFERENCES: readonly AlgorithmRef[] = references().map(({ algorithm }) => algorithm);

function sameLevels(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((hash, index) => hash === b[index]);
}

function bySpeedup(a: ReportRow, b: ReportRow): number {
  const value = (row: ReportRow): number => row.figures?.speedup.estimate ?? Number.NEGATIVE_INFINITY;
  if (value(a) !== value(b)) return value(b) - value(a);
  const text = (row: ReportRow): string => [row.algorithm.label, row.backend, row.variant].join('\n');
  return text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
}
