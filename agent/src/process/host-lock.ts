import { connect, createServer, type Server, type Socket } from 'node:net';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/**
 * The lock's name: a socket in Linux's abstract namespace, which has no file to be left behind, no permissions to get in
 * the way of another user's agent, and which the kernel frees the moment its holder is gone, also by kill -9.
 */
const NAME = '\0alphatensor-edge/measuring';

/**
 * Runs an action while no other agent on this host times anything. Waits for its turn.
 * @throws AlphaTensorError CANCELLED if the signal comes first
 */
export async function withHostLock<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  const lock = await acquire(signal);
  try {
    return await action();
  } finally {
    await lock.release();
  }
}

interface Lock {
  release(): Promise<void>;
}

async function acquire(signal: AbortSignal): Promise<Lock> {
  for (;;) {
    if (signal.aborted) throw new AlphaTensorError('CANCELLED', 'The job was cancelled before its turn to measure.');
    const lock = await tryListen();
    if (lock !== undefined) return lock;
    await holderGone(signal);
  }
}

/** Only one process can listen under a name. */
function tryListen(): Promise<Lock | undefined> {
  return new Promise((resolve, reject) => {
    const waiters = new Set<Socket>();
    const server: Server = createServer((socket) => {
      waiters.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => waiters.delete(socket));
    });
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(NAME, () => {
      resolve({
        release: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of waiters) socket.destroy();
          }),
      });
    });
  });
}

/** Those who wait hold a connection to the holder; its end is the news that the lock is free. */
function holderGone(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(NAME);
    const done = (): void => {
      signal.removeEventListener('abort', done);
      socket.destroy();
      resolve();
    };
    socket.on('error', done);
    socket.on('close', done);
    signal.addEventListener('abort', done, { once: true });
    // An abort that came while the name was tried is not told again.
    if (signal.aborted) done();
  });
}
