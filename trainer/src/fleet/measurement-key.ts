import { blasName, type DescribeResponse } from '@alphatensor-edge/proto';
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
  const blas = backend?.blas[0];
  const { m, k, n, dtype, threads, transposed } = task.problem;
  return JSON.stringify([
    task.levels.map(contentHash),
    [m, k, n, dtype, threads, ...(transposed === undefined ? [] : [transposed])],
    task.backend,
    resolveVariant(task, description),
    description.deviceId,
    backend?.compiler ?? '',
    blas === undefined ? '' : blasName(blas),
    description.agentVersion,
    ...(task.tunePlans ? [`tuned among ${task.tunePlans} plans`] : []),
    ...(task.maxWorkspaceBytes ? [`workspace of at most ${task.maxWorkspaceBytes} bytes`] : []),
  ]);
}

/** Tells which variant will run: the one asked for, else the backend's default, which it lists first. */
export function resolveVariant(
  { backend, variant }: Pick<BenchmarkTask, 'backend' | 'variant'>,
  { backends }: DescribeResponse,
): string {
  return variant || (backends.find(({ name }) => name === backend)?.variants[0] ?? '');
}
