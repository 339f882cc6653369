import type { Environment, Measurement, Outcome } from '@alphatensor-edge/proto';
import { strassen } from '@alphatensor-edge/shared';
import { expect, it } from 'vitest';
import { summary } from '../../../../agent/src/cli/benchmark-text.js';

const measurement = {
  speedup: { estimate: 1.1, low: 1.05, high: 1.15 },
  baselineSeconds: [1, 1],
  inputErrors: [],
  flags: [],
  baselineGflops: 100,
  peakGflops: 0,
  fasterThanBaseline: true,
} as unknown as Measurement;
const outcome = { compileSeconds: 0, workspaceBytes: 0 } as Outcome;
const environment = { accelerator: '', baselineThreads: 1 } as Environment;

it('says which operands lay transposed, where any did', () => {
  const firstLine = (problem: Parameters<typeof summary>[4]): string =>
    summary(outcome, measurement, environment, [strassen()], problem).split('\n')[0];
  expect(firstLine({ transposed: 'nt' })).toBe('<2,2,2> rank 7, B transposed: 1.100 [1.050, 1.150], faster');
  expect(firstLine({})).toBe('<2,2,2> rank 7: 1.100 [1.050, 1.150], faster');
});
