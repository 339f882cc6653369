import { connect, createServer, type Server, type Socket } from 'node:net';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/**
 * Names the lock: a socket in Linux's abstract namespace. Such a socket leaves no file behind, has no permissions that
 * could keep out another user's agent, and is freed by the kernel as soon as its holder is gone, even after kill -9.
 */
const NAME = '\0alphatensor-edge/measuring';

/**
 * Waits until no other agent on this host times anything, then runs an action while none does.
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

/** Takes the lock if it is free: only one process can listen under a name. */
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

/**
 * Waits until the lock is free. Waiting processes hold a connection to the holder, which ends when the lock is
 * released.
 */
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
    // An abort during the attempt above is not reported again.
    if (signal.aborted) done();
  });
}
