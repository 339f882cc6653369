import { AlphaTensorError, messageOf, present, standard, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { Backend, Program } from '../backends/backend.js';
import type { Problem } from '../measure/problem.js';
import { exactRange } from '../plan/exact-range.js';
import type { KernelPlan } from '../plan/kernel-plan.js';
import type { Side } from '../process/harness.js';
import type { Job } from './job.js';

/** Holds what is compiled for a job: the candidate and, if it is asked for, the same engine with <1,1,1>. */
export type Programs = Readonly<{ [role in Role]?: Program }>;
export type Role = (typeof ROLES)[number];
export const ROLES = ['candidate', 'own'] as const;

/** The letters by which the measuring child knows them. */
export const SIDE: Readonly<Record<Role, Side>> = { candidate: 'C', own: 'O' };
export const BASELINE: Side = 'B';

/** Makes the programs of a job. */
export function programsOf(job: Job, backend: Backend): Programs {
  const { levels, variant, problem, protocol, kernel } = job;
  const program = (of: readonly VerifiedFactorization[], plan?: KernelPlan): Program =>
    withinBound(backend.program(variant || backend.variants[0], of, problem.dtype, plan), job);
  return present({
    candidate: levels.length === 0 ? undefined : program(levels, kernel),
    own: protocol.includeOwnGemm ? ownProgram(job, backend) : undefined,
  });
}

/** Makes the program of own GEMM: the same engine with <1,1,1>. */
export function ownProgram(
  { variant, problem, maxWorkspaceBytes }: Pick<Job, 'variant' | 'problem' | 'maxWorkspaceBytes'>,
  backend: Backend,
): Program {
  const levels = [standard({ n: 1, m: 1, p: 1 })];
  return withinBound(backend.program(variant || backend.variants[0], levels, problem.dtype), { maxWorkspaceBytes });
}

/** Makes the same program, which keeps the job's bound on the workspace if it can. */
export function withinBound(program: Program, { maxWorkspaceBytes }: Pick<Job, 'maxWorkspaceBytes'>): Program {
  if (maxWorkspaceBytes === undefined) return program;
  return {
    ...program,
    workspaceBytes: (problem, threads) => program.workspaceBytes(problem, threads, maxWorkspaceBytes),
    cost: (problem, threads) => program.cost(problem, threads, maxWorkspaceBytes),
  };
}

/** Writes a program's source, or says why it would be too large to compile. */
export function sourceOf(program: Program): { ok: true; text: string } | { ok: false; reason: string } {
  try {
    return { ok: true, text: program.source() };
  } catch (error) {
    if (error instanceof AlphaTensorError && error.code === 'INVALID_ARGUMENT') {
      return { ok: false, reason: messageOf(error) };
    }
    throw error;
  }
}

/** Computes the bytes of temporary memory that each program asks for. */
export function workspacesOf({ candidate, own }: Programs, problem: Problem): { readonly [role in Role]?: number } {
  const { threads } = problem;
  return present({
    candidate: candidate?.workspaceBytes(problem, threads),
    own: own?.workspaceBytes(problem, threads),
  });
}

/**
 * Finds the largest entries of A and B with which every side is exact. The baseline alone computes plain sums of
 * products.
 */
export function exactRangeOf(programs: Programs, problem: Problem): number {
  const ranges = Object.values(programs).map((program) => program.exactRange(problem));
  return Math.min(exactRange(1, problem.k, problem.k, problem.dtype), ...ranges);
}
