import type { Random, VerifiedFactorization } from '@alphatensor-edge/shared';
import { anneal } from './anneal.js';
import { Front } from './front.js';
import type { Orbit } from './orbit.js';
import type { OrbitPoint } from './orbit-point.js';
import { type FoundOrbit, walkOrbits } from './orbit-walk.js';
import { isKeepable, type RefinedPoint, toPoint } from './point.js';

/** Steps of one chain of simulated annealing: short ones from the front so far got further than long ones. */
const STEPS = 10_000;
const FIRST_TEMPERATURE = { low: 0.02, high: 0.1 };
const LAST_TEMPERATURE = 0.003;
/** How often a chain polishes one of the most accurate points: it hardly warms it, and nonzeros weigh little below their limit. */
const POLISHING = 0.4;
const POLISHED_POINTS = 5;
const POLISH = { temperature: { low: 0.006, high: 0.04 }, nonzerosWeight: { low: 0.003, high: 0.03 } };
/** What nonzeros weigh against growth, drawn on a logarithmic scale so that chains end in different places of the front. */
const NONZEROS_WEIGHT = { low: 0.01, high: 0.3 };
/** How often a chain begins with an orbit, not with a point of the front; and how often then in the rounded bases of its floor. */
const FROM_ORBIT = 0.2;
const ROUNDED = 0.6;
/** How often a chain walks from orbit to orbit instead. */
const ORBIT_WALKS = 0.05;
/** Of the coefficients that a chain may come to: few make algorithms simpler, and the search more sure. */
const SIGNIFICANT_BITS = [1, 1, 2, 2, 3];
/** Points with a little more than the allowed nonzeros are good places to begin. */
const BEGIN_WITHIN = 1.07;

/** Holds what a chain begins with. */
export interface Surroundings {
  /** Those that were given, and those that were found. */
  readonly orbits: readonly Orbit[];
  readonly front: Front<RefinedPoint>;
  readonly nonzerosLimit: number;
  /** Whether to flip pairs of products too, which leads to other orbits. */
  readonly flips: boolean;
}

/** Holds what came of a chain. */
export interface ChainResult {
  /** Points that the front lacked. */
  readonly points: readonly VerifiedFactorization[];
  /** An orbit with a low floor. */
  readonly orbit?: FoundOrbit | undefined;
}

/** Runs one chain. It takes some hundredths of a second. */
export function runChain(surroundings: Surroundings, random: Random): ChainResult {
  if (surroundings.flips && random.bernoulli(ORBIT_WALKS)) {
    return { points: [], orbit: walkOrbits(begin(surroundings, random), surroundings.nonzerosLimit, random) };
  }
  return { points: annealFront(surroundings, random) };
}

function annealFront({ front, orbits, nonzerosLimit, flips }: Surroundings, random: Random): VerifiedFactorization[] {
  const significantBits = SIGNIFICANT_BITS[random.int(SIGNIFICANT_BITS.length)];
  const isPolishing = random.bernoulli(POLISHING);
  const weights = isPolishing ? POLISH.nonzerosWeight : NONZEROS_WEIGHT;
  const temperatures = isPolishing ? POLISH.temperature : FIRST_TEMPERATURE;
  const from = isPolishing ? oneOfLast(front.points, POLISHED_POINTS, random) : begin({ front, orbits }, random);
  const point = from.copy(significantBits);
  const found = new Front<{ growth: number; nonzeros: number; point: OrbitPoint }>();
  anneal(
    point,
    {
      ...{ steps: STEPS, nonzerosLimit, flips },
      temperature: {
        first: temperatures.low + (temperatures.high - temperatures.low) * random.float(),
        last: LAST_TEMPERATURE,
      },
      nonzerosWeight: weights.low * (weights.high / weights.low) ** random.float(),
    },
    random,
    (visited) => {
      if (visited.nonzeros > BEGIN_WITHIN * nonzerosLimit) return;
      const objectives = { growth: visited.growth, nonzeros: visited.nonzeros };
      if (front.wants(objectives) && found.wants(objectives))
        found.offer({ ...objectives, point: visited.copy(significantBits) });
    },
  );
  return found.points
    .map(({ point: reached }) => reached.toFactorization())
    .filter(
      (factorization): factorization is VerifiedFactorization =>
        factorization !== undefined && isKeepable(factorization),
    );
}

function begin({ front, orbits }: Pick<Surroundings, 'front' | 'orbits'>, random: Random): OrbitPoint {
  if (random.bernoulli(FROM_ORBIT)) {
    const orbit = orbits[random.int(orbits.length)];
    return random.bernoulli(ROUNDED) ? orbit.rounded(random) : orbit.point;
  }
  return toPoint(front.points[random.int(front.points.length)].factorization);
}

function oneOfLast(points: readonly RefinedPoint[], count: number, random: Random): OrbitPoint {
  const last = points.slice(-count);
  return toPoint(last[random.int(last.length)].factorization);
}
