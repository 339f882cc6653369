import type { Outcome } from '@alphatensor-edge/proto';
import { growth, strassen } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import type { MeasurementRow } from '../../../../trainer/src/fleet/measurement.js';
import { checkedOutcome, checkedRow } from '../../../../trainer/src/fleet/outcome-check.js';
import { DEVICE, measured, outcome, TASK } from '../../../support/agent.js';
import { LIES } from '../../../support/lies.js';

const honest = () => measured(1.25);
const check = (answer = honest()) => checkedOutcome(answer, TASK, 'job-1');
const changed = (changes: object): Outcome =>
  ({ ...honest(), measurement: { ...honest().measurement, ...changes } }) as Outcome;

describe('an answer', () => {
  it('that is true stays as it is', () => {
    expect(check()).toEqual(honest());
    expect(check().measurement).toMatchObject({ fasterThanBaseline: true, growth: growth(strassen()) });
  });

  it.each(LIES)('is refused for %s, with the reason', (_, lie, reason) => {
    expect(() => check(lie(honest()))).toThrow(
      expect.objectContaining({ code: 'NOT_BELIEVED', message: expect.stringMatching(reason) }),
    );
  });

  it('has fewer rounds than were asked for', () => {
    const task = { ...TASK, protocol: { minRounds: 50 } };
    expect(() => checkedOutcome(honest(), task, 'job-1')).toThrow('12 rounds of samples, and at least 50 are due');
  });

  it('exceeds the error that was allowed', () => {
    const task = { ...TASK, protocol: { maxRelativeError: 1e-9 } };
    expect(() => checkedOutcome(honest(), task, 'job-1')).toThrow('over the limit of 1e-9');
  });
});

describe('what follows from the samples is computed again', () => {
  it('the claim: an agent’s own word makes nothing faster', () => {
    const slow = { ...measured(0.9), measurement: { ...measured(0.9).measurement, fasterThanBaseline: true } } as never;
    expect(check(slow).measurement).toMatchObject({ fasterThanBaseline: false, notClaimedBecause: '' });
    expect(check(changed({ aaControl: undefined })).measurement).toMatchObject({
      fasterThanBaseline: false,
      notClaimedBecause: 'the baseline was not timed against itself',
    });
    expect(check(changed({ peakGflops: 100 })).measurement?.fasterThanBaseline).toBe(false);
    expect(check({ ...honest(), environment: null }).measurement?.fasterThanBaseline).toBe(false);
  });

  it('the flags: a warning that the agent left out is there', () => {
    const baselineSeconds = Array.from({ length: 12 }, (_, round) => 0.1 + 0.01 * round);
    const candidateSeconds = baselineSeconds.map((seconds) => seconds / 1.25);
    const drifting = changed({ baselineSeconds, candidateSeconds, speedup: null, stopReason: 'STOP_REASON_BUDGET' });
    expect(check(drifting).measurement?.flags).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^the device drifted by/),
        'the interval is wider than the target',
        expect.stringMatching(/^other processes took 99 % of the CPU/),
      ]),
    );
  });

  it('but nobody else is blamed where the agent says that a CPU quota stopped it', () => {
    const baselineSeconds = Array.from({ length: 12 }, () => 0.2);
    const quota = 'a CPU quota of 1 stopped the program in 60 periods';
    const flagsWith = (flags: string[]) => check(changed({ baselineSeconds, flags, speedup: null })).measurement?.flags;
    expect(flagsWith([])?.join()).toContain('other processes took');
    expect(flagsWith([quota])?.join()).not.toContain('other processes took');
  });

  it('the interval and the drift, whatever the agent says of them', () => {
    const { measurement } = check(changed({ speedup: { ...honest().measurement?.speedup, high: 9 }, drift: 7 }));
    expect(measurement).toMatchObject({ speedup: honest().measurement?.speedup, drift: 0 });
    expect(measurement?.flags.join()).toMatch(/the agent reported a speed-up of 1\.250 \(1\.250 to 9\.000\), but/);
  });
});

describe('the words of a device', () => {
  it('are bounded, and do nothing to a terminal', () => {
    const long = '\u001b[2J'.repeat(500_000);
    const { environment } = honest();
    const answer = {
      ...changed({ flags: Array.from({ length: 5000 }, () => long) }),
      message: long,
      diagnostics: long,
      environment: { ...environment, cpuModel: long, compiler: long, blas: { ...environment?.blas, version: long } },
    } as never;
    const text = JSON.stringify(check(answer));
    expect(text.length).toBeLessThan(100_000);
    expect(text).not.toContain('\\u001b');
    const failed = outcome('OUTCOME_KIND_CRASHED', { message: long, diagnostics: long });
    expect(JSON.stringify(check(failed)).length).toBeLessThan(20_000);
  });
});

describe('a stored row', () => {
  const row = (answer = honest()): MeasurementRow => ({
    ...{ jobId: 'job-1', agent: 'laptop', deviceId: 'id', device: DEVICE, backend: 'c-gcc', variant: 'packed' },
    algorithm: {
      ...{ levels: ['abc'], label: 'Strassen', role: 'reference', origin: 'imported', size: { n: 2, m: 2, p: 2 } },
      ...{ rank: 7, nonzeros: 36, arithmetic: 'standard' },
    },
    problem: TASK.problem,
    outcome: answer,
    createdAt: '2026-01-02T03:04:05.000Z',
  });

  it('of a version that believed everything keeps its samples, with the figures that follow from them', () => {
    const stored = row(changed({ speedup: { estimate: 1e12, low: 1e12, high: 1e12 } }));
    const { measurement, kind } = checkedRow(stored).outcome;
    expect(kind).toBe('OUTCOME_KIND_MEASURED');
    expect(measurement?.speedup?.estimate).toBeCloseTo(1.25, 12);
    expect(measurement?.flags.join()).toContain('the agent reported a speed-up of 1.0e+12');
    expect(checkedRow(row())).toEqual(row());
  });

  it('of the first versions, which told less, still opens', () => {
    const { baselineSeconds, candidateSeconds } = honest().measurement!;
    const bare = { baselineSeconds, candidateSeconds, relativeError: 1e-6, baselineRelativeError: 1e-7 };
    const { measurement } = checkedRow(row({ ...honest(), measurement: bare as never })).outcome;
    expect(measurement?.speedup?.estimate).toBeCloseTo(1.25, 12);
  });

  it('that cannot be true says so in place of its measurement', () => {
    for (const [name, lie] of LIES) {
      const { kind, measurement, message } = checkedRow(row(lie(honest()))).outcome;
      if (['a speed-up of 1e12', 'another seed'].includes(name)) continue;
      expect([name, kind, measurement]).toEqual([name, 'OUTCOME_KIND_UNSPECIFIED', undefined]);
      expect(message).toMatch(/^The stored answer is not believed: /);
    }
  });
});
