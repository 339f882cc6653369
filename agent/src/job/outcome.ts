import type { Environment, Outcome, OutcomeKind } from '@alphatensor-edge/proto';
import type { RunResult } from '../measure/runner.js';
import type { End } from '../process/process.js';

/** Bytes of a compiler's or a child's output that travel. */
const MAX_DIAGNOSTICS_BYTES = 16 * 1024;

/** What is known of a job before it is measured. */
export interface JobFacts {
  readonly jobId: string;
  readonly compileSeconds: number;
  readonly compileCached: boolean;
  readonly workspaceBytes: number;
  readonly environment?: Environment;
}

/** An outcome without a measurement. */
export function failure(facts: JobFacts, kind: OutcomeKind, message: string, diagnostics = ''): Outcome {
  return { ...facts, kind, message, diagnostics: cut(diagnostics), overErrorBound: false };
}

/** How the compiler ended, as an outcome. */
export function compileFailure(facts: JobFacts, command: string, end: End, timeoutSeconds: number): Outcome {
  const output = end.stderr + end.stdout;
  switch (end.reason) {
    case 'cancelled':
      return failure(facts, 'OUTCOME_KIND_CANCELLED', 'The job was cancelled while it was compiled.', output);
    case 'deadline':
      return failure(
        facts,
        'OUTCOME_KIND_TIMEOUT',
        `${command} did not finish within ${timeoutSeconds} s; allow more time or use a smaller factorization.`,
        output,
      );
    case 'exited':
      return failure(facts, 'OUTCOME_KIND_COMPILE_FAILED', `${command} ${howItEnded(end)}.`, output);
  }
}

/** What it means where the child declines to go on; the rest are faults of the program or of ours. */
const REFUSALS: Readonly<Record<string, OutcomeKind>> = {
  memory: 'OUTCOME_KIND_OUT_OF_MEMORY',
  compile: 'OUTCOME_KIND_COMPILE_FAILED',
};

/** How the measuring child ended before it had measured, as an outcome. */
export function childFailure(facts: JobFacts, result: Exclude<RunResult, { kind: 'measured' }>): Outcome {
  switch (result.kind) {
    case 'wrong':
      return result.verdict.who === 'B'
        ? failure(facts, 'OUTCOME_KIND_UNSUPPORTED', `${result.verdict.message} Remove or replace that library.`)
        : {
            ...failure(facts, 'OUTCOME_KIND_WRONG_RESULT', result.verdict.message),
            overErrorBound: result.verdict.overErrorBound,
          };
    case 'refused': {
      return failure(
        facts,
        REFUSALS[result.refusal.refused] ?? 'OUTCOME_KIND_CRASHED',
        result.refusal.message,
        result.end.stderr,
      );
    }
    case 'ended':
      return endedEarly(facts, result.end);
  }
}

function endedEarly(facts: JobFacts, end: End): Outcome {
  switch (end.reason) {
    case 'cancelled':
      return failure(facts, 'OUTCOME_KIND_CANCELLED', 'The job was cancelled while it was measured.', end.stderr);
    case 'deadline':
      return failure(
        facts,
        'OUTCOME_KIND_TIMEOUT',
        'The program did not answer in time and was killed: it hangs, or takes more than 20 times as long as the baseline.',
        end.stderr,
      );
    case 'exited':
      if (end.signal === 'SIGXCPU') {
        return failure(
          facts,
          'OUTCOME_KIND_TIMEOUT',
          'The program used up the processor time of a measurement.',
          end.stderr,
        );
      }
      return failure(facts, 'OUTCOME_KIND_CRASHED', `The program ${howItEnded(end)}.`, end.stderr);
  }
}

function howItEnded({ exitCode, signal, stderr }: End): string {
  if (signal !== null) return `was ended by ${signal}`;
  if (exitCode !== null) return `ended with exit code ${exitCode}`;
  return `could not be started (${stderr.trim()})`;
}

function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_DIAGNOSTICS_BYTES) return text;
  // A character cut in two would become a longer one.
  return bytes.subarray(0, MAX_DIAGNOSTICS_BYTES - 3).toString('utf8');
}
