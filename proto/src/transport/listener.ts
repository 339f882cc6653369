import { constants, type X509Certificate } from 'node:crypto';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { sha256 } from './identity.js';
import { withoutFlood } from './refusals.js';

/** PEM; the CA is the only one that is trusted. */
export interface TlsMaterial {
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
}

export interface ListenerOptions {
  /** Absent: in the clear, for loopback addresses. */
  readonly tls?: TlsMaterial & {
    /** False: a peer may come without a certificate, never with a bad one. */
    readonly requireCertificate: boolean;
    /** Why a peer is refused although the CA signed its certificate, if it has one; undefined lets it in. */
    refusal?(socket: TLSSocket): string | undefined;
  };
  onConnection(socket: Socket): void;
  /** Never with anything secret; in a flood not for each. */
  onRefused?(reason: string, address: string): void;
  readonly maxConnections?: number;
  /**
   * Of one certified key, and of one IP address among those that have not shown one yet, so that nobody keeps the others out, not even
   * those behind the same router. In the clear loopback addresses are not counted, as all users share them.
   */
  readonly maxConnectionsPerPeer?: number;
  readonly handshakeMs?: number;
}

export interface Listener {
  readonly port: number;
  /** New connections are greeted with these. */
  setTls(material: TlsMaterial): void;
  /** Takes no more connections; those there are end by themselves, or with `destroyConnections`. */
  close(): void;
  destroyConnections(): void;
}

const DEFAULTS = { maxConnections: 256, maxConnectionsPerPeer: 32, handshakeMs: 10_000 };
const TOO_MANY = 'too many connections';

/**
 * Listens for connections, bounded in number and, with TLS, in the time they take to say who they are. What it hands on is
 * decrypted and verified; HTTP/2 never sees a byte of anybody else.
 * @param port 0 takes a free one
 * @throws what listening throws (EADDRINUSE and so on)
 */
export async function listen(host: string, port: number, options: ListenerOptions): Promise<Listener> {
  const { tls, onConnection } = options;
  const onRefused = withoutFlood(options.onRefused ?? (() => undefined));
  const limits = { ...DEFAULTS, ...options };
  // Each with whose it is: the fingerprint of its key once that is known, else its address.
  const open = new Map<Socket, string>();
  const hasRoom = (peer: string): boolean =>
    [...open.values()].filter((other) => other === peer).length < limits.maxConnectionsPerPeer;
  const refuse = (socket: Socket, reason: string): void => {
    onRefused(reason, socket.remoteAddress ?? '');
    socket.destroy();
  };
  const admit = (socket: TLSSocket): void => {
    const certificate = socket.getPeerX509Certificate();
    if (certificate !== undefined) {
      const key = keyFingerprint(certificate);
      if (!hasRoom(key)) {
        refuse(socket, TOO_MANY);
        return;
      }
      const carrier = [...open.keys()].find((other) => isCarrier(other, socket));
      if (carrier !== undefined) open.set(carrier, key);
    }
    onConnection(socket);
  };
  const secure = tls === undefined ? undefined : secureServer(tls, limits.handshakeMs, admit, refuse);
  const server = createServer((socket) => {
    const address = socket.remoteAddress ?? '';
    socket.on('error', () => undefined);
    const crowded = !(secure === undefined && isLoopback(address)) && !hasRoom(address);
    if (crowded || open.size >= limits.maxConnections) {
      refuse(socket, TOO_MANY);
      return;
    }
    open.set(socket, address);
    socket.once('close', () => open.delete(socket));
    if (secure === undefined) onConnection(socket);
    else secure.emit('connection', socket);
  });
  await bind(server, host, port);
  return {
    port: (server.address() as { port: number }).port,
    setTls: (material) => secure?.setSecureContext(contextOf(material)),
    close: () => server.close(),
    destroyConnections: () => {
      for (const socket of open.keys()) socket.destroy();
    },
  };
}

/** Whether a TLS connection runs over this socket. */
function isCarrier({ remoteAddress, remotePort, localAddress }: Socket, secure: TLSSocket): boolean {
  return (
    remotePort === secure.remotePort && remoteAddress === secure.remoteAddress && localAddress === secure.localAddress
  );
}

/** The same for all certificates that a device gets by renewing. */
function keyFingerprint({ publicKey }: X509Certificate): string {
  return sha256(publicKey.export({ type: 'spki', format: 'der' }));
}

/** Greets the connections it is given, and hands on those whose peer may come in. */
function secureServer(
  tls: NonNullable<ListenerOptions['tls']>,
  handshakeTimeout: number,
  onConnection: (socket: TLSSocket) => void,
  refuse: (socket: Socket, reason: string) => void,
): TlsServer {
  return createTlsServer({
    ...contextOf(tls),
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['h2'],
    requestCert: true,
    rejectUnauthorized: tls.requireCertificate,
    handshakeTimeout,
  })
    .on('secureConnection', (socket) => {
      socket.on('error', () => undefined);
      const anonymous = socket.getPeerX509Certificate() === undefined;
      const valid = anonymous ? !tls.requireCertificate : socket.authorized;
      const reason = valid ? tls.refusal?.(socket) : `its certificate is not valid (${socket.authorizationError})`;
      if (reason === undefined) onConnection(socket);
      else refuse(socket, reason);
    })
    .on('tlsClientError', (error: NodeJS.ErrnoException & { reason?: string }, socket) => {
      // It left by itself before it said anything, as at-agent doctor does when it looks whether somebody listens.
      if (error.code === 'ECONNRESET') socket.destroy();
      else refuse(socket, error.reason ?? error.message);
    });
}

/**
 * The CA goes along with the certificate, so that a device can compare it with its token. Without tickets every connection shows its
 * certificate: OpenSSL calls a resumed session authorized even if it never had one.
 */
function contextOf({ key, certificate, ca }: TlsMaterial) {
  return { key, cert: certificate + ca, ca, secureOptions: constants.SSL_OP_NO_TICKET };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Tells whether only this machine can reach, or be, this host. */
export function isLoopback(host: string): boolean {
  return /^((::ffff:)?127(\.\d{1,3}){3}|::1|localhost)$/.test(host);
}

/** Writes `HOST:PORT` as gRPC writes it, with brackets around an IPv6 address. */
export function formatAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
