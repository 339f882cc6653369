import { cpus } from 'node:os';
import { cpuQuota } from './cpu-quota.js';
import { readText } from './system-files.js';

/** Counts the threads that may run at a time: one for each allowed CPU, and no more than a CPU quota grants in full. */
export function usableThreads(quota = cpuQuota()): number {
  return Math.max(1, Math.min(allowedCpus().length, Math.floor(quota ?? Number.POSITIVE_INFINITY)));
}

/** Lists the CPUs this process may run on. */
export function allowedCpus(): number[] {
  const list = readText('/proc/self/status').match(/^Cpus_allowed_list:\s*(.*)$/m)?.[1];
  if (list === undefined) return cpus().map((_, index) => index);
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
