import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Position } from '../game/state.js';

/** Sets how the tree is searched, the same for every game of a run. The symbols are those of Fawzi et al., Nature 610 (2022). */
export interface SearchOptions {
  /** n_sim: simulations through the root before a move is made. Those that a kept subtree already has count. */
  readonly simulations: number;
  /** K: actions drawn from the policy at a node. */
  readonly samples: number;
  /** K at the opening position, where a good move that is missing cannot be found later. */
  readonly rootSamples: number;
  /**
   * How simulations choose their way, how the move is chosen and how the policy is improved. `puct` does it as in the article.
   * `gumbel` does it by sequential halving at the root and by the improved policy below (gumbel.ts); it is not part of AlphaTensor.
   */
  readonly selection: 'puct' | 'gumbel';
  /** With `gumbel`: the most actions that sequential halving begins with. */
  readonly consideredActions: number;
  /** With `gumbel`: c_scale, the weight of Q beside log prior. */
  readonly valueScale: number;
  /** With `gumbel`: the scale of the noise that makes moves random; 0 plays the best move. */
  readonly gumbelScale: number;
  /** Q of an edge: the mean of its simulations, as in the article, or the best of them (ours; SearchTree.backUpBest). */
  readonly backup: 'mean' | 'best';
  /** c1 and c2 of PUCT. */
  readonly c1: number;
  readonly c2: number;
  /** The value of a child without a visit: its parent's mean return, or the lowest value of the tree. */
  readonly unvisitedValue: 'parent' | 'minimum';
  /** Whether PUCT sees Q scaled to 0 … 1 by the lowest and highest value of the tree (MuZero). */
  readonly normalizeValues: boolean;
  /** The most moves of a simulation below the root. It ends there with the network's value. */
  readonly horizon: number;
  /** Nbar: with more visits than this at the root the improved policy is flattened. At least 2. */
  readonly policyVisits: number;
  /**
   * Whether a leaf gets its value alone, and its actions only when a simulation comes to it again. In the article it gets both at once;
   * most leaves are never searched below, and a solving move among the actions is then seen later.
   */
  readonly valueFirst: boolean;
  /** Leaves that one game collects before they are evaluated together. Visits that wait for the network count as visits (WU-UCT). */
  readonly leavesPerStep: number;
  /**
   * Gives the latency's part lambda * b of the terminal reward, for example from a cost model. It is called for solved positions and
   * for positions out of moves, where it should be -lambda * b_max. Positions reached by different moves share the bonus of the first.
   */
  readonly terminalBonus?: ((position: Position) => number) | undefined;
}

/** Holds the article's values. 800 simulations are many for a small computer. */
const DEFAULT_SEARCH_OPTIONS: SearchOptions = {
  simulations: 800,
  samples: 32,
  rootSamples: 32,
  selection: 'puct',
  consideredActions: 16,
  valueScale: 0.1,
  gumbelScale: 1,
  backup: 'mean',
  c1: 1.25,
  c2: 19652,
  unvisitedValue: 'parent',
  normalizeValues: true,
  horizon: 5,
  policyVisits: 100,
  valueFirst: false,
  leavesPerStep: 1,
};

const WHOLE = [
  'simulations',
  'samples',
  'rootSamples',
  'consideredActions',
  'horizon',
  'policyVisits',
  'leavesPerStep',
] as const;

/**
 * Completes the options with the article's values and checks them.
 * @throws AlphaTensorError INVALID_ARGUMENT naming the option that is wrong
 */
export function searchOptions(options: Partial<SearchOptions> = {}): SearchOptions {
  const complete = { ...DEFAULT_SEARCH_OPTIONS, ...options };
  for (const name of WHOLE) {
    const value = complete[name];
    const least = name === 'policyVisits' ? 2 : 1;
    if (!(value >= least && (Number.isInteger(value) || (name === 'horizon' && value === Number.POSITIVE_INFINITY)))) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${name} must be a whole number of at least ${least}, but is ${value}.`,
        {
          field: name,
        },
      );
    }
  }
  return complete;
}
