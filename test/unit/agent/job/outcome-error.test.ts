import type { Outcome } from '@alphatensor-edge/proto';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../../../../agent/src/job/outcome-error.js';

function outcome(kind: Outcome['kind'], diagnostics = ''): Outcome {
  return {
    jobId: '',
    kind,
    message: 'It went wrong.',
    diagnostics,
    compileSeconds: 0,
    compileCached: false,
    workspaceBytes: 0,
    overErrorBound: false,
  };
}

describe('the error of an outcome', () => {
  it('tells what the caller can change from what is a fault', () => {
    expect(errorOf(outcome('OUTCOME_KIND_CANCELLED')).code).toBe('CANCELLED');
    expect(errorOf(outcome('OUTCOME_KIND_TIMEOUT')).code).toBe('TIMEOUT');
    expect(errorOf(outcome('OUTCOME_KIND_OUT_OF_MEMORY')).code).toBe('RESOURCE_EXHAUSTED');
    expect(errorOf(outcome('OUTCOME_KIND_UNSUPPORTED')).code).toBe('UNAVAILABLE');
    expect(errorOf(outcome('OUTCOME_KIND_WRONG_RESULT')).code).toBe('INTERNAL');
  });

  it('shows the diagnostics below the message', () => {
    expect(errorOf(outcome('OUTCOME_KIND_CRASHED')).message).toBe('It went wrong.');
    expect(errorOf(outcome('OUTCOME_KIND_CRASHED', 'signal 11\n')).message).toBe('It went wrong.\nsignal 11');
  });
});
