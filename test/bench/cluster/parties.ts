import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { untilExit } from '../../support/processes.js';

/** A process of a bench that can be killed and started again. */
export class Party {
  readonly #start: () => ChildProcess;
  /** What it says on its first line, as JSON; undefined where it says nothing. */
  first: Record<string, unknown> = {};
  #child: ChildProcess | undefined;

  constructor(start: () => ChildProcess) {
    this.#start = start;
  }

  /** Starts it, and waits until it has said its first line. */
  async start(): Promise<void> {
    const child = untilExit(this.#start());
    this.#child = child;
    if (child.stdout === null) return;
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([
      once(lines, 'line').then(([text]) => String(text)),
      once(child, 'exit').then(([code]) => {
        throw new Error(`A process of the bench ended with ${code} before it said anything.`);
      }),
    ]);
    this.first = JSON.parse(line as string) as Record<string, unknown>;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

const program = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/** A server with JetStream on a port of this machine. */
export function natsServer(port: number, folder: string): Party {
  const file = join(folder, 'nats.conf');
  writeFileSync(file, `port: ${port}\nhost: 127.0.0.1\njetstream { store_dir: "${join(folder, 'streams')}" }\n`);
  return new Party(() => spawn('nats-server', ['-c', file], { stdio: ['ignore', 'ignore', 'ignore'] }));
}

export function benchLearner(address: string, runDir: string, log: 'inherit' | 'ignore'): Party {
  return new Party(() =>
    spawn(process.execPath, [program('bench-learner'), address, runDir], { stdio: ['ignore', 'pipe', log] }),
  );
}

export function benchActor(
  address: string,
  name: string,
  sleepMs: number,
  acked: string,
  log: 'inherit' | 'ignore',
): Party {
  if (!existsSync(acked)) writeFileSync(acked, '');
  const args = [program('bench-actor'), address, name, String(sleepMs), acked];
  return new Party(() => spawn(process.execPath, args, { stdio: ['ignore', 'pipe', log] }));
}

/** A line between the parties and the server that can be cut. */
export class Line {
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(to: number) {
    this.#to = to;
  }

  async open(port: number): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(this.#to, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    }).listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async cut(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(server, 'close');
  }
}

export function newFolder(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}
