import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { type AgentLinkHandlers, byteStream, type Identity, withoutFlood } from '@alphatensor-edge/proto';
import { AlphaTensorError, type Logger } from '@alphatensor-edge/shared';
import { Metadata, type ServerDuplexStream } from '@grpc/grpc-js';
import { linkSocket } from '../trust/folder.js';
import type { TrustStore } from '../trust/trust-store.js';
import { requireAgent, toStatus } from './peer.js';

type CarryCall = ServerDuplexStream<{ data: Buffer }, { data: Buffer }>;

/** Idle calls that an agent may have here: one, and old ones whose cut is not noticed yet. */
const MAX_SPARES = 8;
/** Milliseconds that a command waits for an agent that is reconnecting. */
const WAIT_MS = 3_000;
/** Longest path of a socket, bytes (sun_path in unix(7)). */
const MAX_SOCKET_PATH = 107;
/** After so long a connection that was cut has been noticed (see KEEPALIVE_MS in endpoint.ts), and whoever is still there is real. */
const NOTICED_MS = 25_000;
/** How often a key that two hold is said again. */
const SAID_EVERY_MS = 3600_000;

/** Holds who made a Carry call, from where, and when (milliseconds since 1970). */
interface Carrier {
  readonly identity: Identity & { readonly role: 'agent' };
  readonly peer: string;
  readonly since: number;
}

interface Link {
  readonly server: Server;
  /** Idle Carry calls. The newest is the most likely to be alive. */
  readonly spares: CarryCall[];
  readonly waiting: Socket[];
}

/**
 * Connects the commands of this machine to the agents that dialled in. Each enrolled agent has a socket in a folder that only
 * this user can open. The bytes of a connection to that socket travel in one of the agent's Carry calls. They are not looked
 * at here, so a linked agent behaves like any other.
 */
export class Links {
  readonly #store: TrustStore;
  readonly #logger: Logger;
  readonly #links = new Map<string, Link>();
  readonly #calls = new Map<CarryCall, Carrier>();
  /** When each agent's connections were last said to be two. */
  readonly #doubleSaid = new Map<string, number>();
  readonly #onRefused = withoutFlood((reason, peer) => this.#logger.warn({ peer, reason }, 'link refused'));

