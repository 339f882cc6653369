/** Holds a minimum and where it is. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
}

/** Computes a function and writes its gradient into the second argument. */
export type Differentiable = (point: Float64Array, gradient: Float64Array) => number;

/** Pairs of steps and gradient differences that stand for the curvature. */
const MEMORY = 12;
/** Armijo's and Wolfe's constants. */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MAX_TRIALS = 40;

/**
 * Minimizes a smooth function by L-BFGS with a bisecting line search for the weak Wolfe conditions (Nocedal & Wright, Numerical
 * Optimization, 7.2; Lewis & Overton, Math. Programming 141, 2013). Ends when no entry of the gradient is above `tolerance`, or
 * when no step goes down any more.
 */
export function minimize(f: Differentiable, start: Float64Array, maxIterations: number, tolerance: number): Minimum {
  let point: Float64Array = start.slice();
  let gradient: Float64Array = new Float64Array(point.length);
  let value = f(point, gradient);
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  let iterations = 0;
  for (; iterations < maxIterations && largest(gradient) > tolerance; iterations++) {
    const direction = descentDirection(gradient, steps, changes);
    const found = lineSearch(f, point, value, gradient, direction, iterations === 0 ? 1 / (1 + norm(gradient)) : 1);
    if (found === undefined) break;
    const step = difference(found.point, point);
    const change = difference(found.gradient, gradient);
    if (dot(step, change) > 0) {
      steps.push(step);
      changes.push(change);
      if (steps.length > MEMORY) {
        steps.shift();
        changes.shift();
      }
    }
    ({ point, value, gradient } = found);
  }
  return { point, value, iterations };
}

/** Minus the approximate inverse Hessian times the gradient: the two-loop recursion. */
function descentDirection(
  gradient: Float64Array,
  steps: readonly Float64Array[],
  changes: readonly Float64Array[],
): Float64Array {
  const direction = gradient.map((x) => -x);
  const factors: number[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    factors[i] = dot(steps[i], direction) / dot(steps[i], changes[i]);
    addTo(direction, changes[i], -factors[i]);
  }
  const newest = steps.length - 1;
  if (newest >= 0) {
    const scale = dot(steps[newest], changes[newest]) / dot(changes[newest], changes[newest]);
    for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  }
  steps.forEach((step, i) => {
    addTo(direction, step, factors[i] - dot(changes[i], direction) / dot(step, changes[i]));
  });
  return direction;
}

function lineSearch(
  f: Differentiable,
  from: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
  first: number,
): { point: Float64Array; value: number; gradient: Float64Array } | undefined {
  const slope = dot(gradient, direction);
  if (slope >= 0) return undefined;
  let [low, high, length] = [0, Number.POSITIVE_INFINITY, first];
  for (let trial = 0; trial < MAX_TRIALS; trial++) {
    const point = from.map((x, i) => x + length * direction[i]);
    const next = new Float64Array(point.length);
    const reached = f(point, next);
    if (!(reached <= value + DECREASE * length * slope)) high = length;
    else if (dot(next, direction) < CURVATURE * slope) low = length;
    else return { point, value: reached, gradient: next };
    length = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
  }
  return undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

function largest(a: Float64Array): number {
  return a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x - b[i]);
}

function addTo(a: Float64Array, b: Float64Array, scale: number): void {
  for (let i = 0; i < a.length; i++) a[i] += scale * b[i];
}
