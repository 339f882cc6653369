import type { PoolOptions } from '../../trainer/src/fleet/agent-pool.js';
import type { ProblemSpec } from '../../trainer/src/fleet/measurement.js';
import type { Answer } from './fake-agent.js';

export const LAMBDA = 5;
/** A square problem of edge n. */
export const problem = (n: number): ProblemSpec => ({ m: n, k: n, n, dtype: 'f32', threads: 1 });
/** Speed-ups that differ by algorithm, problem and device. */
export const speedupOf = ({ levels, problem: asked }: Parameters<Answer>[0], device: number): number =>
  1 /
  (0.2 * levels[0].rank +
    0.01 * (levels[0].v?.coefficients ?? []).filter((x) => x !== 0).length +
    device +
    (asked?.m ?? 0) / 1000);

/** A pool that gives up soon. */
export const quick: PoolOptions = {
  maxAttempts: 2,
  patienceSeconds: 0,
  sleep: () => new Promise((resolve) => setTimeout(resolve, 1)),
};
