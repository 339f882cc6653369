import type { Random } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { Sampler } from '../network/sampler.js';
import type { Evaluator } from '../search/evaluator.js';
import { stepTogether } from '../search/search.js';
import { wholeGame } from './actor.js';
import { actByBeam } from './beam-actor.js';
import type { Publication } from './game-source.js';
import { PLAIN_REWARD } from './reward.js';
import type { ActedGame, Opening } from './round.js';
import { beginTreeGame, type TreeGame, treeSearchEvaluator } from './tree-search-actor.js';

/** Holds the part of a publication that says which games are played. */
export type PublishedGames = Pick<Publication, 'step' | 'plan' | 'begun'>;

/** Holds a game that has ended, and the step of the oldest weights with which a part of it was played. */
export interface EndedGame {
  readonly game: ActedGame;
  readonly weightsStep: number;
}

/** Sets how games are refilled. */
interface RefillOptions {
  /** Number of games side by side. */
  readonly lanes: number;
  /** The first part of the games' ids. */
  readonly name: string;
  readonly random: Random;
}

/** Holds a game that is under way. A beam search is played in one step. */
interface Lane {
  readonly weightsStep: number;
  readonly opening: Opening;
  /** Undefined for a beam search. */
  readonly tree: TreeGame | undefined;
}

const ALONE = { worker: 0, workers: 1 };

/**
 * Plays games side by side without end: where one ends, the next begins, so that the network's batches stay full. Weights may be
 * renewed in the middle of games. The reward is the plain one.
 */
export class RefilledGames {
  readonly #config: TrainingConfig;
  readonly #options: RefillOptions;
  #lanes: Lane[] = [];
  #begun = 0;
  #published: PublishedGames | undefined;
  #sampler: Sampler | undefined;
  #evaluator: Evaluator | undefined;

  constructor(config: TrainingConfig, options: RefillOptions) {
    this.#config = config;
    this.#options = options;
  }

  /** Gives the step of the weights that it plays with. */
  get weightsStep(): number | undefined {
    return this.#published?.step;
  }

  /** Gives the number of games under way. */
  get underWay(): number {
    return this.#lanes.length;
  }

  /** Gives the step of the oldest weights with which a game under way began; undefined if there is none. */
  get oldest(): number | undefined {
    return this.#lanes.length === 0 ? undefined : Math.min(...this.#lanes.map(({ weightsStep }) => weightsStep));
  }

  /** Goes on with other weights and another plan. Games under way keep the search that they began with. */
  renew(published: PublishedGames, sampler: Sampler): void {
    const random = this.#options.random.split(`weights/${published.step}`);
    this.#published = published;
    this.#sampler = sampler;
    this.#evaluator = treeSearchEvaluator(sampler, this.#config, { random, share: ALONE });
  }

  /** Begins games until so many are under way, but no more than fit side by side. Before the first weights it begins none. */
  fill(most: number): void {
    if (this.#published === undefined) return;
    const { step, plan } = this.#published;
    const isBeam = plan.searcher === 'beam';
    // Beam searches are played one after the other.
    const count = Math.min(most, isBeam ? 1 : this.#options.lanes);
    while (this.#lanes.length < count) {
      const opening = this.#nextOpening(this.#published);
      const random = this.#options.random.split(`game/${opening.index}`);
      const tree = isBeam ? undefined : beginTreeGame(this.#config, opening, { reward: PLAIN_REWARD, random });
      this.#lanes.push({ weightsStep: step, opening, tree });
    }
  }

  /**
   * Makes one step of the games under way, and gives those that ended with it.
   * @throws AlphaTensorError CANCELLED in a beam search after `signal` was aborted
   */
  async step(signal?: AbortSignal): Promise<EndedGame[]> {
    const trees = this.#lanes.flatMap(({ tree }) => tree?.search ?? []);
    if (trees.length > 0) await stepTogether(trees, this.#evaluator as Evaluator);
    const ended: EndedGame[] = [];
    const lanes = this.#lanes;
    this.#lanes = lanes.filter(({ tree }) => tree !== undefined && !tree.search.isOver);
    for (const { weightsStep, opening, tree } of lanes) {
      if (tree === undefined) ended.push({ weightsStep, game: await this.#playBeam(opening, signal) });
      else if (tree.search.isOver) ended.push({ weightsStep, game: tree.end() });
    }
    return ended;
  }

  async #playBeam(opening: Opening, signal: AbortSignal | undefined): Promise<ActedGame> {
    const random = this.#options.random.split(`beam/${opening.index}`);
    const round = { random, signal, reward: PLAIN_REWARD, share: ALONE };
    const [game] = await actByBeam(this.#sampler as Sampler, this.#config, [opening], round);
    return game;
  }

  /** Takes whole games and those that have begun already by turns, in the numbers of a round. */
  #nextOpening({ step, plan, begun }: PublishedGames): Opening {
    const index = this.#begun++;
    const { name, random } = this.#options;
    const id = `step-${step}-${name}-${index}`;
    const { games } = this.#config.acting;
    const place = index % (games + begun.length);
    if (place >= games) return { id, index, ...begun[place - games] };
    const { moveLimit } = plan;
    return { id, index, ...wholeGame(this.#config, index, { moveLimit, random: random.split(`basis/${index}`) }) };
  }
}
