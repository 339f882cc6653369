import { availableParallelism } from 'node:os';
import { AlphaTensorError, createLogger } from '@alphatensor-edge/shared';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { Command, InvalidArgumentError } from 'commander';
import { describeDevice } from '../device/describe.js';
import { benchmark } from '../measure/benchmark.js';
import { deviceId, stateFolder } from '../server/device-id.js';
import { startServer } from '../server/server.js';
import { describeBackends } from '../toolchain/backends.js';
import { removeStaleFolders } from '../toolchain/private-folder.js';
import { AGENT_VERSION } from '../version.js';

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly queue: number;
  readonly logLevel?: string;
  readonly json?: true;
}

/** `at-agent serve`: until SIGINT or SIGTERM. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('measure what trainers ask for, one candidate at a time, until Ctrl-C')
    .option('--host <address>', 'loopback address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', wholeNumber(0, 65_535), 50_051)
    .option('--queue <jobs>', 'jobs that may wait while one runs', wholeNumber(0, 1_000), 16)
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent (else ALPHATENSOR_LOG_LEVEL, else warn)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  at-agent serve\n  at-agent serve --port 0 --json')
    .action(serve);
}

async function serve({ host, port, queue, logLevel, json }: ServeOptions): Promise<void> {
  // What goes wrong is said in our own sentences.
  if (process.env.GRPC_VERBOSITY === undefined) setLogVerbosity(logVerbosity.NONE);
  const stopped = stopSignal();
  const logger = createLogger('at-agent', logLevel);
  await removeStaleFolders().catch((error) => logger.warn({ err: error }, 'folders of killed agents stay'));
  const server = await startServer({
    host,
    port,
    queueCapacity: queue,
    identity: {
      agentVersion: AGENT_VERSION,
      deviceId: deviceId(stateFolder()),
      device: await describeDevice(),
      backends: await describeBackends(),
      maxThreads: availableParallelism(),
    },
    benchmark,
    logger,
  });
  process.stdout.write(
    json
      ? `${JSON.stringify({ event: 'listening', address: server.address, port: server.port, pid: process.pid })}\n`
      : `listening on ${server.address}\n`,
  );
  logger.info({ signal: await stopped }, 'stopping');
  await server.close();
}

/** The first SIGINT or SIGTERM; a second one ends the process, and with it its children, at once. */
function stopSignal(): Promise<string> {
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

function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Write a whole number from ${low} to ${high}.`);
  };
}
