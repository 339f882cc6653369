import type { Outcome, OutcomeKind } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Wrong } from '../measure/correctness.js';
import type { End } from '../process/end.js';
import type { Refusal } from '../process/harness.js';
import { howItEnded } from '../process/how-it-ended.js';
import { failure, type JobFacts } from './failure.js';

// Says what the end of a compiler or a child means for a job.

/** Makes the outcome of a compiler that failed. */
export function compileFailure(facts: JobFacts, command: string, end: End, timeoutSeconds: number): Outcome {
  const output = end.stderr + end.stdout;
  switch (end.reason) {
    case 'cancelled':
      return failure(facts, 'OUTCOME_KIND_CANCELLED', 'The job was cancelled while its program was compiled.', output);
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

/**
 * The outcome for each reason why a child declines to go on. Every other reason is a fault of the program or of
 * ours.
 */
const REFUSALS: Readonly<Record<string, OutcomeKind>> = {
  memory: 'OUTCOME_KIND_OUT_OF_MEMORY',
  compile: 'OUTCOME_KIND_COMPILE_FAILED',
};

/** Makes the outcome of a wrong result. The message says which side was wrong: the candidate, or the library. */
export function wrongResult(facts: JobFacts, { who, message, overErrorBound }: Wrong): Outcome {
  if (who === 'B') return failure(facts, 'OUTCOME_KIND_UNSUPPORTED', `${message} Remove or replace that library.`);
  return { ...failure(facts, 'OUTCOME_KIND_WRONG_RESULT', message), overErrorBound };
}

/** Makes the outcome of a measuring child that declined to go on. */
export function declined(facts: JobFacts, { refused, message }: Refusal, end: End): Outcome {
  return failure(facts, REFUSALS[refused] ?? 'OUTCOME_KIND_CRASHED', message, end.stderr);
}

/**
 * Makes the outcome of a measuring child that ended before it had measured.
 * @throws AlphaTensorError UNAVAILABLE if it could not be started
 */
export function endedEarly(facts: JobFacts, end: End): Outcome {
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
        return failure(facts, 'OUTCOME_KIND_TIMEOUT', `The program ${howItEnded(end)}.`, end.stderr);
      }
      // It says nothing about the candidate that this device cannot start its own child.
      if (end.signal === null && end.exitCode === null) {
        throw new AlphaTensorError('UNAVAILABLE', `The measuring program ${howItEnded(end)}.`);
      }
      return failure(facts, 'OUTCOME_KIND_CRASHED', `The program ${howItEnded(end)}.`, end.stderr);
  }
}
