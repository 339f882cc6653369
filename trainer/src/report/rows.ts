import type { Environment, Measurement, MeasuringProtocol } from '@alphatensor-edge/proto';
import { type Arithmetic, messageOf, type RatioEstimate, type Size } from '@alphatensor-edge/shared';
import { references } from '../fleet/algorithms.js';
import type { AlgorithmRef, MeasurementRow, ProblemSpec } from '../fleet/measurement.js';
import { formatProblem, formatRange, formatRatio } from './format.js';
import {
  figuresFromSamples,
  type SampleFigures,
  type Samples,
  sameInterval,
  samplesOf,
  speedupOfLastThird,
} from './samples.js';

/** A stored measurement and the runs that hold it. */
export interface Sourced {
  readonly runs: readonly string[];
  readonly row: MeasurementRow;
}

export type RowStatus =
  | 'MEASURED'
  | 'COMPILE_FAILED'
  | 'WRONG_RESULT'
  | 'CRASHED'
  | 'TIMEOUT'
  | 'OUT_OF_MEMORY'
  | 'UNSUPPORTED'
  | 'CANCELLED'
  | 'UNSPECIFIED'
  /** A reference that no run measured on this device and problem. */
  | 'NOT_MEASURED';

/**
 * `faster`: the agent's own verdict, and only that. `slower`: the interval ends below 1. `unclaimed`: the interval lies
 * above 1, yet the agent does not call it faster (a baseline that is not a vendor's, or a slow one). `undecided`: the
 * interval holds 1. `baseline`: the vendor GEMM.
 */
export type Verdict = 'faster' | 'slower' | 'unclaimed' | 'undecided' | 'baseline';

/** The figures of one measured row; all that rests on time recomputes from `samples`. */
export interface Figures extends SampleFigures {
  readonly verdict: Verdict;
  /** The vendor timed against itself; null: not measured. */
  readonly aaControl: RatioEstimate | null;
  /** Null: the device's peak is unknown. */
  readonly peakGflops: number | null;
  readonly candidateShareOfPeak: number | null;
  readonly vendorShareOfPeak: number | null;
  /** Relative Frobenius errors against float64. */
  readonly relativeError: number;
  readonly vendorRelativeError: number;
  readonly rounds: number;
  /** `CONVERGED`, `NOISE_PLATEAU`, `BUDGET`, `MAX_ROUNDS`. */
  readonly stopReason: string;
  readonly flags: readonly string[];
  readonly drift: number;
  /** Null: a burst. */
  readonly sustained: Sustained | null;
  readonly protocol: MeasuringProtocol | null;
  readonly samples: Samples;
}

/** What a measurement of at least so many seconds adds to a burst. */
export interface Sustained {
  readonly seconds: number;
  /** vendor / candidate over the last third of the rounds. */
  readonly speedup: RatioEstimate;
  /** Joules for one product, of all processor packages as a whole; null is unknown. */
  readonly vendorJoules: number | null;
  readonly candidateJoules: number | null;
}

/** What the device was doing at the time; null is unknown. */
export interface Conditions {
  readonly loadAverage: number | null;
  readonly temperatureCelsius: number | null;
  readonly frequencyMhz: number | null;
  readonly throttled: boolean | null;
  readonly pinnedCpus: readonly number[];
}

/** An algorithm as a report names it. */
export interface ReportAlgorithm {
  readonly label: string;
  readonly role: AlgorithmRef['role'];
  readonly origin: string;
  /** Whether this run's search found it, also where it is a reference's equal. */
  readonly found: boolean;
  readonly levels: readonly string[];
  readonly size: Size;
  readonly rank: number;
  readonly nonzeros: number;
  readonly arithmetic: Arithmetic;
}