  constructor(store: TrustStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Makes the handlers of alphatensor.agent.v1.AgentLink. */
  service(): AgentLinkHandlers {
    return { Carry: (call) => this.#accept(call as unknown as CarryCall) };
  }

  /** Opens sockets for newly enrolled agents and closes those of revoked ones. */
  async sync(): Promise<void> {
    this.#findDoubles(Date.now());
    for (const [call, { identity }] of [...this.#calls]) {
      const refusal = this.#store.refusal(identity);
      if (refusal === undefined) continue;
      this.#logger.warn({ agent: identity.name, reason: refusal }, 'link closed');
      call.emit('error', toStatus(new AlphaTensorError('UNAUTHENTICATED', `The trainer closed the link: ${refusal}.`)));
    }
    for (const { name, revokedAt } of this.#store.list()) {
      const link = this.#links.get(name);
      if (revokedAt === undefined && link === undefined) await this.#open(name);
      if (revokedAt !== undefined && link !== undefined) this.#shut(name, link);
    }
  }

  /** Lists from where an agent is connected; a device has one connection. */
  #peersOf(name: string, before = Number.POSITIVE_INFINITY): Set<string> {
    const own = [...this.#calls.values()].filter(({ identity, since }) => identity.name === name && since <= before);
    return new Set(own.map(({ peer }) => peer));
  }

  /** Says, and records for `agents list`, that two connections with one key stay open: one of them has a copy of it. */
  #findDoubles(now: number): void {
    for (const name of new Set([...this.#calls.values()].map(({ identity }) => identity.name))) {
      const peers = this.#peersOf(name, now - NOTICED_MS);
      if (peers.size < 2 || now < (this.#doubleSaid.get(name) ?? 0) + SAID_EVERY_MS) continue;
      this.#doubleSaid.set(name, now);
      this.#store.noteDouble(name, now);
      this.#logger.error(
        { agent: name, peers: [...peers] },
        'two connections use the key of one device: unless at-agent runs twice there, the key was copied; run at-trainer agents revoke with its name, and invite it again',
      );
    }
  }

  close(): void {
    for (const [name, link] of [...this.#links]) this.#shut(name, link);
    for (const call of this.#calls.keys()) call.destroy();
  }

  async #open(name: string): Promise<void> {
    const path = linkSocket(name);
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `The path ${path} is too long for a socket; set ALPHATENSOR_CONFIG_DIR to a shorter folder.`,
      );
    }
    // Removes a socket that a killed process left behind. The hub's lock guarantees that nobody else uses it.
    rmSync(path, { force: true });
    const link: Link = { server: createServer((socket) => this.#join(link, socket)), spares: [], waiting: [] };
    this.#links.set(name, link);
    await new Promise<void>((resolve, reject) => link.server.once('error', reject).listen(path, resolve));
  }

  #shut(name: string, { server, waiting }: Link): void {
    this.#links.delete(name);
    server.close();
    for (const socket of waiting) socket.destroy();
  }

  /** Connects a command to the agent, if the agent is there or comes back soon. */
  #join(link: Link, socket: Socket): void {
    socket.on('error', () => undefined);
    const call = link.spares.pop();
    if (call !== undefined) {
      carry(call, socket);
      return;
    }
    link.waiting.push(socket);
    const timer = setTimeout(() => socket.destroy(), WAIT_MS);
    socket.once('close', () => remove(link.waiting, socket)).once('joined', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
  }

  /** Takes a call in which an agent offers to carry a connection. */
  #accept(call: CarryCall): void {
    try {
      const identity = requireAgent(call, this.#store);
      const link = this.#links.get(identity.name);
      // The agent was enrolled a moment ago and will try again.
      if (link === undefined)
        throw new AlphaTensorError('RESOURCE_EXHAUSTED', 'The trainer is not ready for this device yet.');
      const peer = call.getPeer();
      const known = this.#peersOf(identity.name);
      if (known.size === 0) {
        this.#logger.info({ agent: identity.name, peer }, 'agent connected');
        this.#store.noteCertificate(identity.name, identity.validTo);
      } else if (!known.has(peer)) {
        this.#logger.warn({ agent: identity.name, peer, others: [...known] }, 'agent connected a second time');
      }
      this.#calls.set(call, { identity, peer, since: Date.now() });
      // Tells the agent that it is connected.
      call.sendMetadata(new Metadata());
      const gone = (): void => {
        remove(link.spares, call);
        if (!this.#calls.delete(call)) return;
        if (this.#peersOf(identity.name).size === 0) this.#logger.info({ agent: identity.name }, 'agent disconnected');
      };
      call.once('cancelled', gone).once('close', gone).once('end', gone).once('error', gone);
      const socket = link.waiting.shift();
      if (socket !== undefined) {
        socket.emit('joined');
        carry(call, socket);
        return;
      }
      link.spares.push(call);
      if (link.spares.length > MAX_SPARES) link.spares.shift()?.end();
    } catch (error) {
      this.#onRefused((error as Error).message, call.getPeer());
      call.emit('error', toStatus(error));
    }
  }
}

/** Carries bytes until one end closes. If the command closes, the call ends with OK; if the call ends, the command's connection closes. */
function carry(call: CarryCall, socket: Socket): void {
  const bytes = byteStream(call as unknown as Duplex);
  call.once('end', () => bytes.push(null));
  call.once('cancelled', () => socket.destroy()).once('error', () => socket.destroy());
  pipeline(bytes, socket, bytes, () => {
    bytes.destroy();
    socket.destroy();
  });
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
