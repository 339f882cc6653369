import type { ProblemSpec } from '../fleet/measurement.js';
import type { Answer } from './answer.js';
import type { Best } from './best.js';
import type { ReportRow } from './row.js';

/** Holds the rows of one device and problem. */
export interface Group {
  readonly deviceId: string;
  readonly problem: ProblemSpec;
  /** Fastest first. The reference rows are always included. */
  readonly rows: readonly ReportRow[];
  readonly best: Best;
  readonly answer: Answer;
}
