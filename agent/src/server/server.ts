import { CHANNEL_OPTIONS } from '@alphatensor-edge/proto';
import { AlphaTensorError, type Logger, messageOf } from '@alphatensor-edge/shared';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { type Benchmark, JobQueue } from './queue.js';
import { formatAddress, requireLoopback } from './security.js';
import { benchmarkAgentService, type Identity } from './service.js';
import { guardedService } from './wire.js';

const SERVICE = 'alphatensor.agent.v1.BenchmarkAgent';

/** How long callers have to hear the last of their calls when the agent stops, milliseconds. */
const SHUTDOWN_MS = 1_000;

export interface ServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Jobs that may wait while one runs. */
  readonly queueCapacity: number;
  readonly identity: Identity;
  readonly benchmark: Benchmark;
  readonly logger: Logger;
}

export interface RunningServer {
  /** HOST:PORT as it is bound. */
  readonly address: string;
  readonly port: number;
  /** Takes no more calls, stops the running job and ends. */
  close(): Promise<void>;
}

/**
 * Serves the agent and its health on a loopback address.
 * @throws AlphaTensorError INVALID_ARGUMENT (another machine could reach the host), UNAVAILABLE (the port is taken)
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, identity, benchmark, logger } = options;
  requireLoopback(host);
  const queue = new JobQueue(benchmark, options.queueCapacity);
  const health = new HealthImplementation({ '': 'SERVING', [SERVICE]: 'SERVING' });
  const server = new Server(CHANNEL_OPTIONS);
  server.addService(guardedService(), benchmarkAgentService(identity, queue, logger));
  health.addToServer(server);

  const port = await bind(server, host, options.port);
  return {
    address: formatAddress(host, port),
    port,
    close: async () => {
      health.setStatus('', 'NOT_SERVING');
      health.setStatus(SERVICE, 'NOT_SERVING');
      const ended = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      await queue.close();
      // A watcher of the health service, or a caller that reads nothing, would keep its call open for ever.
      const timer = setTimeout(() => server.forceShutdown(), SHUTDOWN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(formatAddress(host, port), ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) return resolve(bound);
      reject(
        new AlphaTensorError(
          'UNAVAILABLE',
          `The agent cannot listen on ${formatAddress(host, port)} (${messageOf(error)}); choose another --port, or 0 for a free one.`,
          { field: 'port', cause: error },
        ),
      );
    });
  });
}