/** One row: device × problem × backend/variant × algorithm. */
export interface ReportRow {
  readonly runs: readonly string[];
  readonly jobId: string;
  readonly agent: string;
  readonly deviceId: string;
  readonly problem: ProblemSpec;
  /** Empty for a reference that was not measured. */
  readonly backend: string;
  readonly variant: string;
  readonly algorithm: ReportAlgorithm;
  readonly status: RowStatus;
  /** One sentence for what is not MEASURED. */
  readonly message: string;
  readonly figures: Figures | null;
  /** Static part of the environment: see Report.environments. Null: the agent sent none. */
  readonly environment: Environment | null;
  readonly environmentId: string | null;
  readonly conditions: Conditions | null;
  readonly compileSeconds: number;
  readonly workspaceBytes: number;
  /** ISO 8601, UTC; empty for what was not measured. */
  readonly measuredAt: string;
  /** Finished jobs of the same row; the figures are those of the latest that was not cancelled. */
  readonly jobs: number;
  /** Smallest and largest speed-up estimate over those jobs; null with fewer than two measurements. */
  readonly spread: { readonly low: number; readonly high: number } | null;
}

export function statusOf({ outcome }: MeasurementRow): RowStatus {
  return outcome.kind.replace('OUTCOME_KIND_', '') as RowStatus;
}

/** What the agent ran where the request left the variant to it. */
function variantOf({ variant, outcome }: MeasurementRow): string {
  return variant || (outcome.environment?.variant ?? '');
}

export function isVendor(row: Pick<ReportRow, 'algorithm'>): boolean {
  return row.algorithm.levels.length === 0;
}

/** A measured row, with its figures. */
export type MeasuredRow = ReportRow & { readonly figures: Figures };

export function isMeasured(row: ReportRow): row is MeasuredRow {
  return row.figures !== null;
}

/** The figures of a row once more, from nothing but its raw samples, the protocol's seed and the problem. */
export function recompute({ figures, problem }: MeasuredRow): SampleFigures {
  return figuresFromSamples(figures.samples, figures.protocol?.seed ?? 0, problem);
}

/**
 * The rows of one device and problem, fastest first, what has no figures last. The vendor GEMM, Strassen, Strassen² and
 * Winograd's form are always among them.
 */
export function rowsOf(group: readonly Sourced[]): ReportRow[] {
  const byAlgorithm = new Map<string, Sourced[]>();
  for (const sourced of group) {
    const { algorithm, backend } = sourced.row;
    const key = JSON.stringify([algorithm.levels, algorithm.arithmetic, backend, variantOf(sourced.row)]);
    byAlgorithm.set(key, [...(byAlgorithm.get(key) ?? []), sourced]);
  }
  const rows = [...byAlgorithm.values()].map(rowFrom);
  if (!rows.some(isVendor)) rows.push(vendorRow(group));
  for (const reference of REFERENCES) {
    if (!rows.some((row) => sameLevels(row.algorithm.levels, reference.levels)))
      rows.push(notMeasured(group[0].row, reference));
  }
  return rows.sort(bySpeedup);
}

/** The latest job that says something of the algorithm: all but a cancelled one, and that only where there is no other. */
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

function figuresOf(row: MeasurementRow, vendor: boolean): { figures: Figures | null; problems: string } {
  const measurement = row.outcome.measurement;
  if (statusOf(row) !== 'MEASURED') return { figures: null, problems: '' };
  if (!measurement) return { figures: null, problems: 'The agent says MEASURED but sent no measurement.' };
  try {
    return { figures: figuresFrom(measurement, row.problem, vendor), problems: '' };
  } catch (error) {
    return { figures: null, problems: `The stored samples cannot be used: ${messageOf(error)}` };
  }
}

