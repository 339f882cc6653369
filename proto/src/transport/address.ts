import { isIPv6 } from 'node:net';

/** Tells whether only this machine can reach, or be, this host. */
export function isLoopback(host: string): boolean {
  return /^((::ffff:)?127(\.\d{1,3}){3}|::1|localhost)$/.test(host);
}

/** Writes `HOST:PORT` as gRPC does, with brackets around an IPv6 address. */
export function formatAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Says what to change where listening failed, a clause for the end of a sentence.
 * @param error as Node throws it
 * @param host that was to be listened on
 */
export function listenAdvice(error: unknown, host: string): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return `this machine does not have that address: choose another --host, such as ${isIPv6(host) ? '127.0.0.1 (IPv4)' : '::1 (IPv6)'}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'choose a --host that this machine can resolve';
    case 'EACCES':
      return 'choose a --port of 1024 or above, which needs no privilege';
    default:
      return 'choose another --port, or 0 for a free one';
  }
}
