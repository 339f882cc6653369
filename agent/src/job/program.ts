import type { Outcome } from '@alphatensor-edge/proto';
import type { Backend, Toolchain } from '../backends/backend.js';
import { BACKENDS, findBackend, findToolchain } from '../backends/backends.js';
import { availableMemory } from '../device/available-memory.js';
import { excessOf, shortageOf } from '../measure/memory.js';
import { failure, type JobFacts, noFacts } from './failure.js';
import type { Job, JobHooks } from './job.js';
import { type Programs, programsOf, workspacesOf } from './sides.js';
import { whyUnsupported } from './support.js';

/** Holds a job with its programs, and with what compiles and runs them here. */
export interface Programmed {
  readonly job: Job;
  readonly backend: Backend;
  readonly toolchain: Toolchain;
  readonly programs: Programs;
  readonly facts: JobFacts;
}

/**
 * Chooses the programs of a job. Gives an outcome if this version, this device or its memory cannot carry the job out.
 */
export async function choosePrograms(job: Job, { signal }: JobHooks): Promise<Programmed | Outcome> {
  const backend = findBackend(job.backend);
  if (backend === undefined) {
    const names = BACKENDS.map(({ name }) => name).join(', ');
    const message = `There is no backend "${job.backend}"; there are ${names}.`;
    return failure(noFacts(job), 'OUTCOME_KIND_UNSUPPORTED', message);
  }
  const refusal = whyUnsupported(job, backend);
  if (refusal !== undefined) return failure(noFacts(job), 'OUTCOME_KIND_UNSUPPORTED', refusal);
  const programs = programsOf(job, backend);
  const workspaces = workspacesOf(programs, job.problem);
  const facts = { ...noFacts(job), workspaceBytes: workspaces.candidate ?? 0 };
  const probe = await findToolchain(job.backend, signal);
  if (!probe.ok) {
    return failure(facts, 'OUTCOME_KIND_UNSUPPORTED', `${job.backend} is not available: ${probe.reason}`);
  }
  const toolchain = await toolchainFor(job, probe.toolchain);
  const free = { host: availableMemory(), device: await toolchain.freeDeviceMemory?.() };
  const excess = excessOf(Math.max(0, ...Object.values(workspaces)), job.maxWorkspaceBytes);
  if (excess !== undefined) return failure(facts, 'OUTCOME_KIND_OUT_OF_MEMORY', excess);
  const shortage = shortageOf(job.problem, Object.values(workspaces), free);
  if (shortage !== undefined) return failure(facts, 'OUTCOME_KIND_OUT_OF_MEMORY', shortage);
  return { job, backend, toolchain, programs, facts };
}

/** Puts the library first that is the fastest for the job's number format and threads. */
async function toolchainFor({ problem: { dtype, threads } }: Job, toolchain: Toolchain): Promise<Toolchain> {
  if (dtype !== 'f32' && dtype !== 'f64') return toolchain;
  const blas = await toolchain.blasFor?.({ dtype, threads });
  // A library that the agent was started for may have no product in this format.
  return blas === undefined || blas.length === 0 ? toolchain : { ...toolchain, blas };
}
