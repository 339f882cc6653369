import {
  CHANNEL_OPTIONS,
  formatAddress,
  type Listener,
  listen,
  listenAdvice,
  loadTrainerProto,
} from '@alphatensor-edge/proto';
import { AlphaTensorError, type Logger, messageOf } from '@alphatensor-edge/shared';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { openAuthority, renewTrainer } from '../trust/authority.js';
import { TrustStore } from '../trust/trust-store.js';
import { enrollmentService } from './enrollment.js';
import { takeHubLock, writeHubRecord } from './hub-record.js';
import { Links } from './links.js';

const ANONYMOUS_MS = 30_000;
/** Milliseconds until a revocation closes a link. */
const SYNC_MS = 1_000;
const RENEWAL_MS = 3_600_000;
/** A link that was cut is noticed within twice this time. */
const KEEPALIVE_MS = 10_000;
/**
 * Bounds what any connection can make the hub keep in memory: calls at a time (a device carries 16 and offers one more) and
 * bytes of a message (a link sends what it read at once, up to 64 KiB; a certificate request has a few hundred bytes).
 */
const BOUNDS = { 'grpc.max_concurrent_streams': 32, 'grpc.max_receive_message_length': 128 * 1024 };

/** Holds the options of the hub's endpoint. */
export interface EndpointOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly trainerVersion: string;
  readonly logger: Logger;
  /** How long a peer without a certificate stays connected: enough to enrol, since it can do nothing else here. */
  readonly anonymousMs?: number | undefined;
}

/** Represents the running endpoint. */
export interface Endpoint {
  /** HOST:PORT as it is bound. */
  readonly address: string;
  readonly port: number;
  close(): void;
}

/**
 * Starts the trainer's endpoint for devices. It enrols them, renews their certificates and holds the links of devices that
 * dial in.
 * @throws AlphaTensorError RESOURCE_EXHAUSTED (another hub runs), UNAVAILABLE (the port is taken)
 */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { host, port, trainerVersion, logger, anonymousMs = ANONYMOUS_MS } = options;
  const lock = takeHubLock();
  const authority = await openAuthority();
  const store = TrustStore.open();
  const links = new Links(store, logger);
  const syncLinks = (): Promise<void> =>
    links.sync().catch((error) => logger.error({ err: error }, 'reading who is enrolled failed'));
  const server = new Server({
    ...CHANNEL_OPTIONS,
    ...BOUNDS,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_MS,
  });
  const { Enrollment, AgentLink } = loadTrainerProto();
  server.addService(
    Enrollment.service,
    enrollmentService({ authority, store, trainerVersion, logger, onEnrolled: syncLinks }),
  );
  server.addService(AgentLink.service, links.service());
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  let listener: Listener | undefined;
  const timers: NodeJS.Timeout[] = [];
  const close = (): void => {
    for (const timer of timers) clearInterval(timer);
    links.close();
    listener?.close();
    server.forceShutdown();
    listener?.destroyConnections();
    store.close();
    lock.close();
  };
  try {
    await links.sync();
    listener = await listen(host, port, {
      tls: {
        ...(await renewTrainer(authority)),
        requireCertificate: false,
        refusal: (socket) => {
          if (socket.getPeerX509Certificate() === undefined) setTimeout(() => socket.destroy(), anonymousMs).unref();
          return undefined;
        },
      },
      onConnection: (socket) => injector.injectConnection(socket),
      onRefused: (reason, peer) => logger.warn({ peer, reason }, 'connection refused'),
    });
  } catch (error) {
    close();
    if (error instanceof AlphaTensorError) throw error;
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `The trainer cannot listen on ${formatAddress(host, port)} (${messageOf(error)}); ${listenAdvice(error, host)}.`,
      { field: '--port', cause: error },
    );
  }
  const bound = listener;
  writeHubRecord({ host, port: bound.port });
  const every = (ms: number, what: string, action: () => Promise<void>): void => {
    const run = (): void => void action().catch((error) => logger.error({ err: error }, `${what} failed`));
    timers.push(setInterval(run, ms));
  };
  timers.push(setInterval(syncLinks, SYNC_MS));
  every(RENEWAL_MS, 'renewing its own certificate', async () => bound.setTls(await renewTrainer(authority)));
  return { address: formatAddress(host, bound.port), port: bound.port, close };
}
