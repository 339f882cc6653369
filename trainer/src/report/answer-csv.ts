import type { Answer } from './answer.js';
import { isClaimed } from './answer-words.js';
import { asCsv, type Cell } from './csv.js';
import { deviceName, type Report } from './model.js';

const COLUMNS: readonly (readonly [name: string, cell: (answer: Answer) => Cell])[] = [
  ['device_id', ({ deviceId }) => deviceId],
  ['m', ({ problem }) => problem.m],
  ['k', ({ problem }) => problem.k],
  ['n', ({ problem }) => problem.n],
  ['dtype', ({ problem }) => problem.dtype],
  ['threads', ({ problem }) => problem.threads],
  ['transposed', ({ problem }) => problem.transposed],
  ['baseline', ({ baseline }) => baseline],
  ['claimed', isClaimed],
  ['verdict', ({ choice }) => choice?.verdict],
  ['algorithm', ({ choice }) => choice?.label],
  ['backend', ({ choice }) => choice?.backend],
  ['variant', ({ choice }) => choice?.variant],
  ['speedup', ({ choice }) => choice?.speedup.estimate],
  ['speedup_low', ({ choice }) => choice?.speedup.low],
  ['speedup_high', ({ choice }) => choice?.speedup.high],
  ['median_seconds', ({ choice }) => choice?.seconds],
  ['baseline_median_seconds', ({ choice }) => choice?.baselineSeconds],
  ['relative_error', ({ choice }) => choice?.relativeError],
  ['error_multiple', ({ choice }) => choice?.errorMultiple],
  ['growth', ({ choice }) => choice?.growth],
  ['denominator', ({ choice }) => choice?.denominator],
  ['workspace_bytes', ({ choice }) => choice?.workspaceBytes],
  ['search_adds', ({ searchAdds }) => searchAdds?.estimate],
  ['search_adds_low', ({ searchAdds }) => searchAdds?.low],
  ['search_adds_high', ({ searchAdds }) => searchAdds?.high],
  ['command', ({ choice }) => choice?.command],
  ['job_id', ({ choice }) => choice?.jobId],
];

/** Writes the table at the top of the report as CSV, with exact figures. Where `claimed` is false, the baseline is what to run. */
export function formatAnswersCsv(report: Report): string {
  return asCsv(
    ['device', ...COLUMNS.map(([name]) => name)],
    report.groups.map(({ answer }) => [
      deviceName(report, answer.deviceId),
      ...COLUMNS.map(([, cell]) => cell(answer)),
    ]),
  );
}
