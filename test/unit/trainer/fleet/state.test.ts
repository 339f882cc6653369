import { describe, expect, it } from 'vitest';
import { type AgentStatus, copiedKeyLines, stateLines } from '../../../../trainer/src/fleet/state.js';
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
    expect(stateLines([{ ...busy, certificateExpires: '2026-03-01T08:00:00Z' }], NOW)).toEqual([
      'name    address          state  last contact  certificate       queue    agent  protocol  backends',
      'laptop  127.0.0.1:50051  busy   just now      until 2026-03-01  3 of 17  0.1.0  1         c-gcc on Test CPU',
    ]);
    expect(stateLines([], NOW)).toEqual([]);
  });

  it('has who is invited and who was revoked, with the time', () => {
    const at = '2026-01-02T12:15:00.000Z';
    const [, invited, revoked] = stateLines(
      (['invited', 'revoked'] as const).map((state) => ({ name: 'pi', address: '', state, lastContact: null, at })),
      NOW,
    );
    expect(invited).toMatch(/^pi +invited +its token is good until 2026-01-02 12:15 UTC$/);
    expect(revoked).toMatch(/^pi +revoked +since 2026-01-02 12:15 UTC$/);
  });

  it('warns of a key that two connections used', () => {
    expect(copiedKeyLines([busy])).toEqual([]);
    const [line] = copiedKeyLines([{ ...busy, keySeenTwice: '2026-01-02T11:00:00.000Z' }]);
    expect(line).toMatch(/^warning: two connections used the key of laptop at once.*agents revoke laptop/);
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
