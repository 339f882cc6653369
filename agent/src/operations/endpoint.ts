import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import { join } from 'node:path';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { stateFolder } from '../device/device-id.js';
import type { Metrics } from './metrics.js';
import type { AgentStatus } from './status.js';

/** Tells where the service's agent has its socket (RuntimeDirectory of its unit). */
const SERVICE_SOCKETS = '/run/alphatensor-edge';
const SOCKET = /^agent-\d+\.sock$/;
const ANSWER_MS = 3000;

/** Gives the folder of the sockets of this user's agents. For its services systemd says which it is. */
function socketFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.RUNTIME_DIRECTORY || join(stateFolder(env), 'run');
}

/** Serves those who run the agent. Trainers are served elsewhere. */
export interface Operations {
  close(): void;
}

/**
 * Serves `/status` (JSON), `/metrics` (Prometheus) and `/healthz` (200, or 503 while it drains) over HTTP, on a socket
 * that only this user can open, for `at-agent status`.
 * @throws AlphaTensorError UNAVAILABLE
 */
export async function serveOnSocket(status: () => AgentStatus, metrics: Metrics): Promise<Operations> {
  const folder = socketFolder();
  const path = join(folder, `agent-${process.pid}.sock`);
  const server = operationsServer(status, metrics);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Left by a killed agent that had the same process id.
    rmSync(path, { force: true });
    await listen(server, { path });
    chmodSync(path, 0o600);
  } catch (error) {
    throw new AlphaTensorError('UNAVAILABLE', `There is no socket ${path} for at-agent status (${messageOf(error)}).`, {
      cause: error,
    });
  }
  // Closing the server removes the socket's file.
  return { close: () => close(server) };
}

/**
 * Serves the same on a loopback port, for a scraper on this machine.
 * @throws AlphaTensorError UNAVAILABLE (the port is taken)
 */
export async function serveOnPort(
  port: number,
  status: () => AgentStatus,
  metrics: Metrics,
): Promise<Operations & { readonly port: number }> {
  const server = operationsServer(status, metrics);
  try {
    await listenOnLoopback(server, port);
  } catch (error) {
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `The agent cannot listen on 127.0.0.1:${port} for metrics (${messageOf(error)}); choose another --metrics-port.`,
      { field: 'metrics-port', cause: error },
    );
  }
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function operationsServer(status: () => AgentStatus, metrics: Metrics): Server {
  const server = createServer(async ({ method, url }, response) => {
    const answer = (code: number, type: string, body: string): void =>
      void response.writeHead(code, { 'Content-Type': type }).end(`${body}\n`);
    if (method !== 'GET') answer(405, 'text/plain', 'Only GET is answered.');
    else if (url === '/status') answer(200, 'application/json', JSON.stringify(status()));
    else if (url === '/metrics') answer(200, metrics.contentType, await metrics.text());
    else if (url === '/healthz')
      answer(status().draining ? 503 : 200, 'text/plain', status().draining ? 'draining' : 'ok');
    else answer(404, 'text/plain', 'There are /status, /metrics and /healthz.');
  });
  server.maxConnections = 32;
  server.requestTimeout = server.headersTimeout = ANSWER_MS;
  return server;
}

/** Listens on 127.0.0.1, and on ::1 where the machine has no IPv4. */
async function listenOnLoopback(server: Server, port: number): Promise<void> {
  try {
    await listen(server, { host: '127.0.0.1', port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') throw error;
    await listen(server, { host: '::1', port });
  }
}

function listen(server: Server, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): void {
  server.close();
  server.closeAllConnections();
}

/** Asks this user's agents, and the service's if this user may ask it, for their status, in no particular order. */
export async function runningAgents(): Promise<AgentStatus[]> {
  const folders = new Set([socketFolder(), SERVICE_SOCKETS]);
  const sockets = [...folders].flatMap((folder) => socketsIn(folder).map((name) => join(folder, name)));
  const answers = await Promise.all(sockets.map(ask));
  return answers.filter((answer) => answer !== undefined);
}

function socketsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => SOCKET.test(name));
  } catch {
    // Nobody has run an agent there, or the folder is another user's.
    return [];
  }
}

/** Asks one agent. Undefined if nobody answers: the socket of a killed agent stays. */
function ask(socketPath: string): Promise<AgentStatus | undefined> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/status', timeout: ANSWER_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve(parse(text)));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(undefined));
    call.end();
  });
}

/** Checks the answer. Root asks the service's user, who could answer anything. */
function parse(text: string): AgentStatus | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
