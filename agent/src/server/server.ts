import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import {
  CHANNEL_OPTIONS,
  formatAddress,
  identityOf,
  isLoopback,
  type Listener,
  type ListenerOptions,
  listen,
  listenAdvice,
  type QueueState,
  refuseAllButTrainer,
  type TlsMaterial,
} from '@alphatensor-edge/proto';
import { AlphaTensorError, type Logger, messageOf } from '@alphatensor-edge/shared';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { RunJob } from '../job/job.js';
import { JobQueue } from './queue.js';
import { NO_LISTENER, requireCredentials } from './security.js';
import { benchmarkAgentService, type Identity } from './service.js';
import { guardedService } from './wire.js';

const SERVICE = 'alphatensor.agent.v1.BenchmarkAgent';

/** The time that callers have to hear the end of their calls when the agent stops, milliseconds. */
const SHUTDOWN_MS = 1_000;

/**
 * The time after which a connection without a call is closed, milliseconds. A client opens another when it needs
 * one.
 */
const IDLE_MS = 300_000;

/** Holds what a server is started with. */
export interface ServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Number of jobs that may wait while one runs. */
  readonly queueCapacity: number;
  readonly identity: Identity;
  readonly runJob: RunJob;
  readonly logger: Logger;
  /** Who the agent is and whom it trusts. Required, and used, for a host that other machines can reach. */
  readonly tls?: TlsMaterial | undefined;
}

/** Holds a server that listens. */
export interface RunningServer {
  /** HOST:PORT as it is bound; `none` without a listener. */
  readonly address: string;
  /** 0 without a listener. */
  readonly port: number;
  readonly queueState: QueueState;
  /** Serves a connection that came over the link to the trainer. */
  serveLinked(connection: Duplex): void;
  /** Changes key and certificates, after a renewal. */
  setTls(material: TlsMaterial): void;
  /** Takes no more calls, gives the running job `drainSeconds` to end, then stops it and ends. */
  close(drainSeconds?: number): Promise<void>;
}

/**
 * Serves the agent and its health: on loopback to the users of this machine, on any other address with mutual TLS to
 * the trainer, and over a link to whoever sends through it.
 * @throws AlphaTensorError INVALID_ARGUMENT (other machines could reach the host), UNAVAILABLE (the port is taken)
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, identity, runJob, logger, tls } = options;
  requireCredentials(host, tls);
  const queue = new JobQueue(runJob, options.queueCapacity);
  const health = new HealthImplementation({ '': 'SERVING', [SERVICE]: 'SERVING' });
  const serve = (more: Record<string, number>) => {
    const server = new Server({ ...CHANNEL_OPTIONS, ...more });
    server.addService(guardedService(), benchmarkAgentService(identity, queue, logger));
    health.addToServer(server);
    return { server, injector: server.createConnectionInjector(ServerCredentials.createInsecure()) };
  };
  const direct = serve({ 'grpc.max_connection_idle_ms': IDLE_MS });
  // The link itself notices when it is cut, and its connections outlive a cut for a while.
  const linked = serve({ 'grpc.keepalive_time_ms': -1 });

  const listener = await bindUnless(host === NO_LISTENER, host, options.port, {
    tls: isLoopback(host) || tls === undefined ? undefined : { ...tls, requireCertificate: true, refusal: notTrainer },
    onConnection: (socket) => direct.injector.injectConnection(socket),
    onRefused: (reason, peer) => logger.warn({ peer, reason }, 'connection refused'),
  });
  return {
    address: host === NO_LISTENER ? NO_LISTENER : formatAddress(host, listener.port),
    port: listener.port,
    serveLinked: (connection) => linked.injector.injectConnection(connection),
    setTls: listener.setTls,
    get queueState() {
      return queue.state;
    },
    close: async (drainSeconds = 0) => {
      health.setStatus('', 'NOT_SERVING');
      health.setStatus(SERVICE, 'NOT_SERVING');
      listener.close();
      const servers = [direct.server, linked.server];
      const ended = servers.map((server) => new Promise<void>((resolve) => server.tryShutdown(() => resolve())));
      await queue.close(drainSeconds);
      // A watcher of the health service, or a caller that does not read, would keep its call open for ever.
      const timer = setTimeout(() => {
        for (const server of servers) server.forceShutdown();
        listener.destroyConnections();
      }, SHUTDOWN_MS);
      await Promise.all(ended);
      clearTimeout(timer);
      listener.destroyConnections();
    },
  };
}

/** Tells why a peer is not the trainer. Other agents have certificates of the same CA. */
function notTrainer(socket: TLSSocket): string | undefined {
  return refuseAllButTrainer(identityOf(socket.getPeerCertificate().raw));
}

const NOBODY: Listener = {
  port: 0,
  setTls: () => undefined,
  close: () => undefined,
  destroyConnections: () => undefined,
};

function bindUnless(none: boolean, host: string, port: number, options: ListenerOptions): Promise<Listener> {
  return none ? Promise.resolve(NOBODY) : bind(host, port, options);
}

async function bind(host: string, port: number, options: ListenerOptions): Promise<Listener> {
  try {
    return await listen(host, port, options);
  } catch (error) {
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `The agent cannot listen on ${formatAddress(host, port)} (${messageOf(error)}); ${listenAdvice(error, host)}.`,
      { field: 'port', cause: error },
    );
  }
}
