import { z } from 'zod';
import { REFUSALS, type Refusal } from './refusal.js';

/** Milliseconds over which a rate is taken. */
const WINDOW_MS = 30_000;
/** The most actors whose figures are kept apart. Names cost a hostile actor nothing on a server without keys. */
const MOST_PEERS = 1000;
/** Collects the figures of actors beyond that number. */
const OTHERS = 'others';

const count = z.number().int().min(0);
const refused = z.partialRecord(z.enum(Object.keys(REFUSALS) as [Refusal, ...Refusal[]]), count);

/** Holds the figures of one actor. */
export const peerFigures = z.object({
  name: z.string(),
  /** Games that were taken in, and the solved ones among them. */
  games: count,
  solved: count,
  refused,
  /** The last refusal in words. */
  lastRefusal: z.string().optional(),
  /** The version of the weights of the last game. */
  version: count.optional(),
  /** ISO 8601, UTC: when it was last heard of. */
  lastSeen: z.string().optional(),
  gamesPerSecond: z.number(),
  /** Its share of the played games in the replay, 0 to 1. */
  replayShare: z.number(),
});
export type PeerFigures = z.infer<typeof peerFigures>;

interface Peer {
  games: number;
  solved: number;
  readonly refused: Partial<Record<Refusal, number>>;
  lastRefusal: string | undefined;
  version: number | undefined;
  lastSeen: number | undefined;
  /** Games of this window, and of the one before if there was one. */
  window: { readonly began: number; now: number; readonly before: number | undefined };
}

/** Counts what each actor sent. */
export class Peers {
  readonly #peers = new Map<string, Peer>();

  /** Goes on from figures that were kept. */
  restore(figures: readonly PeerFigures[]): void {
    for (const { name, games, solved, refused: reasons, lastRefusal, version, lastSeen } of figures) {
      Object.assign(this.#peer(name, 0), {
        ...{ games, solved, refused: { ...reasons }, lastRefusal, version },
        lastSeen: lastSeen === undefined ? undefined : Date.parse(lastSeen),
      });
    }
  }

  accept(name: string, game: { readonly solved: boolean; readonly version: number }, now = Date.now()): void {
    const peer = this.#peer(name, now);
    roll(peer, now);
    peer.games++;
    peer.window.now++;
    if (game.solved) peer.solved++;
    peer.version = game.version;
    peer.lastSeen = now;
  }

  refuse(name: string, reason: Refusal, message: string, now = Date.now()): void {
    const peer = this.#peer(name, now);
    peer.refused[reason] = (peer.refused[reason] ?? 0) + 1;
    peer.lastRefusal = message;
    peer.lastSeen = now;
  }

  /** Notes that an actor said that it is there. */
  greet(name: string, now = Date.now()): void {
    this.#peer(name, now).lastSeen = now;
  }

  /** Lists the figures, in the order in which the actors came. @param shares of the replay, by name */
  figures(shares: ReadonlyMap<string, number>, now = Date.now()): PeerFigures[] {
    return [...this.#peers].map(([name, peer]) => {
      roll(peer, now);
      const { began, now: games, before } = peer.window;
      const milliseconds = (before === undefined ? 0 : WINDOW_MS) + Math.max(1000, now - began);
      const { lastRefusal, version, lastSeen } = peer;
      return {
        ...{ name, games: peer.games, solved: peer.solved, refused: { ...peer.refused }, lastRefusal, version },
        lastSeen: lastSeen === undefined ? undefined : new Date(lastSeen).toISOString(),
        gamesPerSecond: (1000 * ((before ?? 0) + games)) / milliseconds,
        replayShare: shares.get(name) ?? 0,
      };
    });
  }

  #peer(name: string, now: number): Peer {
    const key = this.#peers.has(name) || this.#peers.size < MOST_PEERS ? name : OTHERS;
    const known = this.#peers.get(key);
    if (known !== undefined) return known;
    const peer: Peer = {
      ...{ games: 0, solved: 0, refused: {}, lastRefusal: undefined, version: undefined, lastSeen: undefined },
      window: { began: now, now: 0, before: undefined },
    };
    this.#peers.set(key, peer);
    return peer;
  }
}

function roll(peer: Peer, now: number): void {
  const { began, now: games } = peer.window;
  if (now - began < WINDOW_MS) return;
  const isNext = now - began < 2 * WINDOW_MS;
  peer.window = { began: isNext ? began + WINDOW_MS : now, now: 0, before: isNext ? games : undefined };
}
