import { type FactorizationRecord, formatFactorizationJson } from '@alphatensor-edge/shared';
import { deviceName, type Report } from './model.js';

/**
 * Writes what to run on each device as JSON for programs, each with its factorizations, outermost level first, in the format of a
 * factorization file. A choice whose verdict is not `faster` is none to run: the baseline is.
 */
export function formatBest(report: Report, algorithms: ReadonlyMap<string, FactorizationRecord>): string {
  const hashes = new Set(report.groups.flatMap(({ answer }) => answer.choice?.levels ?? []));
  const kept = [...hashes].flatMap((hash) => {
    const record = algorithms.get(hash);
    return record === undefined ? [] : [[hash, JSON.parse(formatFactorizationJson(record))] as const];
  });
  const document = {
    format: 'alphatensor-edge-best',
    formatVersion: 1,
    measured: report.measured,
    choices: report.groups.map(({ answer }) => ({ device: deviceName(report, answer.deviceId), ...answer })),
    /** By content hash. */
    factorizations: Object.fromEntries(kept),
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}
