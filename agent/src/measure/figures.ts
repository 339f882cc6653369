import { median } from '@alphatensor-edge/shared';
import type { Problem } from './problem.js';
import type { Rounds } from './rounds.js';

/**
 * Computes the baseline's rate. On one thread it follows from processor time, which leaves out what other processes
 * took of the CPU. On several threads it follows from wall time, because idle threads would count as busy, and so it
 * does on an accelerator, which takes no processor time. It is a median, because virtual machines credit single samples
 * with too little processor time. If most samples were credited with nothing, wall time is used.
 */
export function gflops(
  { m, k, n, threads }: Problem,
  { seconds, cpuSeconds }: Pick<Rounds, 'seconds' | 'cpuSeconds'>,
  onCpu: boolean,
): number {
  const processor = onCpu && threads === 1 ? median(cpuSeconds.baseline) : 0;
  const typical = processor > 0 ? processor : median(seconds.baseline);
  return (2 * m * k * n) / typical / 1e9;
}

/**
 * Counts the threads that the baseline kept busy: processor time over wall time, in the round in which other processes
 * took least of the CPUs.
 */
export function threadsUsed({ seconds, cpuSeconds }: Rounds): number {
  return Math.max(1, Math.round(Math.max(...cpuSeconds.baseline.map((cpu, i) => cpu / seconds.baseline[i]))));
}

/** Computes the share of the CPU that the baseline had to itself in a typical round. */
export function cpuShare({ seconds, cpuSeconds }: Rounds): number {
  return median(cpuSeconds.baseline.map((cpu, i) => cpu / seconds.baseline[i]));
}
