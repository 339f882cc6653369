import { setImmediate } from 'node:timers/promises';
import { contentHash, type Random, sameSize, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import { gameRules } from '../config.js';
import type { Action } from '../game/action.js';
import { playedFactorization, randomBasis, targetTensor } from '../game/basis.js';
import { terminalReward } from '../game/reward.js';
import { type GameRules, isSolved, moveLimitOf, type Position, start } from '../game/state.js';
import { networkEvaluator } from '../network/batcher.js';
import type { Network } from '../network/model.js';
import type { StoredGame } from '../run/replay-file.js';
import { beamSearch } from '../search/beam.js';
import type { Evaluator } from '../search/evaluator.js';
import { GameSearch } from '../search/game-search.js';
import { searchOptions } from '../search/options.js';
import { runLockstep } from '../search/search.js';
import type { BegunGame } from './game-inside.js';

/** How a game was searched: `mcts` is AlphaTensor's tree search, `beam` is not. */
export type Searcher = 'mcts' | 'beam';

/** A finished game. */
export interface ActedGame {
  readonly id: string;
  readonly searcher: Searcher;
  /** Whether it had begun already, `begun` of ActOptions. */
  readonly isInside: boolean;
  readonly solved: boolean;
  /** Moves of a solved game. */
  readonly moves: number;
  /** The return from the opening position, the latency's part included. */
  readonly return: number;
  /** The latency's part of it, as it was estimated when the game ended. */
  readonly bonus: number;
  /** For the replay; a beam search has no policy to imitate and leaves none. */
  readonly stored: StoredGame | undefined;
  /** What the game ended with and what its simulations ran into, in the canonical basis, exact; the game's own first. */
  readonly found: readonly VerifiedFactorization[];
  /** Positions the network was asked for. */
  readonly evaluations: number;
  /** Of the tree search; a beam search has none. */
  readonly simulations: number;
}

export interface ActOptions {
  readonly searcher: Searcher;
  readonly games: number;
  /** Moves that a game of the configured size takes at most; default: the configured limit. */
  readonly moveLimit?: number | undefined;
  /** Further games, begun already. */
  readonly begun?: readonly BegunGame[];
  /** Begins the games' ids. */
  readonly name: string;
  readonly random: Random;
  /** lambda * b for a factorization by the cost model; for undefined, a game out of moves, -lambda * b_max. Default 0. */
  readonly terminalBonus?: ((factorization: VerifiedFactorization | undefined) => number) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Only the games whose index is `worker` modulo `workers`, as in the whole round but for the draws of the network's samples. */
  readonly share?: { readonly worker: number; readonly workers: number };
}

/**
 * Plays games from the target in random bases, all in lockstep, and maps what they found back. With further sizes they take turns.
 * @throws AlphaTensorError CANCELLED after `signal` was aborted
 */
export async function actGames(network: Network, config: TrainingConfig, options: ActOptions): Promise<ActedGame[]> {
  const rules = gameRules(config);
  const targets = [config.size, ...config.alsoSizes];
  const { share = { worker: 0, workers: 1 }, moveLimit = config.moveLimit, begun = [] } = options;
  const whole = Array.from({ length: options.games }, (_, index): BegunGame => {
    const { size, arithmetic, acting } = config;
    const target = targets[index % targets.length];
    const basis = randomBasis(size, arithmetic, options.random, acting.basis, target);
    const opening = start(rules, targetTensor(basis), sameSize(target, size) ? moveLimit : moveLimitOf(rules, target));
    return { basis, prefix: [], opening };
  });
  const openings = [...whole, ...begun]
    .map((game, index): Opening => ({ id: `${options.name}-${index}`, index, ...game }))
    .filter(({ index }) => index % share.workers === share.worker);
  return options.searcher === 'mcts'
    ? actByTreeSearch(network, config, openings, options)
    : actByBeam(network, config, openings, options);
}

interface Opening extends BegunGame {
  readonly id: string;
  /** In the round. */
  readonly index: number;
}

async function actByTreeSearch(
  network: Network,
  config: TrainingConfig,
  openings: readonly Opening[],
  { random, terminalBonus, signal, share }: ActOptions,
): Promise<ActedGame[]> {
  const rules = gameRules(config);
  const complete = searchOptions(config.search);
  const bonusOf = (game: Opening, end: Position): number =>
    terminalBonus?.(isSolved(end) ? foundBy(rules, game, end.history) : undefined) ?? 0;
  const searches = openings.map(
    (opening) =>
      new GameSearch(
        opening.opening,
        terminalBonus === undefined
          ? complete
          : { ...complete, terminalBonus: (end: Position) => bonusOf(opening, end) },
        random.split(`game/${opening.index}`),
      ),
  );
  const evaluator = givingWay(
    networkEvaluator(
      network,
      { maxBatch: config.acting.maxBatch, valueLevel: config.network.value.actingLevel },
      evaluatorRandom(random, share),
    ),
  );
  await runLockstep(searches, evaluator, complete, signal);
  return openings.map((opening, index) => {
    const game = searches[index].result();
    const bonus = bonusOf(opening, game.final);
    const solutions = [...(game.solved ? [game.final.history] : []), ...(game.best ? [game.best.moves] : [])];
    const found = solutions.map((moves) => foundBy(rules, opening, moves));
    const stored: StoredGame = {
      id: opening.id,
      ...(game.solved ? { hash: contentHash(found[0]) } : {}),
      opening: opening.opening.residual,
      moveLimit: opening.opening.movesLeft,
      moves: game.moves,
      searched: game.searched.map(({ actions, policy }) => ({ actions, policy })),
      terminal: terminalReward(game.final),
      bonus,
    };
    return {
      id: opening.id,
      searcher: 'mcts',
      isInside: opening.prefix.length > 0,
      solved: game.solved,
      moves: game.moves.length,
      return: stored.terminal + bonus - game.moves.length,
      bonus,
      stored,
      found,
      evaluations: game.evaluations,
      simulations: game.simulations,
    };
  });
}

async function actByBeam(
  network: Network,
  config: TrainingConfig,
  openings: readonly Opening[],
  { random, terminalBonus, signal, share }: ActOptions,
): Promise<ActedGame[]> {
  const rules = gameRules(config);
  // The beam compares expected returns; the risk-seeking value is the tree search's.
  const evaluator = givingWay(
    networkEvaluator(network, { maxBatch: config.acting.maxBatch, valueLevel: 0 }, evaluatorRandom(random, share)),
  );
  const games: ActedGame[] = [];
  for (const game of openings) {
    const { id, index, opening } = game;
    const result = await beamSearch(opening, evaluator, config.beam, random.split(`game/${index}`), signal);
    const solutions: readonly (readonly Action[])[] = result.solutions;
    const found = solutions.map((moves) => foundBy(rules, game, moves));
    const solved = found.length > 0;
    const moves = solved ? solutions[0].length : opening.movesLeft;
    const bonus = terminalBonus?.(found[0]) ?? 0;
    games.push({
      id,
      searcher: 'beam',
      isInside: game.prefix.length > 0,
      solved,
      moves,
      return: bonus - moves,
      bonus,
      stored: undefined,
      found,
      evaluations: result.expanded + result.ranked,
      simulations: 0,
    });
  }
  return games;
}

/** The factorization that a game came to with these moves from its opening on. */
function foundBy(rules: GameRules, { basis, prefix }: Opening, moves: readonly Action[]): VerifiedFactorization {
  return playedFactorization(rules, basis, [...prefix, ...moves]);
}

/** Of a thread: the samples that the network draws for one game depend on those it draws for the others beside it. */
function evaluatorRandom(random: Random, share: ActOptions['share']): Random {
  return random.split(share === undefined || share.workers === 1 ? 'evaluator' : `evaluator/${share.worker}`);
}

/** TensorFlow.js computes in this thread, and a round takes long: between two calls signals and measurements get their turn. */
function givingWay(evaluator: Evaluator): Evaluator {
  return async (positions, samples) => {
    await setImmediate();
    return evaluator(positions, samples);
  };
}
