import { freemem } from 'node:os';
import { join } from 'node:path';
import { type ControlGroup, controlGroups, readCount, readText } from '@alphatensor-edge/shared';

/** Names the files that tell a group's limit, its use, and how much of that is cache, by version. */
const FILES = {
  1: { limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes', cache: /^total_inactive_file (\d+)$/m },
  2: { limit: 'memory.max', usage: 'memory.current', cache: /^inactive_file (\d+)$/m },
} as const;

/**
 * Computes the bytes that this process may still take before the kernel has to kill something: what the system has (on
 * Linux MemAvailable) or, if that is less, what is left of the limit of the container or of another control group
 * around it. Cached files that a group does not use count as free, because the kernel drops them first
 * (Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst).
 * @param root the root of the file system; another one in tests
 */
export function availableMemory(root = '/', system = freemem()): number {
  return Math.min(system, ...controlGroups('memory', root).map(leftIn));
}

/** Computes what is left of a group's limit, bytes. Infinite for a group without a limit or one that does not exist. */
function leftIn({ version, folder }: ControlGroup): number {
  const { limit, usage, cache } = FILES[version];
  const limitBytes = readCount(join(folder, limit));
  const usedBytes = readCount(join(folder, usage));
  if (limitBytes === undefined || usedBytes === undefined) return Number.POSITIVE_INFINITY;
  const cachedBytes = Number(cache.exec(readText(join(folder, 'memory.stat')))?.[1] ?? 0);
  return Math.max(0, limitBytes - Math.max(0, usedBytes - cachedBytes));
}
