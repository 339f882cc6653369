import type { Report } from './model.js';

/** The whole report with the raw samples: what every other format is made from. What JSON cannot hold (NaN) is null. */
export function formatJson(report: Report): string {
  return `${JSON.stringify(report, null, 1)}\n`;
}
