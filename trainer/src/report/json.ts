import type { Report } from './model.js';

/** Writes the whole report with the raw samples, from which every other format can be made. NaN, which JSON lacks, becomes null. */
export function formatJson(report: Report): string {
  return `${JSON.stringify(report, null, 1)}\n`;
}
