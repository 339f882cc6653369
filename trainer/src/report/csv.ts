import { environmentText, type InputErrors } from '@alphatensor-edge/proto';
import { stringify } from 'csv-stringify/sync';
import { plain } from './format.js';
import type { EnvironmentSummary, Report } from './model.js';
import type { ReportRow } from './row.js';

export type Cell = string | number | boolean | null | undefined;

/** Describes a column: its name, with the unit if it has one, and the source of its cells. */
type Column = readonly [name: string, cell: (row: ReportRow, context: Context) => Cell];

interface Context {
  readonly deviceName: string;
  readonly environment: EnvironmentSummary['environment'] | undefined;
}

const COLUMNS: readonly Column[] = [
  ['device', (_, { deviceName }) => deviceName],
  ['device_id', (row) => row.deviceId],
  ['agent', (row) => row.agent],
  ['m', (row) => row.problem.m],
  ['k', (row) => row.problem.k],
  ['n', (row) => row.problem.n],
  ['dtype', (row) => row.problem.dtype],
  ['threads', (row) => row.problem.threads],
  ['transposed', (row) => row.problem.transposed],
  ['backend', (row) => row.backend],
  ['variant', (row) => row.variant],
  ['algorithm', (row) => row.algorithm.label],
  ['role', (row) => row.algorithm.role],
  ['origin', (row) => row.algorithm.origin],
  ['found', (row) => row.algorithm.found],
  ['size', ({ algorithm: { size } }) => `${size.n}x${size.m}x${size.p}`],
  ['rank', (row) => row.algorithm.rank],
  ['nonzeros', (row) => row.algorithm.nonzeros],
  ['levels', (row) => row.algorithm.levels.length],
  ['content_hashes', (row) => row.algorithm.levels.join(' ')],
  ['status', (row) => row.status],
  ['message', (row) => row.message],
  ['verdict', (row) => row.figures?.verdict],
  ['speedup', (row) => row.figures?.speedup.estimate],
  ['speedup_low', (row) => row.figures?.speedup.low],
  ['speedup_high', (row) => row.figures?.speedup.high],
  ['own_gemm_speedup', (row) => row.figures?.ownGemmSpeedup?.estimate],
  ['own_gemm_speedup_low', (row) => row.figures?.ownGemmSpeedup?.low],
  ['own_gemm_speedup_high', (row) => row.figures?.ownGemmSpeedup?.high],
  ['over_own_gemm', (row) => row.figures?.overOwnGemm?.estimate],
  ['over_own_gemm_low', (row) => row.figures?.overOwnGemm?.low],
  ['over_own_gemm_high', (row) => row.figures?.overOwnGemm?.high],
  ['aa_control', (row) => row.figures?.aaControl?.estimate],
  ['aa_control_low', (row) => row.figures?.aaControl?.low],
  ['aa_control_high', (row) => row.figures?.aaControl?.high],
  ['candidate_median_seconds', (row) => row.figures?.candidateMedianSeconds],
  ['baseline_median_seconds', (row) => row.figures?.baselineMedianSeconds],
  ['own_gemm_median_seconds', (row) => row.figures?.ownGemmMedianSeconds],
  ['candidate_gflops', (row) => row.figures?.candidateGflops],
  ['baseline_gflops', (row) => row.figures?.baselineGflops],
  ['peak_gflops', (row) => row.figures?.peakGflops],
  ['candidate_share_of_peak', (row) => row.figures?.candidateShareOfPeak],
  ['baseline_share_of_peak', (row) => row.figures?.baselineShareOfPeak],
  ['relative_error', (row) => row.figures?.relativeError],
  ['baseline_relative_error', (row) => row.figures?.baselineRelativeError],
  ['own_gemm_relative_error', (row) => row.figures?.ownGemmRelativeError],
  ['predicted_relative_error', (row) => row.figures?.predictedRelativeError],
  ['growth', (row) => row.figures?.growth],
  ['denominator', (row) => row.algorithm.denominator],
  ['positive_relative_error', (row) => errorsOn(row, 'INPUT_KIND_POSITIVE')?.relativeError],
  ['positive_baseline_relative_error', (row) => errorsOn(row, 'INPUT_KIND_POSITIVE')?.baselineRelativeError],
  ['badly_scaled_relative_error', (row) => errorsOn(row, 'INPUT_KIND_BADLY_SCALED')?.relativeError],
  ['badly_scaled_baseline_relative_error', (row) => errorsOn(row, 'INPUT_KIND_BADLY_SCALED')?.baselineRelativeError],
  ['badly_scaled_componentwise_error', (row) => errorsOn(row, 'INPUT_KIND_BADLY_SCALED')?.componentwiseError],
  ['rounds', (row) => row.figures?.rounds],
  ['stop_reason', (row) => row.figures?.stopReason],
  ['seed', (row) => row.figures?.protocol?.seed],
  ['drift', (row) => row.figures?.drift],
  ['sustained_seconds', (row) => row.figures?.sustained?.seconds],
  ['sustained_speedup', (row) => row.figures?.sustained?.speedup.estimate],
  ['sustained_speedup_low', (row) => row.figures?.sustained?.speedup.low],
  ['sustained_speedup_high', (row) => row.figures?.sustained?.speedup.high],
  ['baseline_joules', (row) => row.figures?.sustained?.baselineJoules],
  ['candidate_joules', (row) => row.figures?.sustained?.candidateJoules],
  ['not_claimed_because', (row) => row.figures?.notClaimedBecause],
  ['flags', (row) => row.figures?.flags.join('; ')],
  ['compile_seconds', (row) => (row.jobId === '' ? null : row.compileSeconds)],
  ['workspace_bytes', (row) => (row.jobId === '' ? null : row.workspaceBytes)],
  ['environment', (row) => row.environmentId],
  ['cpu_model', (_, { environment }) => environment?.cpuModel],
  ['vector_isa', (_, { environment }) => environment?.vectorIsa],
  ['compiler', (_, { environment }) => environment?.compiler],
  ['compiler_flags', (_, { environment }) => environment?.compilerFlags],
  ['blas', (_, { environment }) => environment?.blas?.name],
  ['blas_version', (_, { environment }) => environment?.blas?.version],
  ['blas_environment', (_, { environment }) => environment?.blas && environmentText(environment.blas.environment)],
  ['blas_is_third_party', (_, { environment }) => environment?.blas?.thirdParty],
  ['baseline_threads', (_, { environment }) => environment?.baselineThreads || null],
  ['os', (_, { environment }) => environment?.os],
  ['kernel', (_, { environment }) => environment?.kernel],
  ['governor', (_, { environment }) => environment?.governor],
  ['page_policy', (_, { environment }) => environment?.pagePolicy],
  ['agent_version', (_, { environment }) => environment?.agentVersion],
  ['load_average', (row) => row.conditions?.loadAverage],
  ['temperature_celsius', (row) => row.conditions?.temperatureCelsius],
  ['frequency_mhz', (row) => row.conditions?.frequencyMhz],
  ['throttled', (row) => row.conditions?.throttled],
  ['measured_at', (row) => row.measuredAt],
  ['job_id', (row) => row.jobId],
  ['jobs', (row) => row.jobs],
  ['runs', (row) => row.runs.join('; ')],
];

