import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Backend, Program, Toolchain } from '../backends/backend.js';
import { availableMemory } from '../device/available-memory.js';
import { cpuFeatures, cpuModel, pickCpus, vectorIsa } from '../device/cpu.js';
import { memoryLimit, memoryNeed, memoryShortage } from '../measure/memory.js';
import { cpuSecondsFor, patienceFor } from '../measure/patience.js';
import { timeRounds } from '../measure/rounds.js';
import type { KernelPlan } from '../plan/kernel-plan.js';
import { ELEMENT_BYTES } from '../plan/plan.js';
import { planKey, variationsOf } from '../plan/tuning.js';
import { cachedFile } from '../process/cache.js';
import { withHarness } from '../process/harness.js';
import { withHostLock } from '../process/host-lock.js';
import type { Job, JobHooks } from './job.js';

/** How two plans are compared: enough to see differences of a percent or two, and no longer. */
const ROUNDS = {
  minRounds: 5,
  maxRounds: 9,
  targetRelativeHalfWidth: 0.005,
  budgetSeconds: 10,
  minMeasuringSeconds: 0,
};

const kernelPlan = z.object({
  mr: z.number(),
  lines: z.number(),
  kc: z.number(),
  tileRows: z.number(),
  tileColumns: z.number(),
  streamAboveBytes: z.number(),
  nearBytes: z.number(),
});

/**
 * The fastest plan for a job's candidate among the default one and `job.tunePlans` - 1 others, each of which differs from the
 * best before it in one property. What was found is kept for the same algorithm, problem, number of plans, compiler and processor.
 * The chosen program is not checked here: its measurement does that. The caller must not hold the host lock.
 */
export async function tunedProgram(
  job: Job,
  candidate: Program,
  kernel: KernelPlan,
  backend: Backend,
  toolchain: Toolchain,
  hooks: JobHooks,
): Promise<Program> {
  const key = `${tuningKey(job, candidate, toolchain)}.plan.json`;
  const { path } = await cachedFile(key, async (output) => {
    const best = await search(job, candidate, kernel, backend, toolchain, hooks);
    await writeFile(output, JSON.stringify(best));
  });
  const plan: KernelPlan = kernelPlan.parse(JSON.parse(await readFile(path, 'utf8')));
  return backend.program(candidate.variant, candidate.levels, candidate.dtype, plan);
}

async function search(
  job: Job,
  candidate: Program,
  kernel: KernelPlan,
  backend: Backend,
  toolchain: Toolchain,
  hooks: JobHooks,
): Promise<KernelPlan> {
  const { problem } = job;
  let best = kernel;
  const first = await compile(candidate, job, toolchain, hooks);
  // Its measurement will say what is wrong with it.
  if (first === undefined) return best;
  let built: Built = { program: candidate, path: first };
  const seen = new Set([planKey(kernel)]);
  const next = (): KernelPlan | undefined =>
    variationsOf(best, vectorIsa(), ELEMENT_BYTES[problem.dtype]).find((plan) => !seen.has(planKey(plan)));
  for (let plan = next(); plan !== undefined && seen.size < job.tunePlans; plan = next()) {
    hooks.onProgress({ kind: 'tuning', plansTried: seen.size, plans: job.tunePlans });
    seen.add(planKey(plan));
    const program = backend.program(candidate.variant, candidate.levels, candidate.dtype, plan);
    const path = await compile(program, job, toolchain, hooks);
    if (path === undefined) continue;
    const trial = { program, path };
    if (await isFaster(trial, built, job, toolchain, hooks)) {
      best = plan;
      built = trial;
    }
  }
  return best;
}

/** Undefined if the compiler cannot: then this plan is out of the running. */
async function compile(
  program: Program,
  { compileTimeoutSeconds }: Job,
  { compile: build }: Toolchain,
  { signal }: JobHooks,
): Promise<string | undefined> {
  const options = { signal, deadlineSeconds: compileTimeoutSeconds };
  const compiled = await build(program.source(), options);
  signal.throwIfAborted();
  return compiled.ok ? compiled.path : undefined;
}

interface Built {
  readonly path: string;
  readonly program: Program;
}

/** Whether the trial beats the best so far beyond the interval; a trial that does not fit, or dies, does not. */
function isFaster(
  trial: Built,
  best: Built,
  job: Job,
  { harness, blas }: Toolchain,
  hooks: JobHooks,
): Promise<boolean> {
  const { problem } = job;
  const protocol = { ...job.protocol, ...ROUNDS };
  const need = memoryNeed(
    problem,
    [trial, best].map(({ program }) => program.workspaceBytes(problem, problem.threads)),
  );
  const patience = patienceFor(problem);
  return withHostLock(hooks.signal, async () => {
    if (memoryShortage(need, availableMemory()) !== undefined) return false;
    const options = {
      harness,
      blas: blas[0],
      dimensions: problem,
      dtype: problem.dtype,
      seed: protocol.seed,
      memoryBytes: memoryLimit(need, problem.threads),
      cpuSeconds: cpuSecondsFor(problem.threads, protocol, patience),
      cpus: pickCpus(problem.threads),
      programs: { C: trial.path, O: best.path },
      startSeconds: patience.start,
      signal: hooks.signal,
    };
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
        hooks.signal.throwIfAborted();
        if (child.end !== undefined || child.refusal !== undefined) return false;
        throw error;
      }
    });
  });
}

function tuningKey({ problem, tunePlans }: Job, candidate: Program, { compiler }: Toolchain): string {
  const { m, k, n, dtype, threads } = problem;
  const parts = [
    candidate.source(),
    [m, k, n, dtype, threads, tunePlans],
    [compiler.command, compiler.version, compiler.flags],
    [cpuModel(), cpuFeatures()],
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
