import { AlphaTensorError, createLogger, OPTION_WORDS } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { startAgent } from '../agent.js';
import { type Flags, requireSettings } from '../config/resolve.js';
import { SETTING_KEYS, SETTINGS } from '../config/settings.js';
import { NO_LISTENER } from '../server/security.js';

type ServeOptions = Flags & { readonly config?: string; readonly json?: true };

/** Makes `at-agent serve`, which runs until SIGINT or SIGTERM. */
export function serveCommand(): Command {
  const command = new Command('serve').description(
    'measure what trainers ask for, one candidate at a time, until Ctrl-C',
  );
  for (const key of SETTING_KEYS) {
    const { option, description, variable, fallback } = SETTINGS[key];
    command.option(option, `${description} (${variable}; default ${fallback ?? 'off'})`);
  }
  return command
    .option(
      '--config <file>',
      'configuration file; options and environment win over it (default: see at-agent config check)',
    )
    .option('--json', OPTION_WORDS.json)
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent serve\n  at-agent serve --port 0 --json\n  at-agent serve --port 50052 --backend c-clang --blas BLIS\n  at-agent serve --connect          # from behind any router\n  at-agent serve --connect --host none   # and for nobody on this machine\n  at-agent serve --metrics-port 9464',
    )
    .action(serve);
}

async function serve({ config, json, ...flags }: ServeOptions): Promise<void> {
  const settings = requireSettings(flags, config);
  const stopped = stopSignal();
  const logger = createLogger('at-agent', settings.logLevel, settings.logFormat);
  const agent = await startAgent(settings, logger);
  const { address, port, metricsPort } = agent;
  const listening = { event: 'listening', address, port, metricsPort };
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...listening, pid: process.pid })}\n`
      : `${address === NO_LISTENER ? 'waiting for jobs over the link to the trainer' : `listening on ${address}`}\n`,
  );
  logger.info(listening, 'listening');
  const signal = await stopped;
  logger.info({ signal, ...agent.queueState }, 'stopping');
  await agent.stop(signal === 'SIGTERM' ? settings.drain : 0);
}

/** Waits for the first SIGINT or SIGTERM. A second one ends the process at once, and with it its children. */
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
