import { type Factorization, Random } from '@alphatensor-edge/shared';
import { type Minimum, minimize } from './lbfgs.js';
import { OrbitGrowth } from './orbit-growth.js';

const STARTS = 3;
const SPREAD = 0.3;
const MAX_ITERATIONS = 1500;
const TOLERANCE = 1e-7;

/** What suffices to compare floors during a search. */
const ROUGH = { maxIterations: 300, tolerance: 1e-4 };

/** Holds the least growth of an orbit and where it is. */
export interface OrbitFloor {
  readonly growth: number;
  /** Upper triangular X, Y, Z that reach it, row-major. */
  readonly bases: readonly (readonly number[])[];
}

/**
 * Finds the least growth in the orbit of a factorization under changes of basis over the reals. log(growth) is convex along the geodesics
 * of the group (Kempf & Ness 1979), so every start comes to the same value. Several starts guard against a search that stalls.
 */
export function orbitFloor(factorization: Factorization, seed = 1): OrbitFloor {
  const orbit = new OrbitGrowth(factorization);
  const random = new Random(seed).split('floor');
  const minima = Array.from({ length: STARTS }, (_, start) => {
    const from = Float64Array.from({ length: orbit.parameters }, () => (start === 0 ? 0 : SPREAD * random.normal()));
    return minimize(orbit.evaluate, from, MAX_ITERATIONS, TOLERANCE);
  });
  const least = minima.reduce((best, minimum) => (minimum.value < best.value ? minimum : best));
  return { growth: Math.exp(least.value), bases: orbit.bases(least.point) };
}

/** Finds log(growth) of the floor fast and to three or four digits. @param from the bases of the floor of a neighbouring orbit */
export function roughFloor(factorization: Factorization, from?: Float64Array): Minimum {
  const orbit = new OrbitGrowth(factorization);
  const start = from ?? new Float64Array(orbit.parameters);
  return minimize(orbit.evaluate, start, ROUGH.maxIterations, ROUGH.tolerance);
}
