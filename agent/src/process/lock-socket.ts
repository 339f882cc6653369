import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Holder, type LockWait, MAX_HOLDER_BYTES, ownHolder, parseHolder, type Release } from './lock-holder.js';

/**
 * Names the lock: a socket in Linux's abstract namespace. Such a socket leaves no file behind, has no permissions that
 * could keep out another user's agent, and is freed by the kernel as soon as its holder is gone, even after kill -9.
 * It is one for each network namespace. The name fills all 108 bytes of an address, because Node 20 fills a shorter
 * one up and Node 22 does not, so that the two would not meet.
 */
const NAME = '\0alphatensor-edge/measuring'.padEnd(108, '\0');

/** The least time between two attempts. A holder that hangs up at once must not keep this process busy. */
const RETRY_MS = 100;
/** How long a holder may take to say who it is. */
const INTRODUCTION_MS = 500;

/** Waits until this process has the socket. @throws the reason of the signal */
export async function waitForSocket({ signal, onBusy }: LockWait): Promise<Release> {
  let told = false;
  for (;;) {
    signal.throwIfAborted();
    const release = await tryListen();
    if (release !== undefined) return release;
    await holderGone(signal, (holder) => {
      if (!told) onBusy(holder);
      told = true;
    });
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Takes the lock if it is free: only one process can listen under a name. */
function tryListen(): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    const waiters = new Set<Socket>();
    const server: Server = createServer((socket) => {
      waiters.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => waiters.delete(socket));
      socket.write(`${ownHolder()}\n`);
    });
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(NAME, () => {
      resolve(
        () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of waiters) socket.destroy();
          }),
      );
    });
  });
}

/**
 * Waits until the lock is free. Waiting processes hold a connection to the holder, which ends when the lock is
 * released.
 */
function holderGone(signal: AbortSignal, tell: (holder: Holder | undefined) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(NAME);
    let said = '';
    const silent = setTimeout(() => tell(undefined), INTRODUCTION_MS);
    const done = (): void => {
      clearTimeout(silent);
      signal.removeEventListener('abort', done);
      socket.destroy();
      resolve();
    };
    socket.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, MAX_HOLDER_BYTES);
      if (!said.includes('\n')) return;
      clearTimeout(silent);
      tell(parseHolder(said.slice(0, said.indexOf('\n'))));
      // The rest says nothing.
      socket.removeAllListeners('data').resume();
    });
    socket.on('error', done);
    socket.on('close', done);
    signal.addEventListener('abort', done, { once: true });
    // An abort during the attempt above is not reported again.
    if (signal.aborted) done();
  });
}
