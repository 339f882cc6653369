import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseAddress, readAddress } from '../../../../trainer/src/cluster/address.js';
import { admit, initCluster, membersOf, revoke, SERVER_CONFIG } from '../../../../trainer/src/cluster/membership.js';
import { Peers } from '../../../../trainer/src/cluster/peers.js';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'members-')), 'cluster');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const init = () => initCluster({ folder, cluster: 'home', hosts: ['192.0.2.7'], port: 4333, tls: false });
const configuration = () => readFileSync(join(folder, SERVER_CONFIG), 'utf8');

it('lets members in and out, each with a private key and subjects of its own', async () => {
  const learner = await init();
  const file = admit(folder, 'one', 'actor');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readAddress(learner)).toMatchObject({
    server: '192.0.2.7:4333',
    cluster: 'home',
    credentials: { level: 'learner' },
  });
  const { credentials } = readAddress(file);
  const [, member] = membersOf(folder);
  expect(credentials?.seed).toMatch(/^SU/);
  // The secret part is in the member's own file and nowhere else.
  expect(configuration()).not.toContain(credentials?.seed);
  const line =
    configuration()
      .split('\n')
      .find((each) => each.includes(`nkey: ${member.key}`)) ?? '';
  expect(line).toContain('"home.games.one"');
  expect(line).toContain('subscribe: { allow: ["_INBOX_one.>"] }');
  expect(line).not.toMatch(/STREAM|CONSUMER|home\.games\.\*/);
  expect(() => admit(folder, 'one', 'actor')).toThrow(/belongs to the cluster already/);
  expect(() => admit(folder, 'one.two', 'actor')).toThrow(/is no name/);
  revoke(folder, 'one');
  expect(configuration()).not.toContain(member.key);
  expect(() => revoke(folder, 'one')).toThrow(/does not belong/);
  await expect(init()).rejects.toThrow(/holds a cluster already/);
  chmodSync(file, 0o644);
  expect(() => readAddress(file)).toThrow(/chmod/);
});

it('reads addresses', () => {
  expect(parseAddress('nats://host')).toEqual({ server: 'host:4222', cluster: 'alphatensor' });
  expect(parseAddress('nats://host:1/mine')).toEqual({ server: 'host:1', cluster: 'mine' });
  for (const wrong of ['http://host', 'nats://host/a.b', 'nats://', 'nats://host/a?b=c', 'nats://u:p@host']) {
    expect(() => parseAddress(wrong)).toThrow(/address/);
  }
});

it('counts what each actor sent, and not more actors than a thousand', () => {
  const peers = new Peers();
  for (let index = 0; index < 1100; index++) peers.accept(`a${index}`, { solved: true, version: 1 }, 1000);
  peers.refuse('a0', 'stale', 'It is old.', 2000);
  for (let index = 0; index < 59; index++) peers.accept('a0', { solved: false, version: 2 }, 2000);
  const figures = peers.figures(new Map([['a0', 0.25]]), 31_000);
  expect(figures).toHaveLength(1001);
  expect(figures[0]).toMatchObject({
    name: 'a0',
    games: 60,
    solved: 1,
    refused: { stale: 1 },
    version: 2,
    replayShare: 0.25,
  });
  expect(figures[0].gamesPerSecond).toBeCloseTo(60 / 31, 5);
  expect(figures.at(-1)).toMatchObject({ name: 'others', games: 100 });
  const again = new Peers();
  again.restore(figures);
  expect(again.figures(new Map(), 31_000)[0]).toMatchObject({ games: 60, refused: { stale: 1 }, gamesPerSecond: 0 });
});
