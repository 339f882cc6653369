import { expect, it } from 'vitest';
import { findToolchain } from '../../../../agent/src/backends/backends.js';
import { pickCpus } from '../../../../agent/src/device/cpu.js';
import { checkResults } from '../../../../agent/src/measure/correctness.js';
import { memoryLimit, memoryNeed } from '../../../../agent/src/measure/memory.js';
import { patienceFor } from '../../../../agent/src/measure/patience.js';
import { resolveProtocol } from '../../../../agent/src/measure/protocol.js';
import { timeRounds } from '../../../../agent/src/measure/rounds.js';
import { withHarness } from '../../../../agent/src/process/harness.js';

it('compares any number of libraries within one process', async (context) => {
  const signal = new AbortController().signal;
  const probe = await findToolchain('c-gcc', signal);
  if (!probe.ok) return context.skip(`c-gcc: ${probe.reason}`);
  const { harness, blas } = probe.toolchain;
  const problem = { m: 90, k: 70, n: 110, dtype: 'f64', threads: 1 } as const;
  const all = [...blas, { library: 'portable' }];
  const libraries = Object.fromEntries(all.slice(1).map((library, index) => [`${index}`, library]));
  const sides = Object.keys(libraries);
  const patience = patienceFor(problem);
  const protocol = {
    ...resolveProtocol(null, 'f64'),
    minRounds: 3,
    maxRounds: 3,
    minSampleSeconds: 0.001,
    minWarmupSeconds: 0.001,
  };
  const options = {
    harness,
    blas: all[0],
    dimensions: problem,
    dtype: problem.dtype,
    seed: 1,
    memoryBytes: memoryLimit(memoryNeed(problem, []), 1) + sides.length * 2 ** 31,
    cpuSeconds: 60,
    cpus: pickCpus(1),
    programs: {},
    libraries,
    startSeconds: patience.start,
    signal,
  };
  await withHarness(options, async (child) => {
    await child.introduction();
    const verdict = await checkResults(child, sides, 1000, protocol, patience);
    if (!verdict.ok) throw new Error(verdict.message);
    expect(Object.keys(verdict.relativeErrors).sort()).toEqual([...sides, 'B'].sort());
    for (const error of Object.values(verdict.relativeErrors)) expect(error).toBeLessThan(1e-15);
    const { seconds } = await timeRounds(child, {
      sides: { first: 'B', ...Object.fromEntries(sides.map((side) => [side, side])), last: sides[0] },
      judged: ['first', 'last'],
      protocol,
      patience,
      baselineSeconds: verdict.baselineSeconds,
      warmupRuns: 1,
      onProgress: () => undefined,
    });
    expect(Object.values(seconds).map(({ length }) => length)).toEqual(Array(sides.length + 2).fill(3));
  });
}, 60_000);
