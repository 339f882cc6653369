import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  byteStream,
  loadTrainerProto,
  mutualTls,
  refuseAllButTrainer,
  TLS_CHANNEL_OPTIONS,
} from '@alphatensor-edge/proto';
import { AlphaTensorError, type Logger, messageOf } from '@alphatensor-edge/shared';
import { type ClientDuplexStream, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { fromTrainer, requireValid, splitAddress } from './client.js';
import { type Credentials, loadCredentials } from './credentials.js';

/** Bounds the connections that the trainer may have at a time. */
const MAX_CARRIED = 16;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 15_000;
/** Tells how long the jobs of a connection go on after a cut, so that the trainer can ask for them again. */
const GRACE_MS = 120_000;

const OPTIONS = {
  ...TLS_CHANNEL_OPTIONS,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2_000,
};

type CarryCall = ClientDuplexStream<{ data?: Buffer }, { data: Buffer }>;

interface LinkOptions {
  /**
   * Reads the credentials for every connection, because they are renewed.
   * @throws AlphaTensorError
   */
  readonly credentials: () => Credentials;
  /** Serves what the trainer sends over the link. */
  readonly serve: (connection: Duplex) => void;
  readonly logger: Logger;
  readonly graceMs?: number | undefined;
}

/** Holds a link to the trainer. */
export interface Link {
  /** Whether the link stands. A cut that closes nothing is noticed within 20 s. */
  readonly connected: boolean;
  close(): void;
}

/**
 * Makes a function that reads the credentials of the link, each time anew.
 * @param connect the trainer's address, or true for the one of the enrolment
 * @throws AlphaTensorError INVALID_ARGUMENT (no address), UNAUTHENTICATED (not enrolled)
 */
export function linkCredentials(folder: string, connect: string | true): () => Credentials {
  if (connect !== true) splitAddress(connect);
  const read = (): Credentials => {
    const credentials = loadCredentials(folder);
    if (credentials !== undefined) return connect === true ? credentials : { ...credentials, trainer: connect };
    throw new AlphaTensorError(
      'UNAUTHENTICATED',
      'This device is not enrolled; run at-agent enroll --trainer HOST:PORT --token TOKEN first.',
      { field: '--connect' },
    );
  };
  read();
  return read;
}

/**
 * Dials the trainer and keeps one call ready for the next connection that it wants to make to this agent. Reconnects by
 * itself, for ever.
 */
export function holdLink(options: LinkOptions): Link {
  const { logger } = options;
  const closing = new AbortController();
  const carried = new Set<Duplex>();
  let isConnected = false;
  const run = async (): Promise<void> => {
    let backoff = FIRST_BACKOFF_MS;
    let told = '';
    const onConnected = (trainer: string): void => {
      if (told !== trainer) logger.info({ trainer }, 'connected to the trainer');
      told = trainer;
      isConnected = true;
      backoff = FIRST_BACKOFF_MS;
    };
    while (!closing.signal.aborted) {
      try {
        await connected(options, carried, closing.signal, onConnected);
      } catch (error) {
        isConnected = false;
        if (closing.signal.aborted) return;
        const reason = messageOf(error);
        if (told !== reason) logger.warn({ reason }, 'no link to the trainer; still trying');
        told = reason;
      }
      await delay(backoff * (1 + Math.random() / 4), undefined, { signal: closing.signal }).catch(() => undefined);
      backoff = Math.min(2 * backoff, MAX_BACKOFF_MS);
    }
  };
  void run();
  return {
    get connected() {
      return isConnected;
    },
    close: () => {
      closing.abort();
      for (const connection of carried) connection.destroy();
    },
  };
}

/** Offers one call after the other over one channel. Rejects when that fails. */
async function connected(
  { credentials, serve, graceMs = GRACE_MS }: LinkOptions,
  carried: Set<Duplex>,
  signal: AbortSignal,
  onConnected: (trainer: string) => void,
): Promise<never> {
  const present = credentials();
  requireValid(present);
  const { trainer } = present;
  const stub = new (loadTrainerProto().AgentLink)(trainer, mutualTls(present, refuseAllButTrainer), OPTIONS);
  try {
    for (;;) {
      const call = stub.carry() as CarryCall;
      call.once('metadata', () => onConnected(trainer));
      const stop = (): void => call.cancel();
      signal.addEventListener('abort', stop);
      const first = await firstBytes(call, trainer).finally(() => signal.removeEventListener('abort', stop));
      const connection = carry(call, first, graceMs);
      carried.add(connection);
      const closed = new Promise((resolve) => connection.once('close', resolve)).then(() => carried.delete(connection));
      serve(connection);
      if (carried.size >= MAX_CARRIED) await closed;
    }
  } finally {
    // Calls that are in progress go on.
    stub.close();
  }
}

/**
 * Waits for the first bytes of the trainer's next connection.
 * @throws AlphaTensorError if the call ends first
 */
function firstBytes(call: CarryCall, trainer: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    call.once('data', ({ data }) => {
      call.pause();
      resolve(data);
    });
    call.on('error', (error: ServiceError) => reject(fromTrainer(error, trainer)));
    call.once('end', () => reject(new AlphaTensorError('UNAVAILABLE', `The trainer at ${trainer} closed the link.`)));
  });
}

/**
 * Makes the connection within a call. If the trainer closes the call, or no longer admits this device, the connection
 * ends at once. If the call is cut, the connection stays open without a peer for the grace time, so that its jobs go on
 * and the trainer finds them again by their ids.
 */
function carry(call: CarryCall, first: Buffer, graceMs: number): Duplex {
  const connection = byteStream(call as unknown as Duplex, first);
  connection.on('error', () => undefined);
  let ended: status | undefined;
  call.once('status', ({ code }: StatusObject) => {
    ended = code;
    if (code === status.OK) return;
    const timer = setTimeout(() => connection.destroy(), code === status.UNAUTHENTICATED ? 0 : graceMs);
    connection.once('close', () => clearTimeout(timer));
  });
  call.once('end', () => {
    if (ended === status.OK) connection.push(null);
  });
  return connection;
}
