import { describe, expect, it } from 'vitest';
import { resolveProtocol } from '../../../../agent/src/measure/protocol.js';
import { stopReason } from '../../../../agent/src/measure/stopping.js';

const protocol = resolveProtocol(null, 'f32');

/** Estimates around 1 with the given relative half-widths. */
const estimates = (widths: readonly number[]) =>
  widths.map((width) => ({ estimate: 1, low: 1 - width, high: 1 + width }));

/** Half-widths that shrink as those of independent samples do. */
const shrinking = (rounds: number, first: number) => Array.from({ length: rounds }, (_, i) => first / Math.sqrt(i + 1));

describe('the stopping criterion', () => {
  it('never stops before the minimum of rounds, however narrow the interval and however late it is', () => {
    const seen = estimates(Array(protocol.minRounds - 1).fill(0));
    expect(stopReason({ estimates: seen, elapsedSeconds: 1e6 }, protocol)).toBeUndefined();
  });

  it('goes on for as long as a sustained measurement was asked for, its budget too', () => {
    const sustained = resolveProtocol({ ...protocol, minMeasuringSeconds: 300 }, 'f32');
    const seen = estimates(Array(protocol.minRounds).fill(0));
    expect(sustained.budgetSeconds).toBe(300);
    expect(stopReason({ estimates: seen, elapsedSeconds: 299 }, sustained)).toBeUndefined();
    expect(stopReason({ estimates: seen, elapsedSeconds: 300 }, sustained)).toBe('STOP_REASON_CONVERGED');
  });

  it('stops when the interval is narrow enough', () => {
    const seen = estimates(Array(protocol.minRounds).fill(0.0099));
    expect(stopReason({ estimates: seen, elapsedSeconds: 0 }, protocol)).toBe('STOP_REASON_CONVERGED');
  });

  it('goes on while the interval shrinks as it should', () => {
    for (let rounds = protocol.minRounds; rounds < protocol.maxRounds; rounds++) {
      const seen = estimates(shrinking(rounds, 1));
      expect(stopReason({ estimates: seen, elapsedSeconds: 0 }, protocol)).toBeUndefined();
    }
  });

  it('gives up on noise that more rounds do not lessen', () => {
    const seen = estimates(Array(3 * protocol.minRounds).fill(0.2));
    expect(stopReason({ estimates: seen, elapsedSeconds: 0 }, protocol)).toBe('STOP_REASON_NOISE_PLATEAU');
  });

  it('stops at the budget and at the maximum of rounds', () => {
    const late = { estimates: estimates(shrinking(20, 1)), elapsedSeconds: protocol.budgetSeconds };
    expect(stopReason(late, protocol)).toBe('STOP_REASON_BUDGET');
    const many = { estimates: estimates(shrinking(protocol.maxRounds, 1)), elapsedSeconds: 0 };
    expect(stopReason(many, protocol)).toBe('STOP_REASON_MAX_ROUNDS');
  });
});

describe('a requested protocol', () => {
  const nothing = { ...protocol, minRounds: 0, maxRounds: 0, minSampleSeconds: 0, maxRelativeError: 0, seed: 7 };

  it('gets the defaults for what is zero, by number format', () => {
    expect(resolveProtocol(nothing, 'f32')).toMatchObject({ minRounds: 10, maxRelativeError: 1e-4, seed: 7 });
    expect(resolveProtocol(nothing, 'f64').maxRelativeError).toBeLessThan(1e-12);
  });

  it('allows as many rounds as are asked for at least, where no most is given', () => {
    expect(resolveProtocol({ ...nothing, minRounds: 300 }, 'f32')).toMatchObject({ minRounds: 300, maxRounds: 300 });
    expect(() => resolveProtocol({ ...nothing, minRounds: 300, maxRounds: 200 }, 'f32')).toThrow(
      /maxRounds is 200, below/,
    );
  });

  it.each([
    ['minRounds', 2],
    ['maxRounds', 5],
    ['budgetSeconds', 1e6],
    ['minSampleSeconds', Number.NaN],
    ['minWarmupSeconds', -1],
    ['maxRelativeError', 2],
  ])('is refused with the field named: %s = %d', (field, value) => {
    const resolve = () => resolveProtocol({ ...nothing, [field]: value }, 'f32');
    expect(resolve).toThrow(expect.objectContaining({ details: { field: `protocol.${field}` } }));
  });
});
