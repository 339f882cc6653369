// A cluster on a nats-server of its own, with the keys and accounts that `cluster init` and `cluster invite` make.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { contentHash } from '@alphatensor-edge/shared';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectCluster } from '../../trainer/src/cluster/connect.js';
import { encodeGame } from '../../trainer/src/cluster/game-message.js';
import { ClusterGames } from '../../trainer/src/cluster/learner.js';
import { DEFAULT_LIMITS } from '../../trainer/src/cluster/limits.js';
import { admit, initCluster, revoke, SERVER_CONFIG } from '../../trainer/src/cluster/membership.js';
import { gamesSubject, LARGE } from '../../trainer/src/cluster/names.js';
import { writeObject } from '../../trainer/src/cluster/objects.js';
import { Outbox } from '../../trainer/src/cluster/outbox.js';
import { readState, removedKey, STATUS, StateWriter } from '../../trainer/src/cluster/state-store.js';
import { clusterStatus } from '../../trainer/src/cluster/status.js';
import { gameRules } from '../../trainer/src/config.js';
import type { Network } from '../../trainer/src/network/model.js';
import type { SourcedGame } from '../../trainer/src/training/game-source.js';
import { ReplayBuffer } from '../../trainer/src/training/replay-buffer.js';
import { PLAIN_REWARD } from '../../trainer/src/training/reward.js';
import { GameMaker } from '../support/cluster-games.js';
import { freePort, listening } from '../support/ports.js';

/** Set in continuous integration, where a test that is skipped would hide a fault. */
const IS_REQUIRED = process.env.ALPHATENSOR_TEST_NATS === 'required';
const server = findServer();
if (server === undefined) {
  const reason = 'nats-server is not installed, so no cluster is tested: apt-get install nats-server';
  if (IS_REQUIRED) throw new Error(reason);
  console.warn(reason);
}

