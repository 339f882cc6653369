import { AlphaTensorError } from '@alphatensor-edge/shared';
import { waitForFiles } from './lock-files.js';
import { type Holder, holderWords, type Release } from './lock-holder.js';
import { waitForSocket } from './lock-socket.js';

/** Tells whom and how long to wait for. */
export interface LockHooks {
  readonly signal: AbortSignal;
  /** Hears once, in words such as `process 4711 (at-agent serve)`, that another measurement has to end first. */
  onWait?(holder: string): void;
  /** Absent: `waitLimit()`. */
  readonly waitSeconds?: number | undefined;
}

/** The longest that a job waits, seconds: less than a trainer waits for an answer, so that it hears the reason. */
const DEFAULT_WAIT_SECONDS = 600;

/** Reads how long to wait for other agents of this host, seconds. @throws AlphaTensorError INVALID_ARGUMENT */
export function waitLimit(env: NodeJS.ProcessEnv = process.env): number {
  const text = env.ALPHATENSOR_LOCK_WAIT;
  if (!text) return DEFAULT_WAIT_SECONDS;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `ALPHATENSOR_LOCK_WAIT must be a whole number of seconds, and is ${JSON.stringify(text)}.`,
    { field: 'ALPHATENSOR_LOCK_WAIT' },
  );
}

/** Holds those whom this process waits for now. */
const waiting = new Map<symbol, string>();
const listeners = new Set<(holder: string) => void>();

/** Says whom this process waits for, in the words of `onWait`. Undefined: for nobody. */
export function waitsFor(): string | undefined {
  return waiting.values().next().value;
}

/** Calls a function with every holder that this process begins to wait for. Gives a function that ends this. */
export function onHostLockWait(listener: (holder: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Waits until no other agent on this host times anything, then runs an action while none does. Two kinds of locks are
 * held, always in the same order: files that reach across network namespaces and users (lock-files.ts), and a socket
 * that needs no file (lock-socket.ts).
 * @throws AlphaTensorError CANCELLED if the signal comes first, UNAVAILABLE if the others measure for too long
 */
export async function withHostLock<T>(hooks: LockHooks, action: () => Promise<T>): Promise<T> {
  const release = await acquire(hooks);
  try {
    return await action();
  } finally {
    await release();
  }
}

async function acquire({ signal, onWait, waitSeconds = waitLimit() }: LockHooks): Promise<Release> {
  const id = Symbol('wait');
  const limit = AbortSignal.timeout(waitSeconds * 1000);
  const onBusy = (holder: Holder | undefined): void => {
    const words = holderWords(holder);
    waiting.set(id, words);
    onWait?.(words);
    for (const listener of listeners) listener(words);
  };
  const wait = { signal: AbortSignal.any([signal, limit]), onBusy };
  const taken: Release[] = [];
  const release = async (): Promise<void> => {
    for (const each of taken.reverse()) await each();
  };
  try {
    taken.push(await waitForFiles(wait));
    taken.push(await waitForSocket(wait));
    return release;
  } catch (error) {
    await release();
    if (signal.aborted) {
      throw new AlphaTensorError('CANCELLED', 'The job was cancelled before its turn to measure.', { cause: error });
    }
    if (!limit.aborted) throw error;
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `Nothing could be measured for ${waitSeconds} s, because ${waiting.get(id) ?? 'another measurement'} holds this host; ` +
        'end it, or give ALPHATENSOR_LOCK_WAIT more seconds.',
      { cause: error },
    );
  } finally {
    waiting.delete(id);
  }
}
