import { createPrivateKey, createPublicKey, randomUUID, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { formatToken, identityOf, newToken, type Role } from '@alphatensor-edge/proto';
import type { Logger } from '@alphatensor-edge/shared';
import { pino } from 'pino';
import { type RunningServer, startServer } from '../../agent/src/server/server.js';
import { enroll } from '../../agent/src/trainer/client.js';
import { type Credentials, saveCredentials } from '../../agent/src/trainer/credentials.js';
import { type Endpoint, startEndpoint } from '../../trainer/src/fleet/hub/endpoint.js';
import { type Authority, openAuthority, renewTrainer } from '../../trainer/src/fleet/trust/authority.js';
import { TrustStore } from '../../trainer/src/fleet/trust/trust-store.js';
import { BACKENDS, DESCRIPTION, DEVICE } from './agent.js';

/** A trainer of a test's own, listening with real TLS, and the folder that holds all of it and of its devices. */
export interface TestTrainer {
  readonly folder: string;
  readonly authority: Authority;
  readonly port: number;
  /** HOST:PORT of the endpoint. */
  readonly address: string;
  /** Ends the endpoint and starts it anew on the same port. */
  restart(): Promise<void>;
  /** All that the trainer logged. */
  readonly log: () => string;
  /** The trust store, for one action. */
  withStore<T>(action: (store: TrustStore) => T): T;
  /** @param seconds how long the token is good; below 0 it has expired */
  invite(name: string, seconds?: number): string;
  /** Enrols a device under a name, with its state in a folder of the name. */
  enrol(name: string): Promise<{ credentials: Credentials; state: string }>;
  /** Another certificate for the key of the credentials; `days` below 0: it has expired. */
  certify(
    credentials: Credentials,
    how: { readonly days?: number; readonly role?: Role; readonly authority?: Authority },
  ): Promise<Credentials>;
  /** A CA that is not this trainer's. */
  otherAuthority(): Promise<Authority>;
  close(): void;
}

/** @param anonymousMs see EndpointOptions */
export async function startTestTrainer(anonymousMs?: number): Promise<TestTrainer> {
  const folder = mkdtempSync(join(tmpdir(), 'at-trust-test-'));
  process.env.ALPHATENSOR_CONFIG_DIR = join(folder, 'trainer');
  const { logger, text } = memoryLogger();
  const authority = await openAuthority();
  await renewTrainer(authority);
  const start = (port: number): Promise<Endpoint> =>
    startEndpoint({
      host: '127.0.0.1',
      port,
      trainerVersion: '0.1.0',
      logger,
      ...(anonymousMs === undefined ? {} : { anonymousMs }),
    });
  let endpoint = await start(0);
  const { port } = endpoint;
  const address = `127.0.0.1:${port}`;
  const withStore = <T>(action: (store: TrustStore) => T): T => {
    const store = TrustStore.open();
    try {
      return action(store);
    } finally {
      store.close();
    }
  };
  const invite = (name: string, seconds = 60): string => {
    const token = newToken(new X509Certificate(authority.ca).raw);
    withStore((store) => store.invite(name, token.secret, new Date(Date.now() + seconds * 1000)));
    return formatToken(token);
  };
  return {
    folder,
    authority,
    port,
    address,
    restart: async () => {
      endpoint.close();
      endpoint = await start(port);
    },
    log: text,
    withStore,
    invite,
    enrol: async (name) => {
      const credentials = await enroll(address, invite(name));
      const state = join(folder, name);
      saveCredentials(state, credentials);
      return { credentials, state };
    },
    certify: async (credentials, { days, role = identityOf(credentials.certificate)!, authority: by = authority }) => {
      const key = createPublicKey(createPrivateKey(credentials.key)).export({ type: 'spki', format: 'der' });
      return { ...credentials, certificate: await by.issue(role, key, days) };
    },
    otherAuthority: () => {
      process.env.ALPHATENSOR_CONFIG_DIR = join(folder, 'other-trainer');
      return openAuthority().finally(() => {
        process.env.ALPHATENSOR_CONFIG_DIR = join(folder, 'trainer');
      });
    },
    close: () => {
      endpoint.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A log of every level, kept. */
export function memoryLogger(): { logger: Logger; text: () => string } {
  let kept = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      kept += chunk;
      done();
    },
  });
  return { logger: pino({ level: 'trace' }, stream), text: () => kept };
}

/** What a test agent says of itself, under an id that others have too. */
export const TEST_IDENTITY = {
  agentVersion: '0.1.0',
  deviceId: DESCRIPTION.deviceId,
  device: DEVICE,
  backends: BACKENDS,
  maxThreads: 2,
};

/** The agent's server with a way of running jobs of the test's own. */
export function startTestAgent(
  options: Pick<Parameters<typeof startServer>[0], 'runJob'> & Partial<Parameters<typeof startServer>[0]>,
): Promise<RunningServer> {
  return startServer({
    host: '127.0.0.1',
    port: 0,
    queueCapacity: 16,
    identity: { ...TEST_IDENTITY, deviceId: randomUUID() },
    logger: memoryLogger().logger,
    ...options,
  });
}

/** A line to a server of this machine that can be cut and mended. */
export interface Line {
  readonly address: string;
  /** Ends what is connected and refuses what comes. */
  cut(): void;
  mend(): void;
  close(): void;
}

/** @param to a port of this machine, or the path of a socket */
export async function lineTo(to: number | string): Promise<Line> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = typeof to === 'string' ? connect(to) : connect(to, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket.setNoDelay().on('error', () => undefined));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true;
      drop();
    },
    mend: () => {
      isCut = false;
    },
    close: () => {
      server.close();
      drop();
    },
  };
}

/** Resolves when a socket is closed, with or without an error. */
export function closed(socket: Socket): Promise<unknown> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', resolve));
}
