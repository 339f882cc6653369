import type { Outcome, OutcomeKind } from '@alphatensor-edge/proto';
import type { Job } from './job.js';

/** Bounds the output of a compiler or a child that is sent to the caller, bytes. */
const MAX_DIAGNOSTICS_BYTES = 16 * 1024;

/** Holds what is known of a job before it is measured. */
export interface JobFacts {
  readonly jobId: string;
  readonly compileSeconds: number;
  readonly compileCached: boolean;
  readonly workspaceBytes: number;
}

/** Makes the facts of a job of which nothing is known yet. */
export function noFacts({ jobId }: Pick<Job, 'jobId'>): JobFacts {
  return { jobId, compileSeconds: 0, compileCached: false, workspaceBytes: 0 };
}

/** Tells whether a stage has given the job's outcome instead of its own value. */
export function isOutcome<T extends object>(value: T | Outcome): value is Outcome {
  return 'kind' in value;
}

/** Makes an outcome without a measurement. */
export function failure(facts: JobFacts, kind: OutcomeKind, message: string, diagnostics = ''): Outcome {
  return { ...facts, kind, message, diagnostics: cut(diagnostics), overErrorBound: false };
}

function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_DIAGNOSTICS_BYTES) return text;
  // A character cut in two would decode to a longer one.
  return bytes.subarray(0, MAX_DIAGNOSTICS_BYTES - 3).toString('utf8');
}
