import type { ReplayBuffer } from '../training/replay-buffer.js';

/** Gives the actor of a game's id; undefined for a game that the learner played itself. */
export function actorOfGame(id: string): string | undefined {
  const parts = id.split('.');
  return parts.length === 3 ? parts[0] : undefined;
}

/** Gives each actor's share of the played games in a replay. */
export function replayShares({ played }: Pick<ReplayBuffer, 'played'>): Map<string, number> {
  const shares = new Map<string, number>();
  for (const { id } of played) {
    const actor = actorOfGame(id);
    if (actor !== undefined) shares.set(actor, (shares.get(actor) ?? 0) + 1 / played.length);
  }
  return shares;
}

/**
 * Makes room for an actor's next games within its part of a replay: its own oldest games leave. What an actor says of its policies cannot
 * be verified, so that no single one may have more than its part.
 * @param most the most games of one actor
 * @param incoming number of its games that come
 */
export function limitActor(replay: ReplayBuffer, actor: string, most: number, incoming: number): void {
  const own = replay.played.filter(({ id }) => actorOfGame(id) === actor);
  const excess = Math.max(0, own.length + incoming - most);
  for (const { id } of own.slice(0, excess)) replay.dropGame(id);
}

/** Removes all games of an actor from a replay. Returns how many there were. */
export function dropActor(replay: ReplayBuffer, actor: string): number {
  const own = replay.played.filter(({ id }) => actorOfGame(id) === actor);
  for (const { id } of own) replay.dropGame(id);
  return own.length;
}
