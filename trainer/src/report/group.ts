import type { ProblemSpec } from '../fleet/measurement.js';
import type { Best } from './best.js';
import type { ReportRow } from './row.js';

/** One device and problem. */
export interface Group {
  readonly deviceId: string;
  readonly problem: ProblemSpec;
  /** Fastest first; reference rows always among them. */
  readonly rows: readonly ReportRow[];
  readonly best: Best;
}