function figuresFrom(measurement: Measurement, problem: ProblemSpec, vendor: boolean): Figures {
  const samples = samplesOf(measurement);
  const computed = figuresFromSamples(samples, measurement.protocol?.seed ?? 0, problem);
  const peakGflops = measurement.peakGflops > 0 ? measurement.peakGflops : null;
  // Nothing is to be learnt from what the vendor gains over itself.
  const sustained = vendor ? null : sustainedOf(measurement, samples);
  const share = (gflops: number): number | null => (peakGflops === null ? null : gflops / peakGflops);
  return {
    ...computed,
    // The vendor over itself is 1 by definition; what its two series differ by is the A/A control.
    speedup: vendor ? { estimate: 1, low: 1, high: 1 } : computed.speedup,
    verdict: vendor ? 'baseline' : verdictOf(computed.speedup, measurement.fasterThanVendor),
    aaControl: measurement.aaControl ?? (vendor ? computed.speedup : null),
    peakGflops,
    candidateShareOfPeak: share(computed.candidateGflops),
    vendorShareOfPeak: share(computed.vendorGflops),
    relativeError: measurement.relativeError,
    vendorRelativeError: measurement.vendorRelativeError,
    rounds: samples.vendorSeconds.length,
    stopReason: measurement.stopReason.replace('STOP_REASON_', ''),
    flags: [...measurement.flags, ...disagreements(measurement, computed, sustained)],
    drift: measurement.drift,
    sustained,
    protocol: measurement.protocol,
    samples,
  };
}

function sustainedOf(measurement: Measurement, samples: Samples): Sustained | null {
  const seconds = measurement.protocol?.minMeasuringSeconds ?? 0;
  if (seconds === 0) return null;
  return {
    seconds,
    speedup: speedupOfLastThird(samples, measurement.protocol?.seed ?? 0),
    vendorJoules: measurement.vendorJoules ?? null,
    candidateJoules: measurement.candidateJoules ?? null,
  };
}

function verdictOf({ low, high }: RatioEstimate, fasterThanVendor: boolean): Verdict {
  if (fasterThanVendor) return 'faster';
  if (high < 1) return 'slower';
  return low > 1 ? 'unclaimed' : 'undecided';
}

/** The agent's own figures must follow from its samples; where they do not, the reader is told. */
function disagreements(measurement: Measurement, computed: SampleFigures, sustained: Sustained | null): string[] {
  const flags: string[] = [];
  const compare = (name: string, stored: RatioEstimate | null | undefined, from: RatioEstimate | null): void => {
    if (!stored || !from || sameInterval(stored, from)) return;
    flags.push(
      `the agent reported a ${name} of ${formatRatio(stored.estimate)} (${formatRange(stored)}), but its samples give ` +
        `${formatRatio(from.estimate)} (${formatRange(from)}), which is shown`,
    );
  };
  compare('speed-up', measurement.speedup, computed.speedup);
  compare('speed-up of its own GEMM', measurement.ownGemmSpeedup, computed.ownGemmSpeedup);
  compare('speed-up in the last third', measurement.sustainedSpeedup, sustained?.speedup ?? null);
  return flags;
}

function conditionsOf(environment: Environment | null | undefined): Conditions | null {
  if (!environment) return null;
  return {
    loadAverage: environment.loadAverage ?? null,
    temperatureCelsius: environment.temperatureCelsius ?? null,
    frequencyMhz: environment.frequencyMhz ?? null,
    throttled: environment.throttled ?? null,
    pinnedCpus: environment.pinnedCpus,
  };
}

/** How all jobs of a row name their algorithm: a reference's own name wins over that of a found equal. */
function algorithmOf(refs: readonly AlgorithmRef[]): ReportAlgorithm {
  const known = REFERENCES.find(({ levels }) => sameLevels(levels, refs[0].levels));
  const named = refs.find((ref) => ref.role === 'reference') ?? refs[refs.length - 1];
  const { levels, origin, size, rank, nonzeros, arithmetic } = named;
  return {
    label: known?.label ?? named.label,
    role: known ? 'reference' : named.role,
    origin,
    found: refs.some((ref) => ref.role === 'found'),
    levels,
    size,
    rank,
    nonzeros,
    arithmetic,
  };
}

/** Without a control job of its own, the vendor's row comes from the vendor's samples of the latest measurement. */
function vendorRow(group: readonly Sourced[]): ReportRow {
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
      candidateSeconds: measurement.vendorSeconds,
      relativeError: measurement.vendorRelativeError,
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
    algorithm: { ...algorithm, found: false },
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

/** The algorithms no report leaves out, the vendor GEMM first. */
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
