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
  });
  expect(lines).toEqual([
    'agent     1.2.3',
    'backend   c-gcc: gcc 14, baseline none',
    'backend   jax: not available, there is no Python',
    'queue     0 running, 0 of 0 waiting',
  ]);
  expect(descriptionLines(DESCRIPTION).filter((line) => /^(device|memory|system) /.test(line))).toHaveLength(
    DESCRIPTION.device ? 3 : 0,
  );
});
