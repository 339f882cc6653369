import { describe, expect, it } from 'vitest';
import { resolveProtocol } from '../../../../agent/src/measure/protocol.js';

describe('the bound on the error', () => {
  const bound = (maxRelativeError: number, precision: 'f32' | 'f64' | 'f16' | 'bf16') => {
    const nothing = resolveProtocol(null, precision);
    const resolved = resolveProtocol({ ...nothing, maxRelativeError }, precision);
    return [resolved.maxRelativeError, resolved.errorBoundOf];
  };

  it('is the request’s up to the agent’s own ceiling, which holds whatever the request allows', () => {
    expect(bound(0, 'f32')).toEqual([1e-4, "the agent's default for f32"]);
    expect(bound(1e-3, 'f32')).toEqual([1e-3, 'the request']);
    expect(bound(0.5, 'f32')).toEqual([1e-2, "the agent's ceiling for f32; the request allowed 0.5"]);
  });

  it.each(['f32', 'f64', 'f16', 'bf16'] as const)(
    'of %s never lets a result of relative error 0.31 pass',
    (precision) => {
      expect(bound(0.5, precision)[0]).toBeLessThan(0.31);
      expect(bound(0.5, precision)[0]).toBeGreaterThan(bound(0, precision)[0] as number);
    },
  );
});
