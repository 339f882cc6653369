import { AlphaTensorError } from '@alphatensor-edge/shared';

/** Tells whether an address is the socket of an agent that dialled in (see hub/links.ts). */
export function isLinkAddress(address: string): boolean {
  return address.startsWith('unix:');
}

/**
 * Refuses what is not the address of an agent.
 * @throws AlphaTensorError INVALID_ARGUMENT unless it is HOST:PORT, [IPv6]:PORT or the socket of a linked agent
 */
export function requireAddress(address: string): void {
  if (isLinkAddress(address)) return;
  const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+):(\d{1,5})$/.exec(address);
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > 65535) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `"${address}" is not the address of an agent; write HOST:PORT such as 127.0.0.1:50051.`,
      { field: '--agent' },
    );
  }
}

/** Gives the host of HOST:PORT, an IPv6 address without its brackets. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}
