import type { ReportAlgorithm } from './row.js';

/** Says how a run found an algorithm: by its search, or by local moves from one that it had. */
export function findingWords({ origin }: ReportAlgorithm): string {
  return origin === 'symmetry' || origin === 'flip-graph' ? 'found by local moves' : 'found by the search';
}

/** Says where an algorithm comes from that no run found. */
export function givenWords({ origin }: ReportAlgorithm): string {
  return origin === 'demonstration' ? 'given as a demonstration' : 'read from a file';
}
