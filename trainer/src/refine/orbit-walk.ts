import type { Random, VerifiedFactorization } from '@alphatensor-edge/shared';
import { roughFloor } from './floor.js';
import type { OrbitPoint } from './orbit-point.js';

/** Flips that are tried in one walk; each takes a few milliseconds. */
const TRIALS = 120;
/** Differences of log(floor) below it count as none. */
const TEMPERATURE = { low: 0.002, high: 0.02 };
const AMOUNTS = [1, -1, 1, -1, 0.5, -0.5, 2, -2];

/** Holds a factorization of the orbit with the lowest floor of a walk. */
export interface FoundOrbit {
  readonly factorization: VerifiedFactorization;
  readonly floor: number;
}

/**
 * Walks from orbit to orbit by flips, by simulated annealing on the floor, and keeps nonzeros below the limit. Changes of basis leave the
 * floor as it is, so only flips are tried.
 * @returns undefined where there is nothing to flip
 */
export function walkOrbits(start: OrbitPoint, nonzerosLimit: number, random: Random): FoundOrbit | undefined {
  const temperature = TEMPERATURE.low * (TEMPERATURE.high / TEMPERATURE.low) ** random.float();
  let point = start;
  const first = point.toFactorization();
  if (first === undefined) return undefined;
  let current = roughFloor(first);
  let best: FoundOrbit | undefined;
  for (let trial = 0; trial < TRIALS; trial++) {
    const pairs = point.flips();
    if (pairs.length === 0) break;
    const pair = pairs[random.int(pairs.length)];
    const amount = AMOUNTS[random.int(AMOUNTS.length)];
    const after = point.afterFlip(pair, amount);
    if (!Number.isFinite(after.phi) || after.nonzeros > nonzerosLimit) continue;
    const next = point.copy();
    if (!next.flip(pair, amount)) continue;
    const factorization = next.toFactorization();
    if (factorization === undefined) continue;
    const floor = roughFloor(factorization, current.point);
    if (floor.value > current.value - temperature * Math.log(1 - random.float())) continue;
    [point, current] = [next, floor];
    const growth = Math.exp(floor.value);
    if (best === undefined || growth < best.floor) best = { factorization, floor: growth };
  }
  return best;
}
