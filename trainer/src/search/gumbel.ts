import type { Random } from '@alphatensor-edge/shared';
import type { SearchOptions } from './options.js';
import { edgeValue } from './puct.js';
import type { SearchTree } from './tree.js';

// Gumbel MuZero (Danihelka et al., "Policy improvement by planning with Gumbel", ICLR 2022; DeepMind's mctx) is a labelled alternative
// to PUCT: it improves on the policy even with few simulations. It is not part of AlphaTensor.

/** Holds c_visit, which is added to the visits of a node's most visited edge. */
const ADDED_VISITS = 50;

/**
 * Computes log prior + sigma(completed Q) for each edge of an expanded node. The softmax of these is the improved policy pi'. Q is
 * scaled to 0 … 1 by the node's lowest and highest Q, and sigma(q) = (c_visit + max N) c_scale q.
 * @param valueScale c_scale
 */
export function improvedLogits(tree: SearchTree, node: number, valueScale: number): Float64Array {
  const values = completedValues(tree, node);
  const first = tree.firstEdge[node];
  let mostVisits = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  values.forEach((value, index) => {
    mostVisits = Math.max(mostVisits, tree.edgeVisits[first + index]);
    low = Math.min(low, value);
    high = Math.max(high, value);
  });
  const scale = high > low ? ((ADDED_VISITS + mostVisits) * valueScale) / (high - low) : 0;
  return values.map((value, index) => Math.log(tree.prior[first + index]) + scale * (value - low));
}

/**
 * Gives the Q of each edge. An edge of unknown Q gets the node's mixed value (Appendix D of the paper): the network's value V mixed
 * with the mean Q of the known edges, weighted by their priors P: (V + sum N * sum(P Q) / sum(P)) / (1 + sum N).
 */
function completedValues(tree: SearchTree, node: number): Float64Array {
  const first = tree.firstEdge[node];
  const values = new Float64Array(tree.edgeCount[node]);
  let weights = 0;
  let weighted = 0;
  for (let index = 0; index < values.length; index++) {
    values[index] = edgeValue(tree, first + index, Number.NaN);
    if (Number.isNaN(values[index])) continue;
    weights += tree.prior[first + index];
    weighted += tree.prior[first + index] * values[index];
  }
  const visits = tree.visits[node];
  const mixed = weights > 0 ? (tree.value[node] + (visits * weighted) / weights) / (1 + visits) : tree.value[node];
  return values.map((value) => (Number.isNaN(value) ? mixed : value));
}

/**
 * Chooses the edge that a simulation follows below the root: the one whose share of the visits is furthest behind the improved
 * policy, argmax pi'(a) - N(a) / (1 + sum N). Simulations that wait for the network count in N.
 */
export function selectByImprovedPolicy(tree: SearchTree, node: number, valueScale: number): number {
  const policy = softmax(improvedLogits(tree, node, valueScale));
  const first = tree.firstEdge[node];
  const total = 1 + tree.visits[node] + tree.pending[node];
  return first + indexOfMaximum(policy, (share, index) => share - visitsOf(tree, first + index) / total);
}

/**
 * Spends the simulations of one move at the root, node 0. The considered actions are those with the highest log prior + Gumbel noise.
 * Each gets the same number of simulations; then the better half of them goes on, and so on. The schedule says, for each simulation,
 * how many simulations its edge has had so far. Among the edges with that number, the simulation takes the one with the highest
 * Gumbel noise + log prior + sigma(completed Q).
 */
export class SequentialHalving {
  readonly #tree: SearchTree;
  readonly #options: SearchOptions;
  readonly #noise: Float64Array;
  readonly #schedule: readonly number[];
  /** Number of simulations of each root edge since this move's search began, with those that wait for the network. */
  readonly #simulations: Int32Array;
  #done = 0;

  constructor(tree: SearchTree, options: SearchOptions, random: Random) {
    this.#tree = tree;
    this.#options = options;
    const edges = tree.edgeCount[0];
    this.#noise = Float64Array.from({ length: edges }, () => options.gumbelScale * gumbel(random));
    const budget = Math.max(0, options.simulations - tree.visits[0]);
    // If the kept subtree already has all the simulations, they decide the move.
    const kept = tree.edgeVisits.subarray(tree.firstEdge[0], tree.firstEdge[0] + edges);
    this.#simulations = budget > 0 ? new Int32Array(edges) : kept.slice();
    this.#schedule = halvingSchedule(Math.min(options.consideredActions, edges), budget);
  }

  /** Chooses the root edge for the next simulation. */
  select(): number {
    return this.#bestWith(this.#schedule[Math.min(this.#done, this.#schedule.length - 1)]);
  }

  /** Counts a simulation that went down this root edge. */
  count(edge: number): void {
    this.#simulations[edge - this.#tree.firstEdge[0]]++;
    this.#done++;
  }

  /** Chooses the edge of the move: among those with the most simulations, the one with the highest score. */
  choose(): number {
    return this.#bestWith(this.#simulations.reduce((most, count) => Math.max(most, count), 0));
  }

  #bestWith(simulations: number): number {
    const logits = improvedLogits(this.#tree, 0, this.#options.valueScale);
    const score = (logit: number, index: number): number =>
      this.#simulations[index] === simulations ? logit + this.#noise[index] : Number.NEGATIVE_INFINITY;
    return this.#tree.firstEdge[0] + indexOfMaximum(logits, score);
  }
}

/**
 * Makes the schedule of sequential halving: for each of `simulations` simulations, how many simulations its edge has had before. First
 * `considered` edges get the same number of simulations each, then half of them, and so on down to two. The log2(considered) phases
 * have about the same number of simulations.
 */
export function halvingSchedule(considered: number, simulations: number): number[] {
  if (considered <= 1) return Array.from({ length: simulations }, (_, index) => index);
  const phases = Math.ceil(Math.log2(considered));
  const schedule: number[] = [];
  let remaining = considered;
  let visits = 0;
  while (schedule.length < simulations) {
    const rounds = Math.max(1, Math.floor(simulations / (phases * remaining)));
    for (let round = 0; round < rounds; round++) {
      for (let edge = 0; edge < remaining; edge++) schedule.push(visits);
      visits++;
    }
    remaining = Math.max(2, Math.floor(remaining / 2));
  }
  return schedule.slice(0, simulations);
}

/** Computes exp(x) / sum of exp(x) without overflow. */
export function softmax(logits: Float64Array): Float64Array {
  const highest = logits.reduce((left, right) => Math.max(left, right), Number.NEGATIVE_INFINITY);
  const weights = logits.map((logit) => Math.exp(logit - highest));
  const sum = weights.reduce((left, right) => left + right, 0);
  return weights.map((weight) => weight / sum);
}

/** Draws from the standard Gumbel distribution. */
export function gumbel(random: Random): number {
  const inside = (random.uint32() + 0.5) / 4294967296;
  return -Math.log(-Math.log(inside));
}

function visitsOf(tree: SearchTree, edge: number): number {
  return tree.edgeVisits[edge] + tree.edgePending[edge];
}

/** Gives the index of the highest score; of equal ones the first. */
function indexOfMaximum(values: Float64Array, score: (value: number, index: number) => number): number {
  let best = 0;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index++) {
    const own = score(values[index], index);
    if (own > bestScore) {
      best = index;
      bestScore = own;
    }
  }
  return best;
}
