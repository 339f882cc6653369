import { connect, type Socket } from 'node:net';
import { loadAgentProto, mutualTls, serverTls, TLS_CHANNEL_OPTIONS, type TlsMaterial } from '@alphatensor-edge/proto';
import { type ChannelCredentials, credentials as grpc, type ServiceError } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../../../agent/src/server/server.js';
import type { Credentials } from '../../../../agent/src/trainer/credentials.js';
import { connectAgent } from '../../../../trainer/src/fleet/agent-client.js';
import { addAgent } from '../../../../trainer/src/fleet/agent-registry.js';
import { renewTrainer } from '../../../../trainer/src/fleet/trust/authority.js';
import { controlledJobs, measured, request } from '../../../support/agent.js';
import { closed, memoryLogger, startTestAgent, startTestTrainer, type TestTrainer } from '../../../support/trust.js';

const anyone = (): undefined => undefined;

let trainer: TestTrainer;
let device: Credentials;
let own: TlsMaterial;
let agent: RunningServer;
/** The agent's, by an address that no side takes for loopback. */
let address: string;
const { logger, text: log } = memoryLogger();

beforeAll(async () => {
  trainer = await startTestTrainer();
  ({ credentials: device } = await trainer.enrol('device'));
  own = await renewTrainer(trainer.authority);
  const runJob = async ({ jobId }: { jobId: string }) => measured(1.2, jobId);
  agent = await startTestAgent({ host: '0.0.0.0', tls: device, runJob, logger });
  address = `0.0.0.0:${agent.port}`;
});

afterAll(async () => {
  await agent.close();
  trainer.close();
});

/** How a Describe call made with these credentials fails; undefined if it does not. */
async function failure(credentials: ChannelCredentials, to = address): Promise<string | undefined> {
  const stub = new (loadAgentProto().BenchmarkAgent)(to, credentials, {
    ...TLS_CHANNEL_OPTIONS,
    'grpc.use_local_subchannel_pool': 1,
  });
  try {
    const error = await new Promise<ServiceError | null>((resolve) =>
      stub.describe({ protocolVersion: 1 }, { deadline: Date.now() + 5000 }, resolve),
    );
    return error?.details;
  } finally {
    stub.close();
  }
}

/** The trainer's key and role with another certificate. */
const asTrainer = (how: object) => trainer.certify({ ...own, trainer: '' }, { role: { role: 'trainer' }, ...how });

describe('an agent that other machines can reach', () => {
  it('measures for its trainer', async () => {
    const client = connectAgent(address);
    expect((await client.describe()).agentVersion).toBe('0.1.0');
    expect((await client.benchmark(request())).measurement?.speedup?.estimate).toBeCloseTo(1.2, 9);
    client.close();
  });

  describe('refuses', () => {
    afterEach(async () => {
      expect(await failure(mutualTls(own, anyone))).toBeUndefined();
    });

    it('who has no certificate', async () => {
      expect(await failure(serverTls(trainer.authority.ca, anyone))).toBeDefined();
      expect(log()).toMatch(/peer did not return a certificate/);
    });

    it('an expired certificate', async () => {
      expect(await failure(mutualTls(await asTrainer({ days: -1 }), anyone))).toBeDefined();
    });

    it('a certificate of another CA', async () => {
      const authority = await trainer.otherAuthority();
      expect(await failure(mutualTls(await asTrainer({ authority }), anyone))).toBeDefined();
    });

    it('another device of the same trainer', async () => {
      const { credentials } = await trainer.enrol('neighbour');
      expect(await failure(mutualTls(credentials, anyone))).toBeDefined();
      expect(log()).toContain('the certificate is not the trainer’s');
    });

    it('what is in the clear', async () => {
      expect(await failure(grpc.createInsecure())).toBeDefined();
      const socket = connect(agent.port, '127.0.0.1').on('error', () => undefined);
      socket.end('GET / HTTP/1.1\r\n\r\n').resume();
      await closed(socket);
    });
  });

  it('takes up a renewed certificate without a restart', async () => {
    let seen = '';
    const look = () =>
      failure(
        mutualTls(own, (peer) => {
          seen = peer!.validTo.toISOString();
          return undefined;
        }),
      );
    await look();
    const before = seen;
    agent.setTls(await trainer.certify(device, { days: 45 }));
    await look();
    expect(seen < before).toBe(true);
  });
});

