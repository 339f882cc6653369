import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { cpuFeatures, cpuModel } from '../device/cpu.js';
import type { KernelPlan } from '../plan/kernel-plan.js';
import { cachedFile } from '../process/cache.js';
import type { JobHooks } from './job.js';
import { fastestPlan, type Tunable } from './plan-search.js';
import type { Programmed } from './program.js';
import { sourceOf, withinBound } from './sides.js';

const kernelPlan = z.object({
  mr: z.number(),
  lines: z.number(),
  kc: z.number(),
  tileRows: z.number(),
  tileColumns: z.number(),
  streamAboveBytes: z.number(),
  nearBytes: z.number(),
}) satisfies z.ZodType<KernelPlan>;

/**
 * Replaces the candidate's plan by the fastest one, if the job asks for a search and the candidate has a plan. The
 * result is kept for the same algorithm, problem, number of plans, compiler and processor. The chosen program is not
 * checked here, as its measurement does that. The caller must not hold the host lock.
 */
export async function tunePlan(programmed: Programmed, hooks: JobHooks): Promise<Programmed> {
  const { job, backend, programs, facts } = programmed;
  const { candidate } = programs;
  // The build reports what cannot be compiled at all.
  if (job.tunePlans === 0 || candidate?.kernel === undefined || !sourceOf(candidate).ok) return programmed;
  const plan = await keptPlan({ ...programmed, candidate, kernel: candidate.kernel }, hooks);
  const tuned = withinBound(backend.program(candidate.variant, candidate.levels, candidate.dtype, plan), job);
  return {
    ...programmed,
    programs: { ...programs, candidate: tuned },
    facts: { ...facts, workspaceBytes: tuned.workspaceBytes(job.problem, job.problem.threads) },
  };
}

async function keptPlan(tunable: Tunable, hooks: JobHooks): Promise<KernelPlan> {
  const { path } = await cachedFile(`${keyOf(tunable)}.plan.json`, async (output) =>
    writeFile(output, JSON.stringify(await fastestPlan(tunable, hooks))),
  );
  return kernelPlan.parse(JSON.parse(await readFile(path, 'utf8')));
}

function keyOf({
  job: { problem, tunePlans, maxWorkspaceBytes },
  candidate,
  toolchain: { compiler },
}: Tunable): string {
  const { m, k, n, dtype, threads, transposed } = problem;
  const parts = [
    candidate.source(),
    [
      ...[m, k, n, dtype, threads, tunePlans],
      ...(maxWorkspaceBytes === undefined ? [] : [maxWorkspaceBytes]),
      ...(transposed === undefined ? [] : [transposed]),
    ],
    [compiler.command, compiler.version, compiler.flags],
    [cpuModel(), cpuFeatures()],
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
