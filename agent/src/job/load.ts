import type { Interval, Outcome } from '@alphatensor-edge/proto';
import { childOptions } from '../measure/child-options.js';
import { timeControl } from '../measure/control.js';
import { hostNeed } from '../measure/memory.js';
import { type Harness, type Introduction, type Side, withHarness } from '../process/harness.js';
import { withHostLock } from '../process/host-lock.js';
import type { Built } from './build.js';
import { declined, endedEarly } from './ends.js';
import type { JobHooks } from './job.js';
import { type Setup, setupFor } from './setup.js';
import { ROLES, SIDE, workspacesOf } from './sides.js';

/** Holds a job in its measuring child, which lives as long as the action that it is given to. */
export interface Loaded extends Built, Setup {
  readonly child: Harness;
  readonly introduction: Introduction;
  /** ISO 8601. */
  readonly startedAt: string;
}

/**
 * Waits until no other measurement runs on this host, times the control, loads the programs, and then runs the action.
 * @param action gets the job, and the control: the baseline against itself
 */
export function loadPrograms(
  built: Built,
  hooks: JobHooks,
  action: (loaded: Loaded, control: Interval) => Promise<Outcome>,
): Promise<Outcome> {
  const { harness, blas, controlSize } = built.toolchain;
  const { signal, onProgress } = hooks;
  const onWait = (holder: string): void => onProgress({ kind: 'waiting', holder });
  return withHostLock({ signal, onWait }, async () => {
    const control = await timeControl({ harness, blas: blas[0], size: controlSize, signal }, built.job.problem);
    return inChild(built, hooks, (loaded) => action(loaded, control));
  });
}

/**
 * Loads the programs of a job into their own child. If the child ends or declines before the action is done, that is
 * the outcome. The caller holds the host lock.
 */
export async function inChild<T>(
  built: Built,
  { signal, onProgress }: JobHooks,
  action: (loaded: Loaded) => Promise<T>,
  setup: Setup = setupFor(built),
): Promise<T | Outcome> {
  const startedAt = new Date().toISOString();
  const { job, toolchain, programs, paths, facts } = built;
  const { problem, protocol } = job;
  const options = childOptions({
    harness: toolchain.harness,
    blas: toolchain.blas[0],
    problem,
    need: hostNeed(problem, Object.values(workspacesOf(programs, problem)), toolchain.freeDeviceMemory !== undefined),
    patience: setup.patience,
    cpuSeconds: setup.cpuSeconds,
    seed: protocol.seed,
    programs: sidesOf(paths),
    workspaceLimits: Object.fromEntries(ROLES.map((role) => [SIDE[role], job.maxWorkspaceBytes])),
    signal,
  });
  return withHarness(options, async (child) => {
    try {
      const introduction = await child.introduction();
      onProgress({ kind: 'measuring', rounds: 0 });
      return await action({ ...built, ...setup, child, introduction, startedAt });
    } catch (error) {
      if (child.refusal !== undefined) return declined(facts, child.refusal, await child.close());
      if (child.end !== undefined) return endedEarly(facts, child.end);
      throw error;
    }
  });
}

/** Gives the compiled programs by the child's letters. */
function sidesOf(paths: Built['paths']): Record<Side, string> {
  const sides: Record<Side, string> = {};
  for (const role of ROLES) {
    const path = paths[role];
    if (path !== undefined) sides[SIDE[role]] = path;
  }
  return sides;
}
