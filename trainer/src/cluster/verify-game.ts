import {
  AlphaTensorError,
  contentHash,
  formatSize,
  fromRows,
  modeLengths,
  type Size,
  sameSize,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { playedFactorization, targetTensor } from '../game/basis.js';
import { terminalReward } from '../game/reward.js';
import { moveLimitOf } from '../game/state.js';
import type { StoredGame } from '../run/replay-file.js';
import type { ActedGame } from '../training/round.js';
import { readMoves, readSearched } from './bounded-moves.js';
import { readBasis } from './exact-basis.js';
import { type AlgorithmMessage, GAME_FORMAT, type GameMessage } from './game-message.js';
import { RefusedGame } from './refusal.js';
import { replayExactly } from './replay-exactly.js';

/** The most further algorithms of one game. */
const MOST_FOUND = 64;
/** The most of a count that serves for figures only. */
const MOST_COUNT = 100_000_000;

/** Says which games a learner takes. */
export interface Expected {
  readonly config: TrainingConfig;
  /** SHA-256 of the configuration (run-record.ts). */
  readonly configuration: string;
  /** The newest version of the weights, and the oldest whose games count. */
  readonly newest: number;
  readonly oldest: number;
}

/** A game's id: the actor's name, a word that its process drew, and a number. */
const ID = /^([A-Za-z0-9][A-Za-z0-9_-]{0,39})\.([A-Za-z0-9]{1,32})\.(\d{1,12})$/;

/** Says whether the game was played in time, by whom, with what. @throws RefusedGame */
export function checkOrigin(message: GameMessage, actor: string, expected: Expected): void {
  const { format, id, configuration, version } = message;
  if (format !== GAME_FORMAT) throw new RefusedGame('malformed', `Its format is ${format}, not ${GAME_FORMAT}.`);
  if (ID.exec(id)?.[1] !== actor) throw new RefusedGame('malformed', `Its id is not one of ${actor}.`);
  if (configuration !== expected.configuration) {
    throw new RefusedGame('configuration', 'It was played with another configuration than this run has.');
  }
  if (version > expected.newest) throw new RefusedGame('wrong', `There are no weights of version ${version} yet.`);
  if (version < expected.oldest) {
    throw new RefusedGame(
      'stale',
      `It was played with weights of version ${version}; ${expected.oldest} is the oldest that counts.`,
    );
  }
}

/**
 * Plays a game again and gives it as the learner would have played it itself. Nothing is taken over but what cannot be computed: the
 * moves, the basis, and the policies of the search, which are checked for form and made to sum to 1. Positions, ends, rewards and
 * algorithms are computed exactly.
 * @throws RefusedGame
 */
export function replayGame(message: GameMessage, config: TrainingConfig): ActedGame {
  const rules = gameRules(config);
  const target = targetOf(message, config);
  const basis = readBasis(message, target, config);
  const prefix = readMoves(message.prefix, rules, 'anySigns');
  if (prefix.length > 0 && config.acting.insideGames === 0) {
    throw new RefusedGame('wrong', 'It begins inside an algorithm, which games of this run do not.');
  }
  if (prefix.length > rules.moveLimit * 2) throw new RefusedGame('wrong', 'It begins after too many moves.');
  const opening = replayExactly(rules, targetTensor(basis), prefix).residual;
  const moveLimit = moveLimitWithin(message.moveLimit, moveLimitOf(rules, target));
  const found = message.found.slice(0, MOST_FOUND).map((claim) => readAlgorithm(claim, target, config));
  if (message.found.length > MOST_FOUND) throw new RefusedGame('wrong', `It names more than ${MOST_FOUND} algorithms.`);
  const counts = countsOf(message);
  const isInside = prefix.length > 0;
  if (message.searcher === 1) {
    if (message.moves.length > 0 || message.searched.length > 0) {
      throw new RefusedGame('wrong', 'A beam search has no moves of its own.');
    }
    const solved = found.length > 0;
    // How many moves a solution had is not asked: it serves for figures only, and the rank bounds it from below.
    const moves = solved ? Math.min(moveLimit, Math.max(1, found[0].rank - prefix.length)) : moveLimit;
    return {
      id: message.id,
      searcher: 'beam',
      isInside,
      solved,
      moves,
      return: -moves,
      bonus: 0,
      stored: undefined,
      found,
      ...counts,
    };
  }
  if (message.searcher !== 0) throw new RefusedGame('malformed', 'It names no search that there is.');
  const played = replayMoves(message, config, { opening, moveLimit });
  const own = played.solved ? [claimed(() => playedFactorization(rules, basis, [...prefix, ...played.moves]))] : [];
  const stored: StoredGame = {
    id: message.id,
    hash: played.solved ? contentHash(own[0]) : undefined,
    opening: Int8Array.from(opening),
    moveLimit,
    moves: played.moves,
    searched: played.searched,
    terminal: played.terminal,
    bonus: 0,
  };
  return {
    id: message.id,
    searcher: 'mcts',
    isInside,
    solved: played.solved,
    moves: played.moves.length,
    return: played.terminal - played.moves.length,
    bonus: 0,
    stored,
    found: [...own, ...found],
    ...counts,
  };
}

/** Plays the moves of a tree search, which ends when it is solved or out of moves, and never later. @throws RefusedGame */
function replayMoves(
  message: GameMessage,
  config: TrainingConfig,
  { opening, moveLimit }: { readonly opening: Int32Array; readonly moveLimit: number },
) {
  const rules = gameRules(config);
  const moves = readMoves(message.moves, rules, 'canonicalSigns');
  if (moves.length === 0 || moves.length > moveLimit) {
    throw new RefusedGame('wrong', `It has ${moves.length} moves of ${moveLimit}.`);
  }
  const { residual, solvedAfter } = replayExactly(rules, opening, moves);
  if (solvedAfter === undefined ? moves.length < moveLimit : solvedAfter < moves.length) {
    throw new RefusedGame('wrong', 'It does not end where a game ends.');
  }
  const searched = readSearched(message.searched, moves, config);
  const position = { rules, residual: Int8Array.from(residual), history: [], movesLeft: 0 };
  return { moves, searched, solved: solvedAfter !== undefined, terminal: terminalReward(position) };
}

function targetOf({ target }: GameMessage, { size, alsoSizes }: TrainingConfig): Size {
  const [n, m, p] = target;
  const found = [size, ...alsoSizes].find((one) => target.length === 3 && sameSize(one, { n, m, p }));
  if (found === undefined) throw new RefusedGame('wrong', 'It was played for a size that this run does not search.');
  return found;
}

function moveLimitWithin(moveLimit: number, most: number): number {
  if (moveLimit >= 1 && moveLimit <= most) return moveLimit;
  throw new RefusedGame('wrong', `It had ${moveLimit} moves; ${most} is the most.`);
}

/** Verifies an algorithm exactly. @throws RefusedGame `false-claim` */
function readAlgorithm(claim: AlgorithmMessage, size: Size, { arithmetic }: TrainingConfig): VerifiedFactorization {
  return claimed(() => {
    const rows = ([values, length]: readonly [readonly number[], number]): readonly number[][] => {
      if (values.length !== claim.rank * length) throw new AlphaTensorError('INVALID_ARGUMENT', 'A row is missing.');
      return Array.from({ length: claim.rank }, (_, row) => values.slice(row * length, (row + 1) * length));
    };
    const [a, b, c] = modeLengths(size);
    return verify(fromRows(size, rows([claim.u, a]), rows([claim.v, b]), rows([claim.w, c]), arithmetic));
  }, size);
}

function claimed(make: () => VerifiedFactorization, size?: Size): VerifiedFactorization {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof AlphaTensorError)) throw error;
    throw new RefusedGame(
      'false-claim',
      `What it claims is no algorithm${size === undefined ? '' : ` for ${formatSize(size)}`}.`,
    );
  }
}

function countsOf({ evaluations, simulations, expansions, wasted }: GameMessage) {
  const counts = { evaluations, simulations, expansions, wasted };
  if (Object.values(counts).some((count) => count > MOST_COUNT)) {
    throw new RefusedGame('wrong', 'It counts more work than one game can have.');
  }
  return counts;
}
