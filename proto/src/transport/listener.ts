import { constants, type X509Certificate } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { isLoopback } from './address.js';
import { awaitPreface, isOwn } from './clear-peer.js';
import { sha256 } from './identity.js';
import { withoutFlood } from './refusals.js';

/** Holds key and certificates, PEM. The CA is the only one that is trusted. */
export interface TlsMaterial {
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
}

/** The time in which a peer that means well says its first words, milliseconds. */
const SPEAKING_MS = 200;

/** Says whom a listener admits, and where connections and refusals go. */
export interface ListenerOptions {
  /** Absent: without encryption, for loopback addresses. */
  readonly tls?:
    | (TlsMaterial & {
        /** False: a peer may come without a certificate, but never with a bad one. */
        readonly requireCertificate: boolean;
        /** Says why a peer is refused although the CA signed its certificate, if it has one. Undefined lets it in. */
        refusal?(socket: TLSSocket): string | undefined;
      })
    | undefined;
  onConnection(socket: Socket): void;
  /** Hears of a refusal. The reason holds nothing secret, and in a flood not every refusal is told. */
  onRefused?(reason: string, address: string): void;
  readonly maxConnections?: number | undefined;
  /**
   * Of one certified key, and of one IP address among peers that have not shown a certificate yet, so that nobody keeps
   * the others out, even behind the same router. Without encryption loopback addresses are not counted, because all
   * users share them.
   */
  readonly maxConnectionsPerPeer?: number | undefined;
  readonly handshakeMs?: number | undefined;
}

/** Holds a listener. */
export interface Listener {
  readonly port: number;
  /** Changes key and certificates for new connections. */
  setTls(material: TlsMaterial): void;
  /** Takes no more connections. Open ones end by themselves, or with `destroyConnections`. */
  close(): void;
  destroyConnections(): void;
}

const TOO_MANY = 'too many connections';

/**
 * How much is known of a peer. `silent`: it has not finished its handshake, or said that it speaks HTTP/2. `stranger`:
 * it has, and showed no certificate, or is another user of this machine. `known`: it showed a certificate, or is this
 * user or root.
 */
type Standing = 'silent' | 'stranger' | 'known';

interface Peer {
  /** The fingerprint of its key once that is known, else its address. */
  owner: string;
  standing: Standing;
  /** When it came, milliseconds. */
  readonly since: number;
}

/**
 * Listens for connections, bounded in number and in the time they take to identify themselves: with TLS to finish the
 * handshake, in the clear to say that they speak HTTP/2. Where there is no room, those that have been silent leave first,
 * the oldest before the others, then strangers, and never those who are known; an address with many connections
 * before one with few, so that a flood from some does not send a newcomer away. The connections that it hands on are
 * decrypted and verified. HTTP/2 never sees a byte from anybody else.
 * @param port 0 takes a free one
 * @throws what listening throws (EADDRINUSE and so on)
 */
export async function listen(host: string, port: number, options: ListenerOptions): Promise<Listener> {
  const { tls, onConnection, maxConnections = 256, maxConnectionsPerPeer = 32, handshakeMs = 10_000 } = options;
  const onRefused = withoutFlood(options.onRefused ?? (() => undefined));
  // The oldest first.
  const open = new Map<Socket, Peer>();
  const hasRoom = (owner: string): boolean =>
    [...open.values()].filter((other) => other.owner === owner).length < maxConnectionsPerPeer;
  const refuse = (socket: Socket, reason: string): void => {
    onRefused(reason, socket.remoteAddress ?? '');
    open.delete(socket);
    socket.destroy();
  };
  /** Makes room by sending away the oldest for whom this holds. */
  const evict = (isMeant: (peer: Peer) => boolean): boolean => {
    const [oldest] = [...open].find(([, peer]) => isMeant(peer)) ?? [];
    if (oldest !== undefined) refuse(oldest, TOO_MANY);
    return oldest !== undefined;
  };
  const evictSilent = (owner: string): boolean => evict((peer) => peer.standing === 'silent' && peer.owner === owner);
  const evictSomebody = (): boolean => {
    const isMeant = mostCrowded([...open.values()]);
    return (
      evict((peer) => isMeant(peer) && peer.standing === 'silent' && performance.now() - peer.since > SPEAKING_MS) ||
      evict((peer) => isMeant(peer) && peer.standing === 'stranger') ||
      evict((peer) => isMeant(peer) && peer.standing === 'silent')
    );
  };
  const admit = (socket: TLSSocket): void => {
    const certificate = socket.getPeerX509Certificate();
    const peer = [...open].find(([carrier]) => isCarrier(carrier, socket))?.[1];
    if (certificate !== undefined) {
      const key = keyFingerprint(certificate);
      if (!hasRoom(key)) {
        refuse(socket, TOO_MANY);
        return;
      }
      if (peer !== undefined) peer.owner = key;
    }
    if (peer !== undefined) peer.standing = certificate === undefined ? 'stranger' : 'known';
    onConnection(socket);
  };
  const admitClear = (socket: Socket, peer: Peer): void => {
    awaitPreface(socket, handshakeMs, (reason) => {
      if (reason !== undefined) return refuse(socket, reason);
      peer.standing = isOwn(socket) ? 'known' : 'stranger';
      onConnection(socket);
    });
  };
  const secure = tls === undefined ? undefined : secureServer(tls, handshakeMs, admit, refuse);
  const server = createServer((socket) => {
    const address = socket.remoteAddress ?? '';
    socket.on('error', () => undefined);
    const crowded = !(secure === undefined && isLoopback(address)) && !hasRoom(address);
    const isFull = (): boolean => open.size >= maxConnections;
    if ((crowded && !evictSilent(address)) || (isFull() && !evictSomebody())) {
      refuse(socket, TOO_MANY);
      return;
    }
    const peer: Peer = { owner: address, standing: 'silent', since: performance.now() };
    open.set(socket, peer);
    socket.once('close', () => open.delete(socket));
    if (secure === undefined) admitClear(socket, peer);
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

/** Tells who is of the address that holds most connections among those that are not known. */
function mostCrowded(peers: readonly Peer[]): (peer: Peer) => boolean {
  const counts = new Map<string, number>();
  for (const { owner, standing } of peers) {
    if (standing !== 'known') counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  return ({ owner }) => counts.get(owner) === most;
}

/** Tells whether a TLS connection runs over this socket. */
function isCarrier({ remoteAddress, remotePort, localAddress }: Socket, secure: TLSSocket): boolean {
  return (
    remotePort === secure.remotePort && remoteAddress === secure.remoteAddress && localAddress === secure.localAddress
  );
}

/** Computes the fingerprint of a key. It is the same for all certificates that a device gets by renewing. */
function keyFingerprint({ publicKey }: X509Certificate): string {
  return sha256(publicKey.export({ type: 'spki', format: 'der' }));
}

/** Makes the server that does the handshakes and hands on the connections whose peer is admitted. */
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
      // The peer left before it said anything. at-agent doctor does so when it looks whether somebody listens.
      if (error.code === 'ECONNRESET') socket.destroy();
      else refuse(socket, error.reason ?? error.message);
    });
}

/**
 * Makes the TLS context. The CA is sent with the certificate, so that a device can compare it with its token. There are
 * no tickets, so that every connection shows its certificate: OpenSSL calls a resumed session authorized even if it
 * never had one.
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
