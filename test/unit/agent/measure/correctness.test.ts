import { expect, it } from 'vitest';
import { findToolchain } from '../../../../agent/src/backends/backends.js';
import { pickCpus } from '../../../../agent/src/device/cpu.js';
import { memoryLimit, memoryNeed } from '../../../../agent/src/measure/memory.js';
import { withHarness } from '../../../../agent/src/process/harness.js';
import { expectInputKinds } from '../../../support/inputs.js';

it('every kind of inputs is filled in as it says, with an error that is known', async (context) => {
  const signal = new AbortController().signal;
  const probe = await findToolchain('c-gcc', signal);
  if (!probe.ok) return context.skip(`c-gcc: ${probe.reason}`);
  const dimensions = { m: 60, k: 50, n: 40 };
  const options = {
    harness: probe.toolchain.harness,
    blas: { library: 'portable' },
    dimensions,
    dtype: 'f32',
    seed: 1,
    memoryBytes: memoryLimit(memoryNeed({ ...dimensions, dtype: 'f32' }, []), 1),
    cpuSeconds: 60,
    cpus: pickCpus(1),
    programs: {},
    startSeconds: 20,
    signal,
  } as const;
  await withHarness(options, async (child) => {
    await child.introduction();
    await expectInputKinds(child, dimensions);
    // The reference is that of the inputs of now: an old product is wrong for new ones.
    await child.run('B', 20);
    const before = await child.errors(20);
    await child.fillRandom('zero-mean', 20);
    expect((await child.errors(20)).relativeError).toBeGreaterThan(0.1);
    expect(before.relativeError).toBeLessThan(1e-6);
  });
}, 60_000);
