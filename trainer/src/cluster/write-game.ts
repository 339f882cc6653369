import { AlphaTensorError, MODES } from '@alphatensor-edge/shared';
import type { Action } from '../game/action.js';
import type { Basis } from '../game/basis.js';
import type { ActedGame } from '../training/round.js';
import { GAME_FORMAT, type GameMessage } from './game-message.js';

/** Makes the message of a game that was played here. @throws AlphaTensorError INTERNAL if its basis is not known */
export function messageOfGame(
  game: ActedGame,
  about: { readonly id: string; readonly configuration: string; readonly version: number },
): GameMessage {
  const { begun, stored, searcher, found } = game;
  if (begun === undefined) throw new AlphaTensorError('INTERNAL', `The game ${game.id} does not say how it began.`);
  const { basis, prefix } = begun;
  const { n, m, p } = basis.target;
  // What a tree search ended with follows from its moves.
  const others = searcher === 'mcts' && game.solved ? found.slice(1) : found;
  const { evaluations, simulations, expansions, wasted } = game;
  return {
    format: GAME_FORMAT,
    ...about,
    searcher: searcher === 'mcts' ? 0 : 1,
    target: [n, m, p],
    ...basisParts(basis),
    prefix: bytesOf(prefix),
    moves: bytesOf(stored?.moves ?? []),
    moveLimit: begun.opening.movesLeft,
    searched: (stored?.searched ?? []).map(({ actions, policy }) => ({
      actions: bytesOf(actions),
      policy: [...policy],
    })),
    found: others.map((factorization) => {
      const [u, v, w] = MODES.map((mode) => [...factorization[mode].coefficients]);
      return { rank: factorization.rank, u, v, w };
    }),
    ...{ evaluations, simulations, expansions, wasted },
  };
}

/** Gives the matrices of a basis, as they travel. */
function basisParts(basis: Basis): Pick<GameMessage, 'u' | 'v' | 'w'> {
  const [u, v, w] = MODES.map((mode) => ({ matrix: [...basis[mode].matrix], inverse: [...basis[mode].inverse] }));
  return { u, v, w };
}

function bytesOf(moves: readonly Action[]): Uint8Array {
  return Buffer.concat(moves.map((move) => Buffer.from(move.buffer, move.byteOffset, move.length)));
}
