import { afterEach, describe, expect, it } from 'vitest';
import { describeBackends, findToolchain, restrictTo } from '../../../../agent/src/backends/backends.js';
import { runJob } from '../../../../agent/src/job/run-job.js';
import { job } from '../../../support/agent.js';

const never = new AbortController().signal;

describe('an agent that was started for less than its device has', () => {
  afterEach(() => restrictTo({}));

  it('offers only the backends it was started for, and takes no jobs for others', async () => {
    restrictTo({ backends: ['c-clang'] });
    const gcc = (await describeBackends()).find(({ name }) => name === 'c-gcc');
    expect(gcc).toMatchObject({ available: false, reason: 'this agent was started for c-clang only', blas: [] });
    expect(await findToolchain('c-gcc', never)).toMatchObject({ ok: false });
    const outcome = await runJob(job('j'), { signal: never, onProgress: () => undefined });
    expect(outcome).toMatchObject({
      kind: 'OUTCOME_KIND_UNSUPPORTED',
      message: expect.stringContaining('this agent was started for c-clang only'),
    });
    expect(() => restrictTo({ backends: ['c-pascal'] })).toThrow('There is no backend "c-pascal"; there are c-gcc');
  });

  it('compares with the library it was started for, by name in any case or by path', async (context) => {
    const probe = await findToolchain('c-gcc', never);
    if (!probe.ok) return context.skip(`c-gcc: ${probe.reason}`);
    const last = probe.toolchain.blas[probe.toolchain.blas.length - 1];
    for (const blas of [last.name.toUpperCase(), last.library]) {
      restrictTo({ blas });
      const restricted = await findToolchain('c-gcc', never);
      expect(restricted.ok && restricted.toolchain.blas[0].name).toBe(last.name);
    }
    restrictTo({ blas: 'no-such-blas' });
    const missing = await findToolchain('c-gcc', never);
    expect(missing).toMatchObject({ ok: false, reason: expect.stringContaining(`only these work here: `) });
  });
});
