import type { Outcome } from '@alphatensor-edge/proto';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_B_MAX,
  latencyReward,
  relativeTime,
  unsolvedReward,
} from '../../../../trainer/src/fleet/latency-reward.js';
import { measured, outcome } from '../../../support/agent.js';

const reward = (b: number) => ({ kind: 'reward', b: expect.closeTo(b, 12) });

describe('the latency reward', () => {
  it('is minus the time relative to the baseline', () => {
    expect(latencyReward(measured(1.25))).toEqual(reward(-0.8));
    expect(latencyReward(measured(0.5))).toEqual(reward(-2));
    expect(relativeTime(measured(1.25))).toBeCloseTo(0.8, 12);
  });

  it('is bounded, so that no unsolved game outscores a solved one', () => {
    expect(latencyReward(measured(0.01))).toEqual(reward(-DEFAULT_B_MAX));
    expect(latencyReward(measured(0.01), { bMax: 10 })).toEqual(reward(-10));
    expect(unsolvedReward()).toEqual(reward(-DEFAULT_B_MAX));
    for (const speedup of [0.001, 0.25, 1, 100]) {
      const solved = latencyReward(measured(speedup));
      expect(solved.kind === 'reward' && solved.b).toBeGreaterThanOrEqual(-DEFAULT_B_MAX);
    }
  });

  it('is the worst for what the device cannot run in its memory, in time or within the error bound', () => {
    expect(latencyReward(outcome('OUTCOME_KIND_OUT_OF_MEMORY'))).toEqual(reward(-4));
    expect(latencyReward(outcome('OUTCOME_KIND_TIMEOUT'))).toEqual(reward(-4));
    expect(latencyReward(outcome('OUTCOME_KIND_WRONG_RESULT', { overErrorBound: true }))).toEqual(reward(-4));
  });

  it('is the worst for an error over the bound, a multiple of the smaller of the baseline’s and own <1,1,1>’s', () => {
    const withErrors = (
      relativeError: number,
      baselineRelativeError: number,
      ownGemmRelativeError?: number,
    ): Outcome => {
      const { measurement, ...rest } = measured(1.25);
      if (!measurement) throw new Error('it is measured');
      const own = ownGemmRelativeError === undefined ? {} : { ownGemmRelativeError };
      return { ...rest, measurement: { ...measurement, relativeError, baselineRelativeError, ...own } };
    };
    expect(latencyReward(withErrors(3e-7, 1e-7), { maxError: 3.1 })).toEqual(reward(-0.8));
    expect(latencyReward(withErrors(3e-7, 1e-7), { maxError: 2.9 })).toEqual(reward(-4));
    // An inaccurate baseline loosens nothing.
    expect(latencyReward(withErrors(3e-7, 9e-7, 1e-7), { maxError: 2.9 })).toEqual(reward(-4));
    expect(latencyReward(withErrors(3e-7, 1e-7, 9e-7), { maxError: 2.9 })).toEqual(reward(-4));
    expect(latencyReward(withErrors(1, 1e-7), { maxError: null })).toEqual(reward(-0.8));
  });

  it('is none for a fault of ours, which is named', () => {
    for (const kind of ['OUTCOME_KIND_COMPILE_FAILED', 'OUTCOME_KIND_CRASHED', 'OUTCOME_KIND_WRONG_RESULT'] as const) {
      const result = latencyReward(outcome(kind));
      expect(result).toMatchObject({ kind: 'fault' });
      expect(result.kind === 'fault' && result.message).toContain(kind.replace('OUTCOME_KIND_', ''));
    }
    const nothing: Outcome = { ...measured(1), measurement: null };
    expect(latencyReward(nothing)).toMatchObject({ kind: 'fault' });
  });

  it('is none where nothing was learnt', () => {
    // A stored answer that is not believed has no kind.
    for (const kind of ['OUTCOME_KIND_CANCELLED', 'OUTCOME_KIND_UNSUPPORTED', 'OUTCOME_KIND_UNSPECIFIED'] as const) {
      expect(latencyReward(outcome(kind))).toEqual({ kind: 'none', reason: 'What happened.' });
    }
  });
});
