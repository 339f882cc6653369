import { MOVE_REWARD } from '../game/reward.js';
import type { SearchOptions } from './options.js';
import { NONE, NodeKind, type SearchTree } from './tree.js';

/** Computes c(s) = c1 + log((1 + c2 + sum of N) / c2) (MuZero, Nature 588 (2020), Appendix B). */
export function explorationRate(totalVisits: number, c1: number, c2: number): number {
  return c1 + Math.log((1 + c2 + totalVisits) / c2);
}

/** Computes the PUCT score Q + c(s) * prior * sqrt(sum of N) / (1 + N). */
export function puctScore(value: number, prior: number, visits: number, totalVisits: number, rate: number): number {
  return value + (rate * prior * Math.sqrt(totalVisits)) / (1 + visits);
}

/**
 * Chooses the edge of an expanded node that the next simulation follows: the one with the highest PUCT score. Of equal scores the
 * highest prior wins, of equal priors the first. Simulations that wait for the network count in N but not in Q.
 */
export function selectEdge(tree: SearchTree, node: number, options: SearchOptions): number {
  const total = tree.visits[node] + tree.pending[node];
  const rate = explorationRate(total, options.c1, options.c2);
  const unvisited = options.unvisitedValue === 'parent' ? tree.meanOf(node) : tree.minimum;
  const scale = options.normalizeValues ? rangeScale(tree) : 1;
  const offset = options.normalizeValues ? tree.minimum : 0;
  const first = tree.firstEdge[node];
  const last = first + tree.edgeCount[node];
  let best = NONE;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let edge = first; edge < last; edge++) {
    const value = (edgeValue(tree, edge, unvisited) - offset) * scale;
    const visits = tree.edgeVisits[edge] + tree.edgePending[edge];
    const score = puctScore(value, tree.prior[edge], visits, total, rate);
    if (score > bestScore || (score === bestScore && tree.prior[edge] > tree.prior[best])) {
      best = edge;
      bestScore = score;
    }
  }
  return best;
}

/** Gives Q(s, a): the mean return of the edge's simulations. Before the first one it is the return of a known end, else `unvisited`. */
export function edgeValue(tree: SearchTree, edge: number, unvisited: number): number {
  if (tree.edgeVisits[edge] > 0) return tree.edgeReturns[edge] / tree.edgeVisits[edge];
  const child = tree.child[edge];
  return child !== NONE && tree.kind[child] === NodeKind.Solved ? MOVE_REWARD + tree.value[child] : unvisited;
}

function rangeScale(tree: SearchTree): number {
  const range = tree.maximum - tree.minimum;
  return range > 0 ? 1 / range : 0;
}
