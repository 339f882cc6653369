import { createLogger, wholeNumber } from '@alphatensor-edge/shared';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { Command, Option } from 'commander';
import { startEndpoint } from '../fleet/hub/endpoint.js';
import { HUB_PORT, whyUnreachable } from '../fleet/hub/hub-address.js';
import { PROGRAM_VERSION } from '../version.js';
import { jsonOption } from './options.js';
import { interruptSignal, print } from './output.js';

interface HubOptions {
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly json?: boolean;
}

export function hubCommand(): Command {
  return new Command('hub')
    .summary('let devices enrol, renew certificates and dial in')
    .description(
      'Listens for devices until Ctrl-C: enrols those that were invited, renews certificates, and holds the links of devices that ' +
        'dial in, for all other commands of this user on this machine. One is enough; keep it running.',
    )
    .option('--host <address>', 'address to listen on', '0.0.0.0')
    .addOption(
      new Option('--port <number>', 'port to listen on; 0 takes a free one')
        .argParser(wholeNumber('--port', 0, 65_535))
        .default(HUB_PORT),
    )
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent', 'info')
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  at-trainer hub\n  at-trainer hub --host 192.0.2.7 --port 50052')
    .action(hub);
}

async function hub({ host, port, logLevel, json }: HubOptions): Promise<void> {
  // What goes wrong is said in our own sentences.
  if (process.env.GRPC_VERBOSITY === undefined) setLogVerbosity(logVerbosity.NONE);
  const stopped = new Promise((resolve) => interruptSignal().addEventListener('abort', resolve));
  const logger = createLogger('at-trainer', logLevel, 'pretty');
  const endpoint = await startEndpoint({ host, port, trainerVersion: PROGRAM_VERSION, logger });
  const { address } = endpoint;
  const listening = { event: 'listening', address, port: endpoint.port, pid: process.pid };
  print(json ? JSON.stringify(listening) : `listening on ${address}`);
  const unreachable = whyUnreachable(host);
  if (unreachable !== undefined) logger.warn(unreachable);
  await stopped;
  endpoint.close();
}
