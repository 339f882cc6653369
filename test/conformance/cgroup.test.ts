import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { blasSource, workshop } from '../support/blas/workshop.js';

// Folders in place of /sys/fs/cgroup: the quota of a real group needs root.

const { built, source, run, cc, ...shop } = workshop();

let hasTools = false;
beforeAll(async () => {
  hasTools = await shop.hasTools();
  if (hasTools) await cc(source('cgroup.c'), `${blasSource}/cgroup.c`, '-o', 'cgroup');
});

let count = 0;

/** The processors that are left to a process with such a /proc/self/cgroup. */
async function processors(
  context: TestContext,
  membership: string,
  files: Readonly<Record<string, string>>,
): Promise<number> {
  context.skip(!hasTools, 'make or gcc is not on this machine');
  const root = built(`root${count++}`);
  mkdirSync(root);
  writeFileSync(`${root}.membership`, membership);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(`${root}/${file}`), { recursive: true });
    writeFileSync(`${root}/${file}`, text);
  }
  const { code, text } = await run('./cgroup', [`${root}.membership`, root]);
  expect(code).toBe(0);
  return Number(text);
}

describe('the quota of a control group', () => {
  it.for([
    ['a quota is rounded up', '0::/app\n', { 'app/cpu.max': '150000 100000\n' }, 2],
    ['a group has none', '0::/app\n', { 'app/cpu.max': 'max 100000\n' }, 0],
    ['the group above has less', '0::/a/b\n', { 'a/cpu.max': '100000 100000', 'a/b/cpu.max': '400000 100000' }, 1],
    ['a container sees its own root only', '0::/../host/path\n', { 'cpu.max': '300000 100000\n' }, 3],
    ['there are no groups', '', {}, 0],
    ['a file is damaged', '0::/app\nnonsense\n', { 'app/cpu.max': 'much\n' }, 0],
    [
      'groups are of the first version',
      '5:cpuset:/other\n4:cpu,cpuacct:/app\n0::/\n',
      { 'cpu/app/cpu.cfs_quota_us': '50000\n', 'cpu/app/cpu.cfs_period_us': '100000\n' },
      1,
    ],
    [
      'the first version has no quota',
      '4:cpu:/\n',
      { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' },
      0,
    ],
  ] as const)('is found where %s', async ([, membership, files, expected], context) => {
    expect(await processors(context, membership, files)).toBe(expected);
  });
});
