import { setPriority } from 'node:os';
import { AlphaTensorError, wholeNumber } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { startLiveServer } from '../report/live/server.js';
import { homeSite, runSite } from '../report/live/site.js';
import { jsonOption } from './options.js';
import { interruptSignal, note, print, printJson } from './output.js';

interface ServeOptions {
  readonly runDir?: string;
  readonly runs: string;
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
    .summary('show devices and runs live in the browser')
    .description(
      'Serves pages that update themselves: all runs below a folder, each run live, any of them compared, the devices and the catalogue. With --run-dir, the page of that run alone. It only reads; runs may begin, stop and be resumed meanwhile. Ends with Ctrl-C.',
    )
    .addOption(new Option('--runs <dir>', 'the folder that has the folders of the runs').default('runs'))
    .addOption(
      new Option('--run-dir <dir>', 'the folder of the only run; it need not exist yet (default: all in --runs)'),
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', wholeNumber('--port', 0, 65_535), 8080)
    .option(
      '--allow-remote',
      'listen on an address that other machines can reach; everyone who reaches it can read the runs, without a password',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer serve
  at-trainer serve --run-dir runs/laptop --port 0 --json

From another machine, rather than --allow-remote:  ssh -L 8080:127.0.0.1:8080 TRAINER`,
    )
    .action(serve);
}

async function serve({ runDir, runs, host, port, allowRemote, json }: ServeOptions): Promise<void> {
  if (!LOOPBACK.test(host) && !allowRemote) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `"${host}" can be reached from other machines, and the page has no password; use --host 127.0.0.1 (and ssh -L from elsewhere), or say --allow-remote.`,
      { field: '--host' },
    );
  }
  const signal = interruptSignal();
  setPriority(NICENESS);
  const site = runDir === undefined ? homeSite(runs) : runSite(runDir);
  const server = await startLiveServer({ site, host, port, checkHost: !allowRemote });
  if (json) printJson({ event: 'listening', url: server.url, pid: process.pid });
  else print(`${server.url}`);
  note(`showing ${runDir ?? `the runs in ${runs}`}; Ctrl-C ends`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await server.close();
}
