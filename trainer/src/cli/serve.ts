import { setPriority } from 'node:os';
import { AlphaTensorError, wholeNumber } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { startLiveServer } from '../report/live/server.js';
import { jsonOption } from './options.js';
import { interruptSignal, note, print, printJson } from './output.js';

interface ServeOptions {
  readonly runDir: string;
  readonly host: string;
  readonly port: number;
  readonly allowRemote?: boolean;
  readonly json?: boolean;
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;
/** A lower priority than that of the trainer, which runs at the same time. */
const NICENESS = 10;

export function serveCommand(): Command {
  return new Command('serve')
    .summary('show a running fine-tuning live in the browser')
    .description(
      'Serves the report of one run as a page that is updated while the run goes on. It only reads; the run may begin, stop and be resumed meanwhile. Ends with Ctrl-C.',
    )
    .requiredOption('--run-dir <dir>', 'folder of the run; it need not exist yet')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', wholeNumber('--port', 0, 65_535), 8080)
    .option(
      '--allow-remote',
      'listen on an address that other machines can reach; everyone who reaches it can read the run, without a password',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer serve --run-dir runs/laptop
  at-trainer serve --run-dir runs/laptop --port 0 --json

From another machine, rather than --allow-remote:  ssh -L 8080:127.0.0.1:8080 TRAINER`,
    )
    .action(serve);
}

async function serve({ runDir, host, port, allowRemote, json }: ServeOptions): Promise<void> {
  if (!LOOPBACK.test(host) && !allowRemote) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `"${host}" can be reached from other machines, and the page has no password; use --host 127.0.0.1 (and ssh -L from elsewhere), or say --allow-remote.`,
      { field: '--host' },
    );
  }
  const signal = interruptSignal();
  setPriority(NICENESS);
  const server = await startLiveServer({ runDir, host, port, checkHost: !allowRemote });
  if (json) printJson({ event: 'listening', url: server.url, pid: process.pid });
  else print(`${server.url}`);
  note(`showing ${runDir}; Ctrl-C ends`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await server.close();
}
