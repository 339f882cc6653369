import { describe, expect, it } from 'vitest';
import { fasterOf, timeEngines } from '../../../../trainer/src/training/faster-engine.js';

const ENGINES = {
  onnx: { name: 'onnx', description: 'ONNX Runtime: 1.0', tfBackend: 'node' },
  tfjs: { name: 'tfjs', description: 'TensorFlow.js: native', tfBackend: 'node' },
} as const;

describe('the trial of two engines', () => {
  it('takes the fastest call of each, and not the first, which compiles', async () => {
    let now = 0;
    const lasting = (...times: number[]) => {
      const left = [...times];
      return async () => {
        now += left.shift() as number;
      };
    };
    const times = await timeEngines({ onnx: lasting(1, 30, 20), tfjs: lasting(500, 7, 9) }, () => now);
    expect(times).toEqual({ onnx: 20, tfjs: 7 });
  });

  it('chooses the faster one and says how fast both were', () => {
    expect(fasterOf(ENGINES, { onnx: 20, tfjs: 7 }, 'a step')).toMatchObject({
      name: 'tfjs',
      description: 'TensorFlow.js: native (by a trial: 7.0 ms a step, ONNX Runtime 20.0 ms)',
    });
    expect(fasterOf(ENGINES, { onnx: 5, tfjs: 7 }, 'a step')).toMatchObject({
      name: 'onnx',
      description: 'ONNX Runtime: 1.0 (by a trial: 5.0 ms a step, TensorFlow.js 7.0 ms)',
    });
  });
});
