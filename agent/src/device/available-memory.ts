import { freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { readCount, readText } from './system-files.js';

/**
 * Lists the two versions of control groups, with the files that tell a group's limit, its use, and how much of that is
 * cache.
 */
const VERSIONS = [
  {
    membership: /^0::(.*)$/m,
    folder: '',
    limit: 'memory.max',
    usage: 'memory.current',
    cache: /^inactive_file (\d+)$/m,
  },
  {
    membership: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m,
    folder: 'memory',
    limit: 'memory.limit_in_bytes',
    usage: 'memory.usage_in_bytes',
    cache: /^total_inactive_file (\d+)$/m,
  },
] as const;

/**
 * Computes the bytes that this process may still take before the kernel has to kill something: what the system has (on
 * Linux MemAvailable) or, if that is less, what is left of the limit of the container or of another control group
 * around it. Cached files that a group does not use count as free, because the kernel drops them first
 * (Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst).
 * @param root the root of the file system; another one in tests
 */
export function availableMemory(root = '/', system = freemem()): number {
  const memberships = readText(join(root, 'proc/self/cgroup'));
  return VERSIONS.reduce((least, version) => {
    const group = version.membership.exec(memberships)?.[1];
    if (group === undefined) return least;
    const top = join(root, 'sys/fs/cgroup', version.folder);
    // In a container the path may be the host's. Then only the top folder that is visible here is the container's own
    // group.
    let folder = join(top, group);
    while (folder.startsWith(top)) {
      least = Math.min(least, leftIn(folder, version));
      folder = dirname(folder);
    }
    return least;
  }, system);
}

/** Computes what is left of a group's limit, bytes. Infinite for a group without a limit or one that does not exist. */
function leftIn(folder: string, { limit, usage, cache }: (typeof VERSIONS)[number]): number {
  const limitBytes = readCount(join(folder, limit));
  const usedBytes = readCount(join(folder, usage));
  if (limitBytes === undefined || usedBytes === undefined) return Number.POSITIVE_INFINITY;
  const cachedBytes = Number(cache.exec(readText(join(folder, 'memory.stat')))?.[1] ?? 0);
  return Math.max(0, limitBytes - Math.max(0, usedBytes - cachedBytes));
}
