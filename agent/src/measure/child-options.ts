import { laidOut } from '@alphatensor-edge/shared';
import { pickCpus } from '../device/cpu.js';
import type { HarnessOptions } from '../process/harness.js';
import { type MemoryNeed, memoryLimit } from './memory.js';
import type { Patience } from './patience.js';
import type { Problem } from './problem.js';

/** Holds what decides how a child is started, beside what it is to run. */
interface ChildTask
  extends Pick<HarnessOptions, 'harness' | 'blas' | 'seed' | 'cpuSeconds' | 'workspaceLimits' | 'signal'> {
  readonly problem: Problem;
  readonly need: MemoryNeed;
  readonly patience: Patience;
  /** Compiled programs by their side. Absent: the baseline alone. */
  readonly programs?: HarnessOptions['programs'] | undefined;
}

/**
 * Says how to start a child for a problem: on the CPUs of its threads, with a memory limit just above what it needs.
 */
export function childOptions({ problem, need, patience, programs = {}, ...rest }: ChildTask): HarnessOptions {
  return {
    ...rest,
    programs,
    dimensions: problem,
    ...laidOut(problem),
    dtype: problem.dtype,
    memoryBytes: memoryLimit(need, problem.threads),
    cpus: pickCpus(problem.threads),
    startSeconds: patience.start,
  };
}
