import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AlphaTensorError, temporaryFolder } from '@alphatensor-edge/shared';
import { connectCluster } from './connect.js';
import { admit, initCluster, SERVER_CONFIG } from './membership.js';
import { readState, STATUS } from './state-store.js';
import { clusterStatus } from './status.js';
import { statusLines } from './status-words.js';

/** The kept network for <2,2,2>, with which the actors need not wait for the learner. It is only in a clone. */
const CHECKPOINT = fileURLToPath(new URL('../../checkpoints/2x2x2-tiny', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../bin/at-trainer.js', import.meta.url));
/** Milliseconds between two looks at the status. */
const LOOK_MS = 10_000;
/** Milliseconds that a process may take to end when it is asked to. */
const END_MS = 60_000;

/** Sets a demonstration. */
export interface DemoOptions {
  readonly actors: number;
  /** Seconds. */
  readonly budget: number;
  readonly runDir?: string | undefined;
  readonly signal: AbortSignal;
  onMessage(text: string): void;
  onStatus(line: string): void;
}

/**
 * Runs a cluster on this machine: a server with keys, a learner and actors, each a process of its own.
 * @throws AlphaTensorError UNAVAILABLE if nats-server is not installed, or a process fails
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { actors, budget, signal, onMessage, onStatus } = options;
  const server = findServer();
  const folder = temporaryFolder('alphatensor-cluster-');
  const processes: ChildProcess[] = [];
  try {
    const port = await freePort();
    const learner = await initCluster({ folder, cluster: 'demo', hosts: ['127.0.0.1'], port, tls: true });
    const members = Array.from({ length: actors }, (_, index) => admit(folder, `actor-${index + 1}`, 'actor'));
    const observer = admit(folder, 'observer', 'observer');
    processes.push(start(server, ['-c', join(folder, SERVER_CONFIG)], undefined));
    await listening(port);
    onMessage(`nats-server runs on port ${port}, with TLS and a key for each process`);
    const runDir = options.runDir ?? join(folder, 'run');
    const begin = existsSync(CHECKPOINT) ? ['--checkpoint', CHECKPOINT] : ['--size', '2,2,2', '--preset', 'tiny'];
    const train = ['train', '--cluster', learner, ...begin, '--run-dir', runDir];
    const training = start(process.execPath, [PROGRAM, ...train, '--budget', `${budget}s`], 'learner', onMessage);
    const trained = once(training, 'exit').then(([code]) => Number(code));
    processes.push(training);
    members.forEach((file, index) => {
      processes.push(start(process.execPath, [PROGRAM, 'play', '--cluster', file], `actor-${index + 1}`, onMessage));
    });
    const until = Date.now() + 1000 * budget + END_MS;
    let code: number | undefined;
    while (code === undefined && !signal.aborted && Date.now() < until) {
      code = await Promise.race([trained, idle(LOOK_MS)]);
      for (const line of await look(observer)) onStatus(line);
    }
    if (code !== undefined && code !== 0) {
      throw new AlphaTensorError('UNAVAILABLE', `The learner ended with status ${code}; its own words say why.`);
    }
  } finally {
    for (const child of [...processes].reverse()) await end(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function look(observer: string): Promise<string[]> {
  const cluster = await connectCluster(observer);
  try {
    const status = await readState(cluster, STATUS, clusterStatus);
    return status === undefined ? [] : statusLines(status);
  } catch (error) {
    // The learner has not begun.
    if (error instanceof AlphaTensorError && error.code === 'TIMEOUT') return [];
    throw error;
  } finally {
    await cluster.close();
  }
}

function start(
  program: string,
  args: readonly string[],
  name: string | undefined,
  onMessage: (text: string) => void = () => undefined,
): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', name === undefined ? 'ignore' : 'pipe'] });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) if (line !== '') onMessage(`${name}: ${line}`);
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  if ((await Promise.race([ended, idle(END_MS)])) === undefined) {
    child.kill('SIGKILL');
    await ended;
  }
}

/** Waits, but keeps no process alive that has nothing else to wait for. */
function idle(milliseconds: number): Promise<undefined> {
  return sleep(milliseconds, undefined, { ref: false });
}

function findServer(): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new AlphaTensorError(
    'UNAVAILABLE',
    'nats-server is not installed; install it, for example with apt-get install nats-server.',
  );
}

/** Finds a port of this machine that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(port: number): Promise<void> {
  const { connect } = await import('node:net');
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isUp) return;
    await sleep(100);
  }
  throw new AlphaTensorError('UNAVAILABLE', 'nats-server did not start.');
}
