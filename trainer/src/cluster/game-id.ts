import { createHash } from 'node:crypto';
import { encodeGame, type GameMessage } from './game-message.js';

/** The bytes of a fingerprint that are kept. */
const KEPT = 16;

/**
 * Gives a fingerprint of what was played, whatever the game is called: two games with the same one are the same game. Undefined for a
 * beam search, of which nothing is learnt but its algorithms, and those are kept once anyway.
 */
export function fingerprintOf(message: GameMessage): string | undefined {
  if (message.searcher !== 0) return undefined;
  const { u, v, w, target, prefix, moves, moveLimit, searched } = message;
  const played = { format: 0, id: '', configuration: '', version: 0, searcher: 0, found: [] };
  const counts = { evaluations: 0, simulations: 0, expansions: 0, wasted: 0 };
  const bytes = encodeGame({ ...played, ...counts, u, v, w, target, prefix, moves, moveLimit, searched });
  return createHash('sha256').update(bytes).digest().subarray(0, KEPT).toString('hex');
}
