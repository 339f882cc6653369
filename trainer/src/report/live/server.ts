import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { formatAddress, listenAdvice } from '@alphatensor-edge/proto';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import type { Site } from './site.js';

interface LiveServerOptions {
  readonly site: Site;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Answers only requests for a name of this machine, so that a foreign web page cannot read the runs through a host name of its own. */
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

/** The open streams of events, each with the page that it is about. */
type Watchers = Map<ServerResponse, URL>;

/**
 * Serves a site, read only.
 * @throws AlphaTensorError UNAVAILABLE if it cannot listen there
 */
export async function startLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  const { site } = options;
  const watchers: Watchers = new Map();
  const server = createServer((request, response) => answer(request, response, site, watchers, options.checkHost));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AlphaTensorError(
          'UNAVAILABLE',
          `Cannot listen on ${formatAddress(options.host, options.port)} (${messageOf(cause)}); ${listenAdvice(cause, options.host)}.`,
          { cause },
        ),
      ),
    );
    server.listen(options.port, options.host, resolve);
  });
  // Sends the version every time to keep the connection alive. The page compares it.
  const timer = setInterval(() => {
    if (watchers.size === 0) return;
    void site.refresh();
    for (const [watcher, url] of watchers) tell(watcher, site.version(url));
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
  site: Site,
  watchers: Watchers,
  checkHost: boolean,
): void {
  const send = (code: number, type: string, body: string): void => {
    response
      .writeHead(code, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
      .end(request.method === 'HEAD' ? undefined : body);
  };
  const refuse = (code: number, sentence: string): void => send(code, 'text/plain; charset=utf-8', `${sentence}\n`);
  if (checkHost && !LOCAL_NAME.test(request.headers.host ?? '')) {
    refuse(403, 'This page answers only to the names of its own machine; use the address that was printed.');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(405, 'This page only reads.');
    return;
  }
  const url = parsed(request.url ?? '/');
  if (url?.pathname === '/events') {
    const of = parsed(url.searchParams.get('of') ?? '/') ?? url;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    watchers.set(response, of);
    response.on('close', () => watchers.delete(response));
    void site.refresh();
    tell(response, site.version(of));
    return;
  }
  try {
    const found = url && site.answer(url);
    if (found) send(200, found.type, found.body);
    else refuse(404, `There are ${site.paths.join(', ')} here.`);
  } catch (error) {
    refuse(500, messageOf(error));
  }
}

/** Reads the path of a request; undefined if it is none. */
function parsed(path: string): URL | undefined {
  return URL.canParse(path, 'http://localhost') ? new URL(path, 'http://localhost') : undefined;
}

function tell(watcher: ServerResponse, version: string): void {
  watcher.write(`event: version\ndata: ${version}\n\n`);
}
