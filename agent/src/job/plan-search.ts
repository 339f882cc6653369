import type { Program } from '../backends/backend.js';
import { vectorIsa } from '../device/cpu.js';
import type { KernelPlan } from '../plan/kernel-plan.js';
import { ELEMENT_BYTES } from '../plan/plan.js';
import { planKey, variationsOf } from '../plan/tuning.js';
import type { JobHooks } from './job.js';
import type { Programmed } from './program.js';
import { withinBound } from './sides.js';
import { isFaster, type Trial } from './trial.js';

/** Holds a job whose candidate has a plan to choose. */
export interface Tunable extends Programmed {
  readonly candidate: Program;
  /** The candidate's own plan. */
  readonly kernel: KernelPlan;
}

/**
 * Searches for the fastest plan. It tries the candidate's own and `job.tunePlans` - 1 others, each of which differs
 * from the best so far in one property.
 */
export async function fastestPlan(tunable: Tunable, hooks: JobHooks): Promise<KernelPlan> {
  const { job, backend, candidate, kernel } = tunable;
  let best = kernel;
  const first = await compile(candidate, tunable, hooks);
  // Its measurement will say what is wrong with it.
  if (first === undefined) return best;
  let fastest: Trial = { program: candidate, path: first };
  const seen = new Set([planKey(kernel)]);
  const next = (): KernelPlan | undefined =>
    variationsOf(best, vectorIsa(), ELEMENT_BYTES[job.problem.dtype]).find((plan) => !seen.has(planKey(plan)));
  for (let plan = next(); plan !== undefined && seen.size < job.tunePlans; plan = next()) {
    hooks.onProgress({ kind: 'tuning', plansTried: seen.size, plans: job.tunePlans });
    seen.add(planKey(plan));
    const program = withinBound(backend.program(candidate.variant, candidate.levels, candidate.dtype, plan), job);
    const path = await compile(program, tunable, hooks);
    if (path === undefined) continue;
    const trial = { program, path };
    if (await isFaster(trial, fastest, tunable, hooks)) {
      best = plan;
      fastest = trial;
    }
  }
  return best;
}

/** Compiles a trial. Undefined if the compiler fails, which drops this plan. */
async function compile(
  program: Program,
  { job, toolchain }: Programmed,
  { signal }: JobHooks,
): Promise<string | undefined> {
  const options = { signal, deadlineSeconds: job.compileTimeoutSeconds };
  const compiled = await toolchain.compile(program.source(), options);
  signal.throwIfAborted();
  return compiled.ok ? compiled.path : undefined;
}
