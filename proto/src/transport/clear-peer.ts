import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { isLoopback } from './address.js';

/** What a client of HTTP/2 says first (RFC 9113, 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/**
 * Waits until a peer in the clear says that it speaks HTTP/2. What it said stays to be read.
 * @param done hears why the peer is refused; undefined if it is not
 */
export function awaitPreface(socket: Socket, milliseconds: number, done: (reason: string | undefined) => void): void {
  let said = Buffer.alloc(0);
  const timer = setTimeout(() => end('no HTTP/2 in time'), milliseconds);
  const end = (reason: string | undefined): void => {
    clearTimeout(timer);
    socket.off('readable', read).off('close', leave);
    if (said.length > 0) socket.unshift(said);
    done(reason);
  };
  const leave = (): void => clearTimeout(timer);
  const read = (): void => {
    for (let part: Buffer | null = socket.read(); part !== null; part = socket.read())
      said = Buffer.concat([said, part]);
    const length = Math.min(said.length, PREFACE.length);
    if (!said.subarray(0, length).equals(PREFACE.subarray(0, length))) end('not HTTP/2');
    else if (length === PREFACE.length) end(undefined);
  };
  socket.on('readable', read).once('close', leave);
}

/**
 * Tells whether this user, or root, has the other end of a connection on loopback (proc_pid_net(5), tcp). False also where
 * that cannot be known.
 */
export function isOwn({ remoteAddress, remotePort, localAddress, localPort }: Socket): boolean {
  const [peer, ours] = [end(remoteAddress, remotePort), end(localAddress, localPort)];
  if (peer === undefined || ours === undefined) return false;
  for (const file of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
    const lines = readProc(file).split('\n');
    const line = lines.map((text) => text.trim().split(/\s+/)).find(([, from, to]) => from === peer && to === ours);
    if (line !== undefined) return line[7] === '0' || line[7] === String(process.getuid?.());
  }
  return false;
}

/** Writes the end of a connection as the kernel lists it. Undefined for one that is not on loopback. */
function end(address = '', port = 0): string | undefined {
  const bytes = address
    .replace('::ffff:', '')
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'));
  // The kernel lists four bytes at a time as a number, so the last comes first on most machines.
  const host = address === '::1' ? '00000000000000000000000001000000' : bytes.reverse().join('');
  return isLoopback(address) ? `${host}:${port.toString(16).padStart(4, '0')}`.toUpperCase() : undefined;
}

function readProc(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
