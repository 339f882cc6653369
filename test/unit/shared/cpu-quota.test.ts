import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flagsOf } from '../../../agent/src/measure/flags.js';
import { allowedCpus, cpuQuota, quotaThrottles, usableThreads } from '../../../shared/src/index.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quota-test-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Writes files below the root of a pretended system. */
function system(files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${content}\n`);
  }
}

describe('a CPU quota', () => {
  it('is absent where no group has one', () => {
    expect([cpuQuota(root), quotaThrottles(root)]).toEqual([undefined, undefined]);
    system({ 'proc/self/cgroup': '0::/', 'sys/fs/cgroup/cpu.max': 'max 100000' });
    expect([cpuQuota(root), quotaThrottles(root)]).toEqual([undefined, undefined]);
  });

  it('is the least of the groups around the process, version 2', () => {
    system({
      'proc/self/cgroup': '0::/pod/job',
      'sys/fs/cgroup/pod/job/cpu.max': '300000 100000',
      'sys/fs/cgroup/pod/job/cpu.stat': 'nr_periods 60\nnr_throttled 2',
      'sys/fs/cgroup/pod/cpu.max': '150000 100000',
      'sys/fs/cgroup/pod/cpu.stat': 'nr_periods 60\nnr_throttled 58',
    });
    expect([cpuQuota(root), quotaThrottles(root)]).toEqual([1.5, 60]);
  });

  it('is that of the container where only its own group can be seen, version 1', () => {
    system({
      'proc/self/cgroup': '4:cpu,cpuacct:/docker/abc\n0::/',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '100000',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
      'sys/fs/cgroup/cpu/cpu.stat': 'nr_periods 60\nnr_throttled 60',
    });
    expect([cpuQuota(root), quotaThrottles(root)]).toEqual([1, 60]);
    system({ 'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1' });
    expect(cpuQuota(root)).toBeUndefined();
  });

  it('bounds the threads that are offered: one at least, and no more than it grants in full', () => {
    expect([0.5, 1, 1.9].map((quota) => usableThreads(quota))).toEqual([1, 1, 1]);
    expect(usableThreads(1000)).toBe(allowedCpus().length);
  });
});

describe('a measurement that a quota stopped', () => {
  const rounds = {
    seconds: { baseline: [1, 1, 1], candidate: [1, 1, 1] },
    cpuSeconds: { baseline: [0.5, 0.5, 0.5], candidate: [0.5, 0.5, 0.5] },
    speedup: { estimate: 1, low: 1, high: 1 },
    stopReason: 'STOP_REASON_CONVERGED',
    peakGflops: 1,
    joules: undefined,
  } as const;
  const circumstances = { rounds, threads: 1, onCpu: true, exactRange: 1 };

  it('says so, and does not blame other processes', () => {
    const flags = flagsOf({
      ...circumstances,
      before: { cpuQuota: 1, quotaThrottles: 3 },
      after: { cpuQuota: 1, quotaThrottles: 63 },
    });
    expect(flags).toEqual([expect.stringMatching(/^a CPU quota of 1 stopped the program in 60 periods/)]);
    expect(flagsOf({ ...circumstances, before: {}, after: {} })).toEqual(['other processes took 50 % of the CPU']);
  });
});

/** Makes a control group of the kernel with a tenth of a CPU, or says why that cannot be done here. */
function makeGroup(name: string): { procs: string; remove(): void } | undefined {
  for (const [top, limits] of [
    ['/sys/fs/cgroup/cpu', { 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '10000' }],
    ['/sys/fs/cgroup', { 'cpu.max': '10000 100000' }],
  ] as const) {
    const folder = join(top, name);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    try {
      for (const [file, text] of Object.entries(limits)) writeFileSync(join(folder, file), text);
      return { procs: join(folder, 'cgroup.procs'), remove: () => rmdirSync(folder) };
    } catch {
      rmdirSync(folder);
    }
  }
  return undefined;
}

it('a process that the kernel gives a tenth of a CPU finds its quota, and that it was stopped', (context) => {
  const group = makeGroup(`at-quota-test-${process.pid}`);
  if (group === undefined) {
    console.info('skipped: no control group with a CPU quota can be made here');
    return context.skip();
  }
  try {
    const file = new URL('../../../shared/dist/index.js', import.meta.url).href;
    const script = `import { cpuQuota, quotaThrottles, usableThreads } from '${file}';
      const before = quotaThrottles();
      for (const end = performance.now() + 5000; performance.now() < end && quotaThrottles() === before; );
      console.log(JSON.stringify([cpuQuota(), quotaThrottles() > before, usableThreads()]));`;
    const inGroup = `echo $$ > ${group.procs}; exec "$@"`;
    const said = execFileSync('sh', ['-c', inGroup, 'sh', process.execPath, '--input-type=module', '-e', script]);
    expect(JSON.parse(said.toString())).toEqual([0.1, true, 1]);
  } finally {
    group.remove();
  }
});