describe.skipIf(server === undefined)('a cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  const members: Record<string, string> = {};
  let nats: ChildProcess;
  let maker: GameMaker;
  let port: number;
  const said: string[] = [];

  beforeAll(async () => {
    port = await freePort();
    members.learner = await initCluster({ folder, cluster: 'test', hosts: ['127.0.0.1'], port, tls: true });
    for (const name of ['one', 'two']) members[name] = admit(folder, name, 'actor');
    members.observer = admit(folder, 'observer', 'observer');
    nats = spawn(server as string, ['-c', join(folder, SERVER_CONFIG)], { stdio: 'ignore' });
    await listening(port);
    maker = await GameMaker.open('integration');
  });
  afterAll(async () => {
    nats?.kill('SIGKILL');
    if (nats !== undefined && nats.exitCode === null) await once(nats, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });

  const replay = () => new ReplayBuffer(gameRules(maker.config), maker.config);
  /** A learner without a network: nothing is published, so games are of version 0. */
  const join_ = (runDir: string, { kept = replay(), step = 0, actorShare = 0.5, limits = {} } = {}) =>
    ClusterGames.join(
      {
        ...{ address: members.learner, runDir: join(folder, runDir), step, keepVersions: 10, actorShare },
        limits: { ...DEFAULT_LIMITS, games: 40, gamesOfOne: 4, ackWaitMs: 1000, ...limits },
        onMessage: (text) => said.push(text),
      },
      {
        network: undefined as unknown as Network,
        ...{ config: maker.config, reward: PLAIN_REWARD, replay: kept },
        acting: { name: 'tfjs', description: 'none', tfBackend: 'cpu' },
      },
    );
  const taken = async (source: ClusterGames, count: number, step = 1): Promise<SourcedGame[]> => {
    const games: SourcedGame[] = [];
    await vi.waitFor(
      async () => {
        games.push(...(await source.take({ step })));
        expect(games.length).toBeGreaterThanOrEqual(count);
      },
      { timeout: 5000, interval: 20 },
    );
    return games;
  };
  const outboxOf = async (name: string) => {
    const cluster = await connectCluster(members[name]);
    return { cluster, outbox: new Outbox(cluster, name, { onMessage: (text) => said.push(text) }) };
  };

  it('takes games that are true, in a message or through the object store, and refuses others with the reason', async () => {
    const source = await join_('first');
    const { cluster, outbox } = await outboxOf('one');
    try {
      const small = maker.bytes('one.a.1', 0, 8);
      const large = maker.bytes('one.a.2', 0);
      outbox.add('one.a.1', small);
      await outbox.settle();
      const games = await taken(source, 1);
      expect(games.map(({ id, solved, weightsStep }) => [id, solved, weightsStep])).toEqual([['one.a.1', true, 0]]);
      expect(contentHash(games[0].found[0])).toBe(games[0].stored?.hash);
      // A lie, a copy under another id, and bytes that are none, straight to the server.
      const subject = gamesSubject(cluster.names, 'one');
      const lie = { ...maker.make('one.a.3', 0, 8), version: 7 };
      const copy = { ...(await GameMaker.open('integration')).make('one.a.4', 0, 8) };
      for (const [index, bytes] of [encodeGame(lie), encodeGame(copy), Buffer.from('none')].entries()) {
        await cluster.js.publish(subject, bytes, { msgID: `lie-${index}` });
      }
      const about = headers();
      about.set(LARGE, await writeObject(cluster, cluster.names.large, large));
      await cluster.js.publish(subject, '', { msgID: 'one.a.2', headers: about });
      expect((await taken(source, 1)).map(({ id }) => id)).toEqual(['one.a.2']);
      const observer = await connectCluster(members.observer);
      await vi.waitFor(
        async () => {
          const [actor] = (await readState(observer, STATUS, clusterStatus))?.actors ?? [];
          expect(actor).toMatchObject({ name: 'one', games: 2, refused: { wrong: 1, repeated: 1, malformed: 1 } });
        },
        { timeout: 6000 },
      );
      await observer.close();
    } finally {
      await cluster.close();
      await source.close();
    }
  });

  it('waits when the learner does not take, and loses and doubles nothing when it starts again', async () => {
    const { cluster, outbox } = await outboxOf('two');
    const first = await join_('second');
    await first.close();
    try {
      for (let index = 0; index < 6; index++) outbox.add(`two.b.${index}`, maker.bytes(`two.b.${index}`, 0, 8));
      await vi.waitFor(() => expect(said).toContain('the learner has enough games; waiting'), { timeout: 5000 });
      expect(outbox.sent).toBe(4);
      const second = await join_('second');
      await outbox.settle();
      const games = await taken(second, 6, 10);
      expect(games.map(({ id }) => id).sort()).toEqual([0, 1, 2, 3, 4, 5].map((index) => `two.b.${index}`));
      await second.close();
      // The run goes on from a checkpoint before that step, so it has them again, once.
      const third = await join_('second', { step: 5 });
      expect(await taken(third, 6, 11)).toHaveLength(6);
      await third.saved();
      await third.close();
      const fourth = await join_('second', { step: 11 });
      expect(await fourth.take({ step: 12 })).toHaveLength(0);
      await fourth.close();
    } finally {
      await cluster.close();
    }
  });

  it("keeps one actor's games within its share, and removes them when it is told to", async () => {
    const kept = replay();
    const share = 3 / maker.config.replay.playedGames;
    const source = await join_('third', { kept, actorShare: share });
    const { cluster, outbox } = await outboxOf('one');
    try {
      for (let index = 0; index < 5; index++) outbox.add(`one.c.${index}`, maker.bytes(`one.c.${index}`, 0, 8));
      await outbox.settle();
      let count = 0;
      await vi.waitFor(
        async () => {
          for (const game of await source.take({ step: 1 })) {
            count++;
            if (game.stored !== undefined) kept.addGame(game.stored);
          }
          expect(count).toBe(5);
        },
        { timeout: 5000, interval: 100 },
      );
      expect(kept.played.length).toBeLessThanOrEqual(5);
      outbox.add('one.c.9', maker.bytes('one.c.9', 0, 8));
      const [last] = await taken(source, 1);
      if (last.stored !== undefined) kept.addGame(last.stored);
      expect(kept.played.map(({ id }) => id)).toEqual(['one.c.3', 'one.c.4', 'one.c.9']);
      const state = await StateWriter.open(await connectCluster(members.learner));
      await state.write(removedKey('one'), {});
      await vi.waitFor(() => expect(kept.played).toHaveLength(0), { timeout: 6000 });
      await state.remove(removedKey('one'));
    } finally {
      await cluster.close();
      await source.close();
    }
  });

  it('takes a game off the queue that was delivered as often as it may be, in vain', async () => {
    const limits = { ackWaitMs: 200, deliveries: 1 };
    await (await join_('given-up', { limits })).close();
    const { cluster, outbox } = await outboxOf('one');
    const learner = await connectCluster(members.learner);
    try {
      outbox.add('one.d.1', maker.bytes('one.d.1', 0, 8));
      await outbox.settle();
      // A learner that dies with it in hand.
      const consumer = await learner.js.consumers.get(learner.names.games, 'learner');
      expect(await consumer.next({ expires: 2000 })).not.toBeNull();
      await sleep(500);
      expect((await learner.jsm.streams.info(learner.names.games)).state.messages).toBe(1);
      const source = await join_('given-up', { limits });
      await vi.waitFor(
        async () => expect((await learner.jsm.streams.info(learner.names.games)).state.messages).toBe(0),
        { timeout: 6000 },
      );
      expect(await source.take({ step: 1 })).toHaveLength(0);
      const dead = await learner.jsm.streams.getMessage(learner.names.dead, { last_by_subj: 'test.dead.one' });
      expect(dead?.header.get('At-Reason')).toMatch(/^given-up/);
      await source.close();
    } finally {
      await cluster.close();
      await learner.close();
    }
  });

  it('lets an actor do nothing but play under its own name', async () => {
    const source = await join_('fourth');
    const actor = await connectCluster(members.one);
    const learner = await connectCluster(members.learner);
    try {
      const { games } = learner.names;
      await expect(actor.jsm.streams.delete(games)).rejects.toThrow(/permissions violation/i);
      await expect(actor.js.publish(gamesSubject(actor.names, 'two'), 'x', { timeout: 500 })).rejects.toThrow(
        /permissions/i,
      );
      await expect(actor.js.consumers.get(games, 'learner')).rejects.toThrow(/permissions violation/i);
      // A reply subject is a way to make the server publish in the actor's name; it must not lead into the learner's account.
      for (const reply of [
        `$JS.API.STREAM.DELETE.${games}`,
        `$JS.API.STREAM.PURGE.${games}`,
        gamesSubject(actor.names, 'two'),
      ]) {
        actor.connection.publish(gamesSubject(actor.names, 'one'), 'injected', { reply });
      }
      await actor.connection.flush();
      await sleep(300);
      expect(
        (await learner.jsm.streams.info(games, { subjects_filter: '>' })).state.subjects?.[
          gamesSubject(actor.names, 'two')
        ],
      ).toBeUndefined();
      const observer = await connectCluster(members.observer);
      await expect(observer.js.publish(gamesSubject(actor.names, 'one'), 'x', { timeout: 500 })).rejects.toThrow(
        /permissions/i,
      );
      await observer.close();
    } finally {
      await actor.close();
      await learner.close();
      await source.close();
    }
  });

  it('says what is wrong with an address or a key', async () => {
    await expect(connectCluster(`nats://127.0.0.1:${await freePort()}`)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(connectCluster('http://127.0.0.1')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(connectCluster(join(folder, 'nobody.json'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    revoke(folder, 'two');
    nats.kill('SIGHUP');
    await vi.waitFor(
      async () => {
        await expect(connectCluster(members.two)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      },
      { timeout: 5000 },
    );
  });
});

function findServer(): string | undefined {
  for (const path of ['nats-server', '/usr/sbin/nats-server', '/usr/local/bin/nats-server']) {
    try {
      execFileSync(path, ['--version'], { stdio: 'ignore' });
      return path;
    } catch {
      // Not there.
    }
  }
  return undefined;
}
