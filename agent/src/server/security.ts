import { isLoopback, type TlsMaterial } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/** The host of an agent that takes jobs only over the link that it dials. */
export const NO_LISTENER = 'none';

/**
 * Refuses to serve an agent, which compiles and runs programs, where other machines could reach it, unless it can tell
 * its trainer from all others.
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function requireCredentials(host: string, tls: TlsMaterial | undefined): void {
  if (host === NO_LISTENER || isLoopback(host) || tls !== undefined) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `Other machines could reach "${host}", but this device is not enrolled and cannot distinguish its trainer from them; ` +
      'enrol it first (at-agent enroll --trainer HOST:PORT --token TOKEN), or use --host 127.0.0.1.',
    { field: 'host' },
  );
}

/**
 * Refuses an agent that nobody could ask: without a listener it needs the link to its trainer.
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function requireReachable(host: string, connect: string | true | undefined): void {
  if (host !== NO_LISTENER || connect !== undefined) return;
  throw new AlphaTensorError('INVALID_ARGUMENT', 'With --host none nobody could ask this agent; add --connect.', {
    field: 'host',
  });
}
