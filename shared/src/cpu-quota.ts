import { join } from 'node:path';
import { type ControlGroup, controlGroups } from './control-groups.js';
import { readCount, readText } from './system-files.js';

/**
 * Reads how many CPUs' time the control groups around this process grant it, such as 1.5 in a container that was
 * started with `--cpus 1.5`. Undefined if none limits it (cpu.max, Documentation/admin-guide/cgroup-v2.rst;
 * cpu.cfs_quota_us, Documentation/scheduler/sched-bwc.rst).
 * @param root the root of the file system; another one in tests
 */
export function cpuQuota(root = '/'): number | undefined {
  const quotas = controlGroups('cpu', root)
    .map(quotaOf)
    .filter((quota) => quota !== undefined);
  return quotas.length === 0 ? undefined : Math.min(...quotas);
}

/**
 * Counts the periods in which a quota stopped this process or others of its groups. Undefined without a quota.
 * @param root the root of the file system; another one in tests
 */
export function quotaThrottles(root = '/'): number | undefined {
  const limited = controlGroups('cpu', root).filter((group) => quotaOf(group) !== undefined);
  if (limited.length === 0) return undefined;
  const counts = limited.map(({ folder }) =>
    Number(/^nr_throttled (\d+)$/m.exec(readText(join(folder, 'cpu.stat')))?.[1] ?? 0),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Reads a group's quota, CPUs. Undefined for a group without one or one that does not exist. */
function quotaOf({ version, folder }: ControlGroup): number | undefined {
  const [quota, period] =
    version === 2
      ? readText(join(folder, 'cpu.max')).split(' ').map(Number)
      : ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((file) => readCount(join(folder, file)) ?? Number.NaN);
  return quota > 0 && period > 0 ? quota / period : undefined;
}
