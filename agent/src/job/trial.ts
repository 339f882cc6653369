import type { Program } from '../backends/backend.js';
import { availableMemory } from '../device/available-memory.js';
import { childOptions } from '../measure/child-options.js';
import { memoryNeed, memoryShortage } from '../measure/memory.js';
import { cpuSecondsFor, patienceFor } from '../measure/patience.js';
import { timeRounds } from '../measure/rounds.js';
import { withHarness } from '../process/harness.js';
import { withHostLock } from '../process/host-lock.js';
import type { JobHooks } from './job.js';
import type { Programmed } from './program.js';

/** Says how two plans are compared: with just enough rounds to see differences of a percent or two. */
const ROUNDS = {
  minRounds: 5,
  maxRounds: 9,
  targetRelativeHalfWidth: 0.005,
  budgetSeconds: 10,
  minMeasuringSeconds: 0,
};

/** Holds a compiled program with one of the plans. */
export interface Trial {
  readonly program: Program;
  readonly path: string;
}

/**
 * Tells whether the trial is faster than the best so far, beyond the interval. A trial that does not fit or that dies
 * is not.
 */
export function isFaster(
  trial: Trial,
  best: Trial,
  { job: { problem, protocol: asked, maxWorkspaceBytes }, toolchain: { harness, blas } }: Programmed,
  { signal, onProgress }: JobHooks,
): Promise<boolean> {
  const protocol = { ...asked, ...ROUNDS };
  const need = memoryNeed(
    problem,
    [trial, best].map(({ program }) => program.workspaceBytes(problem, problem.threads)),
  );
  const patience = patienceFor(problem);
  const onWait = (holder: string): void => onProgress({ kind: 'waiting', holder });
  return withHostLock({ signal, onWait }, async () => {
    if (memoryShortage(need, availableMemory()) !== undefined) return false;
    const options = childOptions({
      harness,
      blas: blas[0],
      problem,
      need,
      patience,
      cpuSeconds: cpuSecondsFor(problem.threads, protocol, patience),
      seed: protocol.seed,
      programs: { C: trial.path, O: best.path },
      workspaceLimits: { C: maxWorkspaceBytes, O: maxWorkspaceBytes },
      signal,
    });
    return withHarness(options, async (child) => {
      try {
        await child.introduction();
        const { speedup } = await timeRounds(child, {
          sides: { best: 'O', trial: 'C' },
          judged: ['best', 'trial'],
          protocol,
          patience,
          baselineSeconds: await child.run('O', patience.first),
          warmupRuns: 1,
          onProgress: () => undefined,
        });
        return speedup.low > 1;
      } catch (error) {
        signal.throwIfAborted();
        if (child.end !== undefined || child.refusal !== undefined) return false;
        throw error;
      }
    });
  });
}
