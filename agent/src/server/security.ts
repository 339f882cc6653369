import { isIPv6 } from 'node:net';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/** Addresses that only this machine can reach. */
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/**
 * Refuses to serve where other machines could reach an agent that compiles and runs programs for whoever asks.
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function requireLoopback(host: string): void {
  if (LOOPBACK.test(host)) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `The agent serves only this machine: "${host}" is not a loopback address; use --host 127.0.0.1 (and, for another machine, ssh -L).`,
    { field: 'host' },
  );
}

/** `HOST:PORT` as gRPC writes it, with brackets around an IPv6 address. */
export function formatAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
