import type { Random } from '@alphatensor-edge/shared';
import { BASIS_MOVES, type BasisMove } from './basis-move.js';
import type { OrbitPoint } from './orbit-point.js';
import type { Axis } from './vectors.js';

/** Holds the settings of one chain. */
export interface AnnealOptions {
  readonly steps: number;
  /** A temperature that falls geometrically. Differences of the cost below it count as none. */
  readonly temperature: { readonly first: number; readonly last: number };
  /** What one per cent of nonzeros weighs against one per cent of growth. */
  readonly nonzerosWeight: number;
  /** More nonzeros than this cost far more. */
  readonly nonzerosLimit: number;
  /** Whether to flip pairs of products, too. */
  readonly flips: boolean;
}

/** The share of steps that are flips, where there is a pair. */
const FLIPS = 0.2;
const FLIP_AMOUNTS = [0.25, -0.25, 0.5, -0.5, 1, -1, 2, -2, 4, -4];

/** The weight of nonzeros above the limit. */
const OVER_LIMIT_WEIGHT = 3;
/** The share of nonzeros that a single move leaves at least, by experience. What would be refused even then is refused at once. */
const LEAST_LEFT = 0.6;

/**
 * Walks from `point` through its orbit by simulated annealing on log(growth) + weight * log(nonzeros). Calls `visit` at each place that it
 * comes to. Changes `point`.
 */
export function anneal(
  point: OrbitPoint,
  options: AnnealOptions,
  random: Random,
  visit: (point: OrbitPoint) => void,
): void {
  const { steps, temperature, nonzerosWeight, nonzerosLimit } = options;
  const cost = (phi: number, nonzeros: number): number =>
    Math.log(phi) / 2 +
    nonzerosWeight * Math.log(nonzeros) +
    OVER_LIMIT_WEIGHT * Math.max(0, Math.log(nonzeros / nonzerosLimit));
  const axes = ([0, 1, 2] as const).filter((axis) => point.lengths[axis] > 1);
  if (axes.length === 0) return;
  const proposals = axes.map((axis) => proposalsOf(axis, point.lengths[axis]));
  const cooling = (temperature.last / temperature.first) ** (1 / steps);
  let now = temperature.first;
  let current = cost(point.phi, point.nonzeros);
  for (let step = 0; step < steps; step++) {
    now *= cooling;
    const highest = current - now * Math.log(1 - random.float());
    if (options.flips && random.bernoulli(FLIPS) && point.flips().length > 0) {
      const pair = oneOf(point.flips(), random);
      const amount = oneOf(FLIP_AMOUNTS, random);
      const after = point.afterFlip(pair, amount);
      const next = cost(after.phi, after.nonzeros);
      if (next > highest || !point.flip(pair, amount)) continue;
      current = next;
      visit(point);
      continue;
    }
    const { axis, kinds, weights } = oneOf(proposals, random);
    const move = oneOf(kinds[random.categorical(weights)], random);
    const chosen = some(move.order, point.lengths[axis], random);
    const phi = point.phiAfter(axis, chosen, move);
    if (cost(phi, LEAST_LEFT * point.nonzeros) > highest) continue;
    const next = cost(phi, point.nonzerosAfter(axis, chosen, move));
    if (next > highest || !point.apply(axis, chosen, move)) continue;
    current = next;
    visit(point);
  }
}

/** The kinds of moves of an axis, and how often each is tried. */
interface Proposals {
  readonly axis: Axis;
  readonly kinds: readonly (readonly BasisMove[])[];
  readonly weights: readonly number[];
}

function proposalsOf(axis: Axis, length: number): Proposals {
  const { scalings, elementary, scaledElementary, doubleElementary, sums, reflections } = BASIS_MOVES;
  return {
    axis,
    kinds: [scalings, elementary, scaledElementary, sums, doubleElementary, reflections],
    weights: [0.12, 0.47, 0.09, 0.17, length >= 3 ? 0.13 : 0, length >= 4 ? 0.03 : 0],
  };
}

function oneOf<T>(items: readonly T[], random: Random): T {
  return items[random.int(items.length)];
}

/** `count` different numbers below `length`, in random order. */
function some(count: number, length: number, random: Random): number[] {
  const chosen: number[] = [];
  while (chosen.length < count) {
    const next = random.int(length);
    if (!chosen.includes(next)) chosen.push(next);
  }
  return chosen;
}
