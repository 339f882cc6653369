import { expect, it } from 'vitest';
import { descriptionLines } from '../../../../trainer/src/fleet/describe.js';
import { DESCRIPTION } from '../../../support/agent.js';

it('what an agent said of itself is a line for each part, with why a backend is missing', () => {
  const [like] = DESCRIPTION.backends;
  const lines = descriptionLines({
    ...DESCRIPTION,
    agentVersion: '1.2.3',
    device: null,
    backends: [
      { ...like, name: 'c-gcc', available: true, compiler: 'gcc 14', blas: [] },
      { ...like, name: 'jax', available: false, reason: 'there is no Python' },
    ],
    queue: null,
    temperatureCelsius: 53.6,
    jobs: [
      {
        ...{ jobId: 'a', stage: 'JOB_STAGE_MEASURING', backend: 'c-gcc', seconds: 3 },
        levels: [
          { n: 2, m: 2, p: 2, rank: 7 },
          { n: 4, m: 4, p: 4, rank: 48 },
        ],
        problem: { m: 512, k: 256, n: 128, dataType: 'DATA_TYPE_F64', threads: 2 },
      },
      // Of a newer agent, whose number format and stage are not known here.
      {
        ...{ jobId: 'b', stage: 'JOB_STAGE_NEW' as never, backend: 'c-gcc', seconds: 0, levels: [] },
        problem: { m: 1, k: 1, n: 1, dataType: 'DATA_TYPE_F8' as never, threads: 1 },
      },
    ],
  });
  expect(lines).toEqual([
    'agent     1.2.3',
    'backend   c-gcc: gcc 14, baseline none',
    'backend   jax: not available, there is no Python',
    'heat      54 °C',
    'queue     0 running, 0 of 0 waiting',
    'job       measuring <2,2,2;7> * <4,4,4;48> at 512x256x128 f64, 2 threads, with c-gcc',
    'job       busy with the baseline, with c-gcc',
  ]);
  expect(descriptionLines(DESCRIPTION).filter((line) => /^(device|memory|system) /.test(line))).toHaveLength(
    DESCRIPTION.device ? 3 : 0,
  );
});
