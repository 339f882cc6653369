import { type Blas, blasName, type DescribeResponse } from '@alphatensor-edge/proto';
import { contentHash } from '@alphatensor-edge/shared';
import type { BenchmarkTask } from './request.js';

/**
 * Makes the key under which the store finds a measurement. It covers the canonical factorizations of all levels, the problem and how its operands lie,
 * the backend, its variant, the bound on its workspace, its compiler and baseline, the device, and the agent's
 * version. Two tasks with the same key are
 * the same program on the same machine.
 */
export function measurementKey(
  task: Pick<BenchmarkTask, 'levels' | 'problem' | 'backend' | 'variant' | 'tunePlans' | 'maxWorkspaceBytes'>,
  description: DescribeResponse,
): string {
  const backend = description.backends.find(({ name }) => name === task.backend);
  const { m, k, n, dtype, threads, transposed } = task.problem;
  return JSON.stringify([
    task.levels.map(contentHash),
    [m, k, n, dtype, threads, ...(transposed === undefined ? [] : [transposed])],
    task.backend,
    resolveVariant(task, description),
    description.deviceId,
    backend?.compiler ?? '',
    baselineKey(backend?.blas ?? [], task.problem),
    description.agentVersion,
    ...(task.tunePlans ? [`tuned among ${task.tunePlans} plans`] : []),
    ...(task.maxWorkspaceBytes ? [`workspace of at most ${task.maxWorkspaceBytes} bytes`] : []),
  ]);
}

/**
 * Names what decides which library a problem is compared with. The first one is the baseline in f32 on one thread. An agent ranks them by
 * itself for other kinds of problems, and again when one comes or goes, so that all of them decide.
 */
function baselineKey(ranked: readonly Blas[], { dtype, threads }: BenchmarkTask['problem']): string {
  const deciding = dtype === 'f32' && threads === 1 ? ranked.slice(0, 1) : ranked;
  return deciding.map(blasName).join(', ');
}

/** Tells which variant will run: the one asked for, else the backend's default, which it lists first. */
export function resolveVariant(
  { backend, variant }: Pick<BenchmarkTask, 'backend' | 'variant'>,
  { backends }: DescribeResponse,
): string {
  return variant || (backends.find(({ name }) => name === backend)?.variants[0] ?? '');
}
