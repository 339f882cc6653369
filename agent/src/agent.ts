import type { QueueState } from '@alphatensor-edge/proto';
import { type Logger, messageOf, usableThreads } from '@alphatensor-edge/shared';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { requireBackends, restrictTo } from './backends/backends.js';
import { namedProblems } from './blas/named.js';
import type { Settings } from './config/settings.js';
import { describeDevice } from './device/describe.js';
import { deviceId, stateFolder } from './device/device-id.js';
import { runJob } from './job/run-job.js';
import { type Operations, serveOnPort, serveOnSocket } from './operations/endpoint.js';
import { type EndedJob, recorded } from './operations/job-record.js';
import { agentMetrics } from './operations/metrics.js';
import { type AgentStatus, trainerStatus } from './operations/status.js';
import { onHostLockWait, waitsFor } from './process/host-lock.js';
import { nameHolder } from './process/lock-holder.js';
import { doubtSentence, examineLockReach } from './process/lock-reach.js';
import { removeStaleFolders } from './process/private-folder.js';
import { requireReachable } from './server/security.js';
import { type RunningServer, startServer } from './server/server.js';
import { type Credentials, loadCredentials } from './trainer/credentials.js';
import { holdLink, type Link, linkCredentials } from './trainer/link.js';
import { keepRenewed } from './trainer/renewal.js';
import { AGENT_VERSION } from './version.js';

/** Holds an agent that serves. */
export interface RunningAgent {
  /** HOST:PORT as it is bound. */
  readonly address: string;
  readonly port: number;
  /** Undefined if no metrics port was asked for. */
  readonly metricsPort: number | undefined;
  readonly queueState: QueueState;
  /** Takes no more jobs, gives the running one `drainSeconds` to end, and ends. */
  stop(drainSeconds: number): Promise<void>;
}

/**
 * Puts an agent together and starts it: the server that trainers ask, the link to the trainer if one is wanted, the
 * renewal of its certificate, and the endpoint for those who run it.
 * @throws AlphaTensorError if a setting cannot be met
 */
export async function startAgent(settings: Settings, logger: Logger): Promise<RunningAgent> {
  const { host, port, queue, connect, metricsPort } = settings;
  requireReachable(host, connect);
  // Our own sentences say what goes wrong.
  if (process.env.GRPC_VERBOSITY === undefined) setLogVerbosity(logVerbosity.NONE);
  const offer = { backends: settings.backend, blas: settings.blas };
  restrictTo(offer);
  const endTelling = onHostLockWait((holder) =>
    logger.warn({ holder }, 'waiting for another measurement on this host'),
  );
  const operations: Operations[] = [{ close: endTelling }];
  await removeStaleFolders().catch((error) => logger.warn({ err: error }, 'folders of killed agents stay'));

  const folder = stateFolder();
  let credentials = loadCredentials(folder);
  const dialled = connect === undefined ? undefined : linkCredentials(folder, connect);
  const identity = {
    agentVersion: AGENT_VERSION,
    deviceId: deviceId(folder),
    device: await describeDevice(),
    backends: await requireBackends(offer),
    maxThreads: usableThreads(),
  };

  for (const problem of await namedProblems()) logger.warn(problem);

  const { files, doubt } = await examineLockReach();
  if (doubt !== '') logger.warn(doubtSentence({ doubt }));

  const startedAt = new Date().toISOString();
  let lastJob: EndedJob | null = null;
  let draining = false;
  let link: Link | undefined;
  const status = (): AgentStatus => ({
    pid: process.pid,
    address: server.address,
    agentVersion: AGENT_VERSION,
    deviceId: identity.deviceId,
    startedAt,
    draining,
    queue: server.queueState,
    backends: identity.backends.filter(({ available }) => available).map(({ name }) => name),
    lastJob,
    hostLock: { files, doubt, waitsFor: waitsFor() ?? null },
    trainer: trainerStatus(credentials, connect, link),
  });
  const metrics = agentMetrics(identity, status);
  const server: RunningServer = await startServer({
    host,
    port,
    queueCapacity: queue,
    identity,
    runJob: recorded(runJob, (job) => {
      lastJob = job;
      metrics.count(job);
    }),
    logger,
    tls: credentials,
  });

  nameHolder(`at-agent serve, ${server.address}`);
  const onChanged = (present: Credentials): void => {
    credentials = present;
    server.setTls(present);
  };
  const trainer = connect === true ? undefined : connect;
  operations.push(keepRenewed({ stateFolder: folder, trainer, credentials }, onChanged, logger));
  const stop = async (drainSeconds: number): Promise<void> => {
    draining = true;
    try {
      await server.close(drainSeconds);
    } finally {
      for (const each of operations) each.close();
    }
  };
  try {
    const scraped = metricsPort === undefined ? undefined : await serveOnPort(metricsPort, status, metrics);
    if (scraped !== undefined) operations.push(scraped);
    // Measuring does not need the socket, so a folder that cannot hold one is no reason not to serve.
    await serveOnSocket(status, metrics).then(
      (socket) => operations.push(socket),
      (error) => logger.warn(messageOf(error)),
    );
    if (dialled !== undefined) {
      const present = (): Credentials => {
        credentials = dialled();
        return credentials;
      };
      link = holdLink({ credentials: present, serve: server.serveLinked, logger });
      operations.push(link);
    }
    return {
      address: server.address,
      port: server.port,
      metricsPort: scraped?.port,
      get queueState() {
        return server.queueState;
      },
      stop,
    };
  } catch (error) {
    await stop(0);
    throw error;
  }
}