describe('the trainer', () => {
  const refusing = async (why: RegExp, to = address): Promise<void> => {
    const client = connectAgent(to);
    await expect(client.describe()).rejects.toThrow(why);
    client.close();
  };

  it('talks to nobody who is not enrolled, or no more', async () => {
    const { credentials } = await trainer.enrol('leaving');
    const { runJob } = controlledJobs();
    const leaving = await startTestAgent({ host: '0.0.0.0', tls: credentials, runJob });
    const to = `0.0.0.0:${leaving.port}`;
    const connected = connectAgent(to);
    await connected.describe();
    trainer.withStore((store) => store.revoke('leaving'));
    // Nor over a connection from before.
    await expect(connected.benchmark(request())).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('leaving was revoked'),
    });
    connected.close();
    await refusing(/leaving was revoked/, to);
    await leaving.close();
  });

  it('uses nothing that a device says after it was revoked, and stops its job', async () => {
    const jobs = controlledJobs();
    const { credentials } = await trainer.enrol('going');
    const going = await startTestAgent({ host: '0.0.0.0', tls: credentials, runJob: jobs.runJob });
    const client = connectAgent(`0.0.0.0:${going.port}`);
    const revoke = async (jobId: string): Promise<void> => {
      await expect.poll(() => jobs.started).toContain(jobId);
      trainer.withStore((store) => store.revoke('going'));
    };
    const revoked = { code: 'UNAUTHENTICATED', message: expect.stringContaining('going was revoked') };
    await client.describe();
    const finished = expect(client.benchmark(request({ jobId: 'finished' }))).rejects.toMatchObject(revoked);
    await revoke('finished');
    jobs.finish('finished');
    await finished;

    const { credentials: again } = await trainer.enrol('going');
    const back = await startTestAgent({ host: '0.0.0.0', tls: again, runJob: jobs.runJob });
    const second = connectAgent(`0.0.0.0:${back.port}`);
    await second.describe();
    const running = expect(second.benchmark(request({ jobId: 'running' }))).rejects.toMatchObject(revoked);
    await revoke('running');
    await running;
    await expect.poll(() => jobs.signalOf('running').aborted).toBe(true);
    client.close();
    second.close();
    await Promise.all([going.close(), back.close()]);
  });

  it('talks under the name of one device to no other', async () => {
    addAgent('desk', address);
    await refusing(/do not accept each other .*\(it is enrolled as device and not as desk\)/);
  });
});

describe('1,000 connections', () => {
  it('that never say anything take neither the trainer’s connection nor, once they are gone, the next', async () => {
    const client = connectAgent(`0.0.0.0:${agent.port}`);
    const sockets = await flood(agent.port, 1000);
    // Those over the bound were closed at once.
    await expect.poll(() => sockets.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(256);
    expect(log()).toContain('too many connections');
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => failure(mutualTls(own, anyone))).toBeUndefined();
    client.close();
  });

  it('do not cut a call that is under way', async () => {
    const jobs = controlledJobs();
    const busy = await startTestAgent({ host: '0.0.0.0', tls: device, runJob: jobs.runJob });
    const stub = new (loadAgentProto().BenchmarkAgent)(
      `0.0.0.0:${busy.port}`,
      mutualTls(own, anyone),
      TLS_CHANNEL_OPTIONS,
    );
    const call = stub.benchmark(request({ jobId: 'meanwhile' }));
    const outcomes: string[] = [];
    call.on('data', ({ outcome }) => outcome && outcomes.push(outcome.kind)).on('error', () => undefined);
    await expect.poll(() => jobs.started).toEqual(['meanwhile']);
    const sockets = await flood(busy.port, 1000);
    jobs.finish('meanwhile');
    await expect.poll(() => outcomes).toEqual(['OUTCOME_KIND_MEASURED']);
    for (const socket of sockets) socket.destroy();
    stub.close();
    await busy.close();
  });
});

async function flood(port: number, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () =>
    connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .resume(),
  );
  await Promise.all(
    sockets.map((socket) => Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed(socket)])),
  );
  return sockets;
}
