import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { formatCsv } from '../csv.js';
import { formatHtml } from '../html.js';
import { formatJson } from '../json.js';
import { formatMarkdown } from '../markdown.js';
import { LIVE_SCRIPT } from './page.js';
import { LiveRun, type Snapshot } from './snapshot.js';

interface LiveServerOptions {
  readonly runDir: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Answers only requests for a name of this machine, so that a foreign web page cannot read the run through a host name of its own. */
  readonly checkHost: boolean;
  /** Milliseconds between two looks at the files while somebody watches. */
  readonly pollMs?: number | undefined;
}

export interface LiveServer {
  readonly url: string;
  close(): Promise<void>;
}

const POLL_MS = 2000;
const LOCAL_NAME = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)(:\d+)?$/;

type Answer = (snapshot: Snapshot) => { readonly type: string; readonly body: string };

const DOCUMENTS: Readonly<Record<string, Answer>> = {
  '/': (snapshot) => ({ type: 'text/html; charset=utf-8', body: livePage(snapshot) }),
  '/report.json': ({ report }) => ({ type: 'application/json', body: formatJson(report) }),
  '/report.csv': ({ report }) => ({ type: 'text/csv; charset=utf-8', body: formatCsv(report) }),
  '/report.md': ({ report }) => ({ type: 'text/markdown; charset=utf-8', body: formatMarkdown(report) }),
};

/**
 * Serves the live page of one run folder, read only.
 * @throws AlphaTensorError UNAVAILABLE if it cannot listen there
 */
export async function startLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  const run = new LiveRun(options.runDir);
  const watchers = new Set<ServerResponse>();
  const server = createServer((request, response) => answer(request, response, run, watchers, options.checkHost));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AlphaTensorError(
          'UNAVAILABLE',
          `Cannot listen on ${options.host}:${options.port} (${messageOf(cause)}); choose another --port, 0 for a free one.`,
          { cause },
        ),
      ),
    );
    server.listen(options.port, options.host, resolve);
  });
  // Sends the version every time to keep the connection alive. The page compares it.
  const timer = setInterval(() => {
    if (watchers.size === 0) return;
    const version = run.version();
    for (const watcher of watchers) tell(watcher, version);
  }, options.pollMs ?? POLL_MS);
  const { address, port } = server.address() as AddressInfo;
  return {
    url: `http://${isIPv6(address) ? `[${address}]` : address}:${port}/`,
    close: async () => {
      clearInterval(timer);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  run: LiveRun,
  watchers: Set<ServerResponse>,
  checkHost: boolean,
): void {
  const send = (code: number, type: string, body: string): void => {
    response
      .writeHead(code, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
      .end(request.method === 'HEAD' ? undefined : body);
  };
  const refuse = (code: number, sentence: string): void => send(code, 'text/plain; charset=utf-8', `${sentence}\n`);
  const [path] = (request.url ?? '/').split('?');
  if (checkHost && !LOCAL_NAME.test(request.headers.host ?? '')) {
    refuse(403, 'This page answers only to the names of its own machine; use the address that was printed.');
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(405, 'This page only reads.');
  } else if (path === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    watchers.add(response);
    response.on('close', () => watchers.delete(response));
    tell(response, run.version());
  } else if (Object.hasOwn(DOCUMENTS, path)) {
    const { type, body } = DOCUMENTS[path](run.snapshot());
    send(200, type, body);
  } else {
    refuse(404, `There are ${Object.keys(DOCUMENTS).join(', ')} here.`);
  }
}

function tell(watcher: ServerResponse, version: string): void {
  watcher.write(`event: version\ndata: ${version}\n\n`);
}

function livePage({ report, status }: Snapshot): string {
  return formatHtml(report, { live: { script: LIVE_SCRIPT, nonce: randomBytes(16).toString('base64'), status } });
}
