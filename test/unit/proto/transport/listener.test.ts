import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect as connectTls } from 'node:tls';
import {
  type Listener,
  type ListenerOptions,
  listen,
  loadTrainerProto,
  refuseAllButTrainer,
  serverTls,
  TLS_CHANNEL_OPTIONS,
} from '@alphatensor-edge/proto';
import type { ServiceError } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renewTrainer } from '../../../../trainer/src/fleet/trust/authority.js';
import { closed, startTestTrainer, type TestTrainer } from '../../../support/trust.js';

const ANONYMOUS_MS = 300;

let trainer: TestTrainer;
beforeAll(async () => {
  trainer = await startTestTrainer(ANONYMOUS_MS);
});
afterAll(() => trainer.close());

const listeners: Listener[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) {
    listener.close();
    listener.destroyConnections();
  }
});

async function listening(options: Partial<ListenerOptions>, host = '127.0.0.1') {
  const [refusals, connections]: [string[], Socket[]] = [[], []];
  const listener = await listen(host, 0, {
    onConnection: (socket) => connections.push(socket.resume()),
    onRefused: (reason) => refusals.push(reason),
    ...options,
  });
  listeners.push(listener);
  return { port: listener.port, refusals, connections };
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Connections that say they speak HTTP/2, or only `words`. */
function dial(port: number, host = '127.0.0.1', count = 1, words = PREFACE): Socket[] {
  return Array.from({ length: count }, () => {
    const socket = connect(port, host).on('error', () => undefined);
    if (words !== '') socket.write(words);
    return socket.resume();
  });
}

const open = (sockets: readonly Socket[]): number => sockets.filter(({ closed }) => !closed).length;

describe('a listener', () => {
  it('waits for a handshake for a while, however slowly its bytes come', async () => {
    const tls = { ...(await renewTrainer(trainer.authority)), requireCertificate: false };
    const { port, refusals, connections } = await listening({ tls, handshakeMs: 200 });
    const sockets = dial(port, '127.0.0.1', 2, '');
    // The first bytes of a ClientHello that never goes on.
    const drip = setInterval(() => sockets[1].write(Buffer.from([22])), 50);
    sockets[1].write(Buffer.from([22, 3, 1, 2, 0]));
    await Promise.all(sockets.map((socket) => closed(socket)));
    clearInterval(drip);
    expect(refusals.length).toBe(2);
    expect(connections).toEqual([]);
  });

  it('waits in the clear for the first words too, keeps them for their reader, and refuses other words', async () => {
    const heard: string[] = [];
    const { port, refusals } = await listening({
      handshakeMs: 150,
      onConnection: (socket) => void socket.on('data', (bytes) => heard.push(bytes.toString())),
    });
    const [silent] = dial(port, '127.0.0.1', 1, '');
    const [slow] = dial(port, '127.0.0.1', 1, PREFACE.slice(0, 10));
    const [browser] = dial(port, '127.0.0.1', 1, 'GET / HTTP/1.1\r\n');
    const [halting] = dial(port, '127.0.0.1', 1, PREFACE.slice(0, 10));
    setTimeout(() => halting.write(`${PREFACE.slice(10)}settings`), 30);
    await Promise.all([silent, slow, browser].map((socket) => closed(socket)));
    expect(refusals.sort()).toEqual(['no HTTP/2 in time', 'no HTTP/2 in time', 'not HTTP/2']);
    expect(heard.join('')).toBe(`${PREFACE}settings`);
    expect(halting.closed).toBe(false);
  });

  it('sends the silent away, the oldest first, for one who speaks, and nobody who is known', async () => {
    const { port, connections } = await listening({ maxConnections: 4 });
    const known = dial(port, '127.0.0.1', 2);
    await expect.poll(() => connections.length).toBe(2);
    const silent = dial(port, '127.0.0.1', 20, '');
    await expect.poll(() => open(silent)).toBe(2);
    known.push(...dial(port, '127.0.0.1', 2));
    await expect.poll(() => connections.length).toBe(4);
    expect([open(known), open(silent)]).toEqual([4, 0]);
    // Now all are known, so others are refused.
    const [late] = dial(port);
    await closed(late);
    expect(open(known)).toBe(4);
  });

  it('has room for this user although another one speaks on every connection', async (context) => {
    context.skip(process.getuid?.() !== 0, 'only root can be another user');
    const { port, connections } = await listening({ maxConnections: 8 });
    const script = `import { connect } from 'node:net';
      for (let i = 0; i < 30; i++) connect(${port}, '127.0.0.1').on('error', () => {}).write(${JSON.stringify(PREFACE)});
      setTimeout(() => {}, 5000);`;
    const stranger = spawn(process.execPath, ['--input-type=module', '-e', script], { uid: 65_534, gid: 65_534 });
    try {
      await expect.poll(() => connections.length, { timeout: 5000 }).toBeGreaterThanOrEqual(8);
      const own = dial(port, '127.0.0.1', 5);
      await expect.poll(() => connections.filter(({ closed }) => !closed).length).toBe(8);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(open(own)).toBe(5);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('sends away who is of the address with most connections, so that a flood does not end an enrolment', async () => {
    const tls = { ...(await renewTrainer(trainer.authority)), requireCertificate: false };
    const { port, connections } = await listening({ tls, maxConnections: 8, maxConnectionsPerPeer: 4 });
    // New ones come before the old ones are called silent.
    const flood = (): Socket[] =>
      ['127.0.0.2', '127.0.0.3', '127.0.0.4'].flatMap((localAddress) =>
        Array.from({ length: 4 }, () =>
          connect({ port, host: '127.0.0.1', localAddress }).on('error', () => undefined),
        ),
      );
    const before = flood();
    await expect.poll(() => open(before)).toBeLessThanOrEqual(8);
    const device = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    device.on('error', () => undefined).resume();
    await expect.poll(() => connections.length).toBe(1);
    const after = flood();
    await expect.poll(() => open(after)).toBeLessThanOrEqual(8);
    expect(device.closed).toBe(false);
    for (const socket of [...before, ...after, device]) socket.destroy();
  });

  it('lets a device finish its handshake behind an address that is full of silent ones', async () => {
    const { key, certificate, ca } = await renewTrainer(trainer.authority);
    const { credentials } = await trainer.enrol('behind');
    const tls = { key, certificate, ca, requireCertificate: true };
    const { port, connections } = await listening({ tls, maxConnectionsPerPeer: 3, maxConnections: 6 });
    const silent = dial(port, '127.0.0.1', 10, '');
    await expect.poll(() => open(silent)).toBe(3);
    const device = connectTls({
      ...{ port, host: '127.0.0.1', key: credentials.key, cert: credentials.certificate, ca },
      checkServerIdentity: () => undefined,
    }).on('error', () => undefined);
    await expect.poll(() => connections.length, { timeout: 5000 }).toBe(1);
    dial(port, '127.0.0.1', 10, '');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(device.closed).toBe(false);
  });

  it('has room for so many, and for others once they leave', async () => {
    const { port, connections } = await listening({ maxConnections: 3 });
    const first = dial(port, '127.0.0.1', 10);
    await expect.poll(() => open(first)).toBe(3);
    for (const socket of first) socket.destroy();
    await expect.poll(() => dial(port).length + connections.length).toBeGreaterThan(4);
  });

  it('tells of a flood how many there were, and not each', async () => {
    const { port, refusals } = await listening({ maxConnections: 0 });
    dial(port, '127.0.0.1', 100);
    await expect.poll(() => refusals.at(-1), { timeout: 3000 }).toMatch(/^\d+ more within a second$/);
    const untold = refusals
      .filter((reason) => reason !== 'too many connections')
      .map((text) => Number.parseInt(text, 10));
    expect(refusals.length - untold.length + untold.reduce((sum, count) => sum + count, 0)).toBe(100);
    expect(refusals.length).toBeLessThan(50);
  });

  it('has room for others where one address takes all that it can', async (context) => {
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const outer = own.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
    context.skip(outer === undefined, 'this machine has no address but loopback');
    const { port, refusals, connections } = await listening(
      { maxConnectionsPerPeer: 2, maxConnections: 20 },
      '0.0.0.0',
    );
    const greedy = dial(port, outer, 10);
    await expect.poll(() => open(greedy)).toBe(2);
    expect(refusals).toEqual(Array(8).fill('too many connections'));
    dial(port);
    await expect.poll(() => connections.length).toBe(3);
  });

  it('counts those that show a certificate by its key, so that one device does not keep out another behind the same router', async () => {
    const { key, certificate, ca } = await renewTrainer(trainer.authority);
    const { credentials: greedy } = await trainer.enrol('greedy');
    const renewed = await trainer.certify(greedy, {});
    const { credentials: modest } = await trainer.enrol('modest');
    const tls = { key, certificate, ca, requireCertificate: true };
    const { port, refusals, connections } = await listening({ tls, maxConnectionsPerPeer: 2 });
    const dialAs = (own: typeof greedy): Socket =>
      connectTls({
        port,
        host: '127.0.0.1',
        key: own.key,
        cert: own.certificate,
        ca,
        checkServerIdentity: () => undefined,
      })
        .on('error', () => undefined)
        .resume();
    const sockets: Socket[] = [];
    // One after the other: before the certificate is shown the address counts.
    for (let i = 0; i < 5; i++) {
      sockets.push(dialAs(i % 2 === 0 ? greedy : renewed));
      await expect.poll(() => refusals.length + connections.length, { timeout: 5000 }).toBe(i + 1);
    }
    expect(refusals).toEqual(Array(3).fill('too many connections'));
    expect(connections).toHaveLength(2);
    dialAs(modest);
    await expect.poll(() => connections.length, { timeout: 5000 }).toBe(3);
    for (const socket of sockets) socket.destroy();
    // There is room again once they left.
    await expect.poll(() => dialAs(greedy) && connections.length).toBeGreaterThan(3);
  });
});

describe('a peer of the hub without a certificate', () => {
  it('that says nothing, or never reads, is sent away', async () => {
    const quiet = connectTls({
      port: trainer.port,
      host: '127.0.0.1',
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
    });
    const deaf = connectTls({
      port: trainer.port,
      host: '127.0.0.1',
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
    });
    await Promise.all([once(quiet, 'secureConnect'), once(deaf, 'secureConnect')]);
    const started = performance.now();
    quiet.resume().on('error', () => undefined);
    deaf.pause().on('error', () => undefined);
    // The preface, empty settings and pings (RFC 9113) whose answers nobody takes.
    const ping = Buffer.from(`000008060000000000${'00'.repeat(8)}`, 'hex');
    deaf.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    deaf.write(Buffer.concat([Buffer.from('000000040000000000', 'hex'), ...Array(100).fill(ping)]));
    await closed(quiet);
    // It has to read to notice.
    deaf.resume();
    await closed(deaf);
    expect(performance.now() - started).toBeLessThan(10 * ANONYMOUS_MS);
    expect(await trainer.enrol('after').then(({ credentials }) => credentials.trainer)).toBe(trainer.address);
  });

  it('does not stay by a session that it resumes', async () => {
    const greet = (session?: Buffer) =>
      connectTls({
        port: trainer.port,
        host: '127.0.0.1',
        ALPNProtocols: ['h2'],
        rejectUnauthorized: false,
        ...(session === undefined ? {} : { session }),
      })
        .resume()
        .on('error', () => undefined);
    const first = greet();
    const [session] = (await once(first, 'session')) as [Buffer];
    const again = greet(session);
    await once(again, 'secureConnect');
    expect(again.isSessionReused()).toBe(false);
    await closed(again);
  });

  it('can ask for nothing but to enrol, in few bytes and few calls at a time', async () => {
    const Stub = loadTrainerProto().Enrollment;
    const stub = new Stub(trainer.address, serverTls(trainer.authority.ca, refuseAllButTrainer), TLS_CHANNEL_OPTIONS);
    const huge = { secret: Buffer.alloc(16), certificateRequest: Buffer.alloc(256 * 1024) };
    const error = await new Promise<ServiceError | null>((resolve) => stub.enroll(huge, resolve));
    stub.close();
    expect(error?.details).toMatch(/larger/);
    const session = connectHttp2('https://hub', {
      createConnection: () =>
        connectTls({ port: trainer.port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false }),
    });
    await once(session, 'remoteSettings');
    expect(session.remoteSettings.maxConcurrentStreams).toBe(32);
    session.destroy();
  });
});