function errorsOn({ figures }: ReportRow, kind: InputErrors['kind']): InputErrors | undefined {
  return figures?.inputErrors.find((errors) => errors.kind === kind);
}

/** Writes one line for each row of the report. An empty cell is unknown or was not measured. The samples are in the JSON. */
export function formatCsv(report: Report): string {
  const rows = report.groups.flatMap((group) => {
    const deviceName = report.devices.find((device) => device.id === group.deviceId)?.name ?? group.deviceId;
    return group.rows.map((row) => {
      const environment = report.environments.find(({ id }) => id === row.environmentId)?.environment;
      return COLUMNS.map(([, cell]) => cell(row, { deviceName, environment }));
    });
  });
  return asCsv(
    COLUMNS.map(([name]) => name),
    rows,
  );
}

/** Writes the changes against a reference, also where there is no difference; an empty text if there is no reference. */
export function formatChangesCsv(report: Report): string {
  const { changes, devices } = report;
  if (changes === null) return '';
  const header = [
    'device',
    'device_id',
    'm',
    'k',
    'n',
    'dtype',
    'threads',
    'transposed',
    'backend',
    'variant',
    'algorithm',
    'change',
  ];
  const sides = ['before', 'after', 'ratio'] as const;
  return asCsv(
    [...header, ...sides.flatMap((side) => [side, `${side}_low`, `${side}_high`])],
    changes.rows.map((row) => {
      const { m, k, n, dtype, threads, transposed } = row.problem;
      const device = devices.find(({ id }) => id === row.deviceId)?.name ?? row.deviceId;
      return [
        ...[device, row.deviceId, m, k, n, dtype, threads, transposed, row.backend, row.variant, row.label, row.kind],
        ...sides.flatMap((side) => [row[side]?.estimate, row[side]?.low, row[side]?.high]),
      ];
    }),
  );
}

/**
 * Writes a table by RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV
 * Injection"); numbers are left as they are, negative ones too.
 */
export function asCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return stringify([header, ...rows] as Cell[][], {
    record_delimiter: 'windows',
    escape_formulas: true,
    cast: { string: plain, boolean: String },
  });
}
