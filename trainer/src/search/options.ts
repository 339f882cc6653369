import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Position } from '../game/state.js';

/** How the tree is searched; the same for every game of a run. Symbols are those of Fawzi et al., Nature 610 (2022). */
export interface SearchOptions {
  /** n_sim: simulations through the root before a move is made; what a reused subtree brings along counts. */
  readonly simulations: number;
  /** K: actions drawn from the policy at a node. */
  readonly samples: number;
  /** K at the opening position, where a missing good move cannot be mended later. */
  readonly rootSamples: number;
  /**
   * How simulations choose their way, the move is chosen and the policy improved: `puct` as in the article; `gumbel`, not part of
   * AlphaTensor, by sequential halving at the root and the improved policy below (gumbel.ts).
   */
  readonly selection: 'puct' | 'gumbel';
  /** Of `gumbel`: the most actions that sequential halving begins with. */
  readonly consideredActions: number;
  /** Of `gumbel`: c_scale, the weight of Q beside log prior. */
  readonly valueScale: number;
  /** Of `gumbel`: the noise that makes moves random; 0 plays the best one. */
  readonly gumbelScale: number;
  /** Q of an edge: the mean of its simulations, as in the article, or the best they came to (ours; SearchTree.backUpBest). */
  readonly backup: 'mean' | 'best';
  /** c1 and c2 of PUCT. */
  readonly c1: number;
  readonly c2: number;
  /** The value of a child without a visit: its parent's mean return, or the lowest value of the tree. */
  readonly unvisitedValue: 'parent' | 'minimum';
  /** Whether PUCT sees Q scaled to 0 … 1 by the lowest and highest value of the tree (MuZero). */
  readonly normalizeValues: boolean;
  /** A simulation this many moves below the root ends with the network's value. */
  readonly horizon: number;
  /** N-bar: with more visits at the root than this the improved policy is flattened; at least 2. */
  readonly policyVisits: number;
  /** Leaves one game collects before they are evaluated together; visits in flight count as visits (WU-UCT). */
  readonly leavesPerStep: number;
  /**
   * The latency's part lambda * b of the terminal reward, for example from a cost model. Called for solved positions and for those
   * out of moves (where it should be -lambda * b_max). With it, positions reached by different moves share the bonus of the first.
   */
  readonly terminalBonus?: (position: Position) => number;
}

/** The article's values; 800 simulations are many for a small computer. */
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

/** @throws AlphaTensorError INVALID_ARGUMENT naming the option */
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
