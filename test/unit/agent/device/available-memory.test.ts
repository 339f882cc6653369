import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { availableMemory } from '../../../../agent/src/device/available-memory.js';

const MIB = 1024 ** 2;
const SYSTEM = 1000 * MIB;

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cgroup-test-'));
});
afterEach(() => rm(root, { recursive: true }));

/** Writes files below the root of a pretended system. */
async function system(files: Record<string, string | number>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), `${content}\n`);
  }
}

describe('memory that is available', () => {
  it('is what the system has where there are no control groups', () => {
    expect(availableMemory(root, SYSTEM)).toBe(SYSTEM);
  });

  it('is at most what this system has', () => {
    expect(availableMemory()).toBeGreaterThan(0);
    expect(availableMemory()).toBeLessThanOrEqual(freemem() + 100 * MIB);
  });

  it('is what is left of the limit of the own group, version 2, cached files not counted', async () => {
    await system({
      'proc/self/cgroup': '0::/user/job',
      'sys/fs/cgroup/user/job/memory.max': 300 * MIB,
      'sys/fs/cgroup/user/job/memory.current': 120 * MIB,
      'sys/fs/cgroup/user/job/memory.stat': `anon 1\ninactive_file ${20 * MIB}\nactive_file 7`,
    });
    expect(availableMemory(root, SYSTEM)).toBe(200 * MIB);
  });

  it('respects the limit of a group further up where the own one has none', async () => {
    await system({
      'proc/self/cgroup': '0::/user/job',
      'sys/fs/cgroup/user/job/memory.max': 'max',
      'sys/fs/cgroup/user/job/memory.current': MIB,
      'sys/fs/cgroup/user/memory.max': 50 * MIB,
      'sys/fs/cgroup/user/memory.current': 10 * MIB,
    });
    expect(availableMemory(root, SYSTEM)).toBe(40 * MIB);
  });

  it('is what the system has where the limit leaves more', async () => {
    await system({
      'proc/self/cgroup': '0::/',
      'sys/fs/cgroup/memory.max': 9000 * MIB,
      'sys/fs/cgroup/memory.current': MIB,
    });
    expect(availableMemory(root, SYSTEM)).toBe(SYSTEM);
  });

  it('finds the limit, version 1, among other controllers and with a path that only the host knows', async () => {
    await system({
      'proc/self/cgroup': '5:cpu,cpuacct:/docker/a\n4:memory:/docker/a\n0::/',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': 256 * MIB,
      'sys/fs/cgroup/memory/memory.usage_in_bytes': 100 * MIB,
      'sys/fs/cgroup/memory/memory.stat': `inactive_file 5\ntotal_inactive_file ${4 * MIB}`,
    });
    expect(availableMemory(root, SYSTEM)).toBe(160 * MIB);
  });

  it('takes the largest number of version 1 for no limit', async () => {
    await system({
      'proc/self/cgroup': '4:memory:/a',
      'sys/fs/cgroup/memory/a/memory.limit_in_bytes': '9223372036854771712',
      'sys/fs/cgroup/memory/a/memory.usage_in_bytes': MIB,
    });
    expect(availableMemory(root, SYSTEM)).toBe(SYSTEM);
  });

  it('is nothing, not less, where the limit was lowered below the use', async () => {
    await system({
      'proc/self/cgroup': '0::/',
      'sys/fs/cgroup/memory.max': 10 * MIB,
      'sys/fs/cgroup/memory.current': 20 * MIB,
    });
    expect(availableMemory(root, SYSTEM)).toBe(0);
  });
});
