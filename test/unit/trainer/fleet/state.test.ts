import { describe, expect, it } from 'vitest';
import { type AgentStatus, stateLines } from '../../../../trainer/src/fleet/state.js';
import { DESCRIPTION } from '../../../support/agent.js';

const NOW = new Date('2026-01-02T12:00:00Z');
const busy: AgentStatus = {
  name: 'laptop',
  address: '127.0.0.1:50051',
  state: 'busy',
  lastContact: '2026-01-02T12:00:00Z',
  protocolVersion: 1,
  description: { ...DESCRIPTION, queue: { runningJobs: 1, waitingJobs: 2, capacityJobs: 16 } },
};

describe('the state of the fleet', () => {
  it('is a table: state, last contact, queue, versions, working backends', () => {
    expect(stateLines([busy], NOW)).toEqual([
      'name    address          state  last contact  queue    agent  protocol  backends',
      'laptop  127.0.0.1:50051  busy   just now      3 of 17  0.1.0  1         c-gcc on Test CPU',
    ]);
    expect(stateLines([], NOW)).toEqual([]);
  });

  it.each([
    [null, 'never'],
    ['2026-01-02T11:50:00Z', '10 min ago'],
    ['2026-01-02T09:00:00Z', '3 h ago'],
    ['2025-12-24T09:00:00Z', '2025-12-24'],
  ])('says of a lost agent why, and when it last answered: %s', (lastContact, words) => {
    const { description: _, protocolVersion: __, ...known } = busy;
    const lost: AgentStatus = { ...known, state: 'lost', lastContact, error: 'No agent answers.' };
    const [, line] = stateLines([lost], NOW);
    expect(line).toContain(words);
    expect(line).toMatch(/lost .* No agent answers\.$/);
  });
});
