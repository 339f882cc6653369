import { expect, it } from 'vitest';
import type { ClusterStatus } from '../../../../trainer/src/cluster/status.js';
import { statusLines } from '../../../../trainer/src/cluster/status-words.js';
import { clusterSection } from '../../../../trainer/src/report/live/cluster-section.js';

const STATUS: ClusterStatus = {
  ...{ format: 1, session: 's', at: '2026-11-30T12:00:00.000Z', state: 'running', cluster: 'home', run: 'first' },
  ...{ step: 400, version: 300, queue: { waiting: 1, inHand: 2, bytes: 2048 }, takenIn: 0, dead: 3 },
  actors: [
    {
      ...{
        name: 'one',
        games: 12,
        solved: 5,
        refused: { stale: 2, wrong: 1 },
        lastRefusal: '<b>old</b>',
        version: 200,
      },
      ...{ lastSeen: '2026-11-30T11:59:58.000Z', gamesPerSecond: 0.25, replayShare: 0.5 },
    },
  ],
};

it('shows actors with their rates, versions and refusals, and nothing that they say as markup', () => {
  const page = clusterSection(STATUS).text;
  for (const text of ['one', '0.25', '50\u00a0%', '2 stale, 1 wrong', '1 game waits']) expect(page).toContain(text);
  expect(page).toContain('&lt;b&gt;old');
  expect(page).not.toContain('<b>old');
});

it('says the same in lines', () => {
  const lines = statusLines(STATUS, Date.parse('2026-11-30T12:00:01.000Z'));
  expect(lines).toContain('cluster   home, run first: the learner is running');
  expect(lines.at(-1)).toBe(
    'actor     one: 12 games, 5 solved, 0.25 a second; weights of step 200; 50 % of the replay; seen 3 s ago; refused 2 stale, 1 wrong (last: <b>old</b>)',
  );
  expect(statusLines(STATUS, Date.parse('2026-11-30T12:01:00.000Z'))[0]).toContain('silent for 60 s');
});
