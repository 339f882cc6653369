import { availableParallelism } from 'node:os';
import type { Backend } from '@alphatensor-edge/proto';
import { AlphaTensorError, createLogger, messageOf, OPTION_WORDS } from '@alphatensor-edge/shared';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { Command } from 'commander';
import { describeBackends, restrictTo } from '../backends/backends.js';
import { type Flags, requireSettings } from '../config/resolve.js';
import { SETTING_KEYS, SETTINGS } from '../config/settings.js';
import { describeDevice } from '../device/describe.js';
import { deviceId, stateFolder } from '../device/device-id.js';
import { runJob } from '../job/run-job.js';
import { type Operations, serveOnPort, serveOnSocket } from '../operations/endpoint.js';
import { type EndedJob, recorded } from '../operations/job-record.js';
import { agentMetrics } from '../operations/metrics.js';
import type { AgentStatus, TrainerStatus } from '../operations/status.js';
import { removeStaleFolders } from '../process/private-folder.js';
import { startServer } from '../server/server.js';
import { splitAddress } from '../trainer/client.js';
import { agentIdentity, type Credentials, loadCredentials } from '../trainer/credentials.js';
import { holdLink, type Link } from '../trainer/link.js';
import { keepRenewed } from '../trainer/renewal.js';
import { AGENT_VERSION } from '../version.js';

type ServeOptions = Flags & { readonly config?: string; readonly json?: true };

/** `at-agent serve`: until SIGINT or SIGTERM. */
export function serveCommand(): Command {
  const command = new Command('serve').description(
    'measure what trainers ask for, one candidate at a time, until Ctrl-C',
  );
  for (const key of SETTING_KEYS) {
    const { option, description, variable, fallback } = SETTINGS[key];
    command.option(option, `${description} (${variable}; default ${fallback ?? 'off'})`);
  }
  return command
    .option('--config <file>', 'configuration file; options and environment win over it (see at-agent config check)')
    .option('--json', OPTION_WORDS.json)
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent serve\n  at-agent serve --port 0 --json\n  at-agent serve --port 50052 --backend c-clang --blas BLIS\n  at-agent serve --connect          # from behind any router\n  at-agent serve --metrics-port 9464',
    )
    .action(serve);
}

async function serve({ config, json, ...flags }: ServeOptions): Promise<void> {
  const settings = requireSettings(flags, config);
  const { host, port, queue, backend, blas, connect, drain, metricsPort, logLevel, logFormat } = settings;
  // What goes wrong is said in our own sentences.
  if (process.env.GRPC_VERBOSITY === undefined) setLogVerbosity(logVerbosity.NONE);
  restrictTo({ ...(backend ? { backends: backend } : {}), ...(blas ? { blas } : {}) });
  const stopped = stopSignal();
  const logger = createLogger('at-agent', logLevel, logFormat);
  await removeStaleFolders().catch((error) => logger.warn({ err: error }, 'folders of killed agents stay'));
  const folder = stateFolder();
  let credentials = loadCredentials(folder);
  const dialled = connect === undefined ? undefined : linkCredentials(folder, connect);
  let link: Link | undefined;
  const identity = {
    agentVersion: AGENT_VERSION,
    deviceId: deviceId(folder),
    device: await describeDevice(),
    backends: await offered(backend, blas),
    maxThreads: availableParallelism(),
  };
  const startedAt = new Date().toISOString();
  let lastJob: EndedJob | null = null;
  let draining = false;
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
    trainer: trainerStatus(credentials, connect, link),
  });
  const metrics = agentMetrics(identity, status);
  const server = await startServer({
    host,
    port,
    queueCapacity: queue,
    identity,
    runJob: recorded(runJob, (job) => {
      lastJob = job;
      metrics.count(job);
    }),
    logger,
    ...(credentials === undefined ? {} : { tls: credentials }),
  });
  const onChanged = (present: Credentials): void => {
    credentials = present;
    server.setTls(present);
  };
  const trainer = connect === true ? undefined : connect;
  const operations: Operations[] = [keepRenewed({ stateFolder: folder, trainer, credentials }, onChanged, logger)];
  try {
    const scraped = metricsPort === undefined ? undefined : await serveOnPort(metricsPort, status, metrics);
    if (scraped !== undefined) operations.push(scraped);
    // Measuring does not need it, so that a folder that cannot hold a socket is no reason not to serve.
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
    const { address } = server;
    const listening = { event: 'listening', address, port: server.port, metricsPort: scraped?.port };
    process.stdout.write(
      json ? `${JSON.stringify({ ...listening, pid: process.pid })}\n` : `listening on ${address}\n`,
    );
    logger.info(listening, 'listening');
    const signal = await stopped;
    draining = true;
    logger.info({ signal, ...server.queueState }, 'stopping');
    await server.close(signal === 'SIGTERM' ? drain : 0);
  } catch (error) {
    await server.close(0);
    throw error;
  } finally {
    for (const each of operations) each.close();
  }
}

/**
 * A reader of what the link is made with, each time anew.
 * @param connect the trainer's address, or true for the one of the enrolment
 * @throws AlphaTensorError INVALID_ARGUMENT (no address), UNAUTHENTICATED (not enrolled)
 */
function linkCredentials(folder: string, connect: string | true): () => Credentials {
  if (connect !== true) splitAddress(connect);
  const read = (): Credentials => {
    const credentials = loadCredentials(folder);
    if (credentials !== undefined) return connect === true ? credentials : { ...credentials, trainer: connect };
    throw new AlphaTensorError(
      'UNAUTHENTICATED',
      'This device is not enrolled; run at-agent enroll --trainer HOST:PORT --token TOKEN first.',
      { field: '--connect' },
    );
  };
  read();
  return read;
}

/** @param credentials those that count now */
function trainerStatus(
  credentials: Credentials | undefined,
  connect: string | true | undefined,
  link: Link | undefined,
): TrainerStatus | null {
  if (credentials === undefined) return null;
  const { name, validTo } = agentIdentity(credentials);
  return {
    name,
    address: typeof connect === 'string' ? connect : credentials.trainer,
    certificateExpiresAt: validTo.toISOString(),
    connected: connect === undefined ? null : link?.connected === true,
  };
}

/** @throws AlphaTensorError UNAVAILABLE where what was asked for by name does not work here: better no agent than another one */
async function offered(backend: readonly string[] | undefined, blas: string | undefined): Promise<Backend[]> {
  const backends = await describeBackends();
  const asked = backends.filter(({ name }) => backend?.includes(name) ?? blas !== undefined);
  const broken = asked.find(({ available }) => !available);
  if (broken !== undefined && (backend !== undefined || asked.every(({ available }) => !available))) {
    throw new AlphaTensorError('UNAVAILABLE', `${broken.name} is not available: ${broken.reason}.`);
  }
  return backends;
}

/** The first SIGINT or SIGTERM; a second one ends the process, and with it its children, at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(new AlphaTensorError('CANCELLED', '').exitCode);
      stopping = true;
      resolve(signal);
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}
