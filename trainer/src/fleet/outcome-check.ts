import type { Outcome, OutcomeKind } from '@alphatensor-edge/proto';
import { growthOfLevels, messageOf, printable, standardRank } from '@alphatensor-edge/shared';
import { boundedEnvironment } from './bounded-environment.js';
import { boundedName, boundedSentence } from './bounded-text.js';
import type { MeasurementRow } from './measurement.js';
import { checkedMeasurement, type Expected } from './measurement-check.js';
import { notBelieved } from './not-believed.js';
import type { BenchmarkTask } from './request.js';

// The one door for outcomes. What an agent answers is checked here before anything uses it, and every figure that follows from its
// raw samples is computed again. What was stored goes through the same checks when it is read.

/** The longest output of a compiler or a program, characters. Agents cut it to as many bytes. */
const MAX_DIAGNOSTICS = 16 * 1024;

const KINDS: ReadonlySet<OutcomeKind> = new Set([
  'OUTCOME_KIND_MEASURED',
  'OUTCOME_KIND_COMPILE_FAILED',
  'OUTCOME_KIND_WRONG_RESULT',
  'OUTCOME_KIND_CRASHED',
  'OUTCOME_KIND_TIMEOUT',
  'OUTCOME_KIND_OUT_OF_MEMORY',
  'OUTCOME_KIND_UNSUPPORTED',
  'OUTCOME_KIND_CANCELLED',
]);

/**
 * Checks an agent's answer to a task, and computes again what follows from its raw samples.
 * @throws AlphaTensorError NOT_BELIEVED with the reason, if the answer cannot be true
 */
export function checkedOutcome(outcome: Outcome, task: BenchmarkTask, jobId: string): Outcome {
  const { levels, problem, protocol = {} } = task;
  return checked(outcome, {
    jobId,
    problem,
    isBaseline: levels.length === 0,
    growth: growthOfLevels(levels),
    productShare: levels.reduce((share, { rank, size }) => (share * rank) / standardRank(size), 1),
    minRounds: protocol.minRounds ?? 0,
    asked: { seed: protocol.seed ?? 0, maxRelativeError: protocol.maxRelativeError || undefined },
  });
}

/**
 * Does the same with a stored row, for which nobody can be asked again: an outcome that cannot be true loses its measurement, has
 * no kind, and says why.
 */
export function checkedRow(row: MeasurementRow): MeasurementRow {
  const { outcome, algorithm, problem, jobId } = row;
  try {
    const expected: Expected = {
      jobId,
      problem,
      isBaseline: algorithm.levels.length === 0,
      growth: algorithm.growth,
      productShare: algorithm.rank / standardRank(algorithm.size),
      minRounds: 0,
    };
    return { ...row, outcome: checked(outcome, expected) };
  } catch (error) {
    const { measurement: _, ...rest } = outcome;
    const message = `The stored answer is not believed: ${messageOf(error)}`;
    return { ...row, outcome: { ...rest, kind: 'OUTCOME_KIND_UNSPECIFIED', message } };
  }
}

function checked(outcome: Outcome, expected: Expected): Outcome {
  const { kind, jobId, environment, measurement, message, diagnostics } = outcome;
  if (jobId !== expected.jobId) throw notBelieved(`it is for another job, "${boundedName(jobId)}".`);
  if (!KINDS.has(kind)) throw notBelieved('it has no kind of outcome.');
  const isMeasured = kind === 'OUTCOME_KIND_MEASURED';
  if (isMeasured && !measurement) throw notBelieved('it says MEASURED without a measurement.');
  for (const name of ['compileSeconds', 'workspaceBytes'] as const) {
    if (!(outcome[name] >= 0 && outcome[name] <= Number.MAX_SAFE_INTEGER)) {
      throw notBelieved(`its ${name} is ${outcome[name]}.`);
    }
  }
  const bounded = environment && boundedEnvironment(environment);
  const { measurement: _, environment: __, ...rest } = outcome;
  return {
    ...rest,
    message: boundedSentence(message),
    diagnostics: printable(diagnostics.slice(0, MAX_DIAGNOSTICS)),
    ...(bounded && { environment: bounded }),
    ...(isMeasured && measurement && { measurement: checkedMeasurement(measurement, bounded, expected) }),
  };
}
