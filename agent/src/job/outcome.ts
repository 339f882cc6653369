import type { Interval, Outcome } from '@alphatensor-edge/proto';
import { measurementOf } from '../measure/measurement.js';
import type { Judged } from './accuracy.js';
import { environmentOf } from './environment.js';
import { BASELINE, SIDE } from './sides.js';

/**
 * Makes the outcome of a job that was timed.
 * @param control the baseline against itself
 */
export function outcomeOf(timed: Judged, control: Interval): Outcome {
  const { job, toolchain, programs, facts, introduction } = timed;
  return {
    ...facts,
    compileSeconds: facts.compileSeconds + introduction.compileSeconds,
    kind: 'OUTCOME_KIND_MEASURED',
    message: '',
    diagnostics: '',
    overErrorBound: false,
    measurement: measurementOf({
      ...timed,
      problem: job.problem,
      protocol: job.protocol,
      blas: toolchain.blas[0],
      candidateSide: programs.candidate === undefined ? BASELINE : SIDE.candidate,
      accelerator: introduction.accelerator,
      control,
    }),
    environment: environmentOf(timed),
  };
}
