import { type Factorization, mean, modeLengths, standardRank } from '@alphatensor-edge/shared';

/** Measurements before which the model says nothing. */
const MIN_SAMPLES = 3;

/** One algorithm measured on the device the model is for. */
export interface CostSample {
  readonly features: readonly number[];
  /** t / t_baseline. */
  readonly ratio: number;
}

/** Stands in for a measurement that has not been made yet; of one device and one problem. */
export interface CostModel {
  readonly samples: number;
  /** Estimated t / t_baseline, or undefined while there are fewer than three measurements. */
  predict(factorization: Factorization): number | undefined;
}

/**
 * What decides the time of one recursion step relative to the plain product: the share of the multiplications,
 * R / (n m p), and the traffic of each matrix's linear combinations, nonzeros per entry of A, B and C. Length 4.
 */
export function costFeatures(factorization: Factorization): number[] {
  const lengths = modeLengths(factorization.size);
  const density = (['u', 'v', 'w'] as const).map(
    (mode, index) => countNonzero(factorization[mode].coefficients) / lengths[index],
  );
  return [factorization.rank / standardRank(factorization.size), ...density];
}

/**
 * Ridge least squares of the ratio on standardised features, with an intercept that is not penalised:
 * w = (X'X + ridge * count * I)^-1 X'y (Hoerl & Kennard, Technometrics 12, 1970). A feature that never varied has no weight, so
 * before there is variety the model predicts close to the mean.
 */
export function fitCostModel(samples: readonly CostSample[], ridge = 0.01): CostModel {
  if (samples.length < MIN_SAMPLES) return { samples: samples.length, predict: () => undefined };
  const count = samples.length;
  const width = samples[0].features.length;
  const columns = Array.from({ length: width }, (_, j) => samples.map(({ features }) => features[j]));
  const centre = columns.map(mean);
  const scale = columns.map((column, j) => Math.sqrt(mean(column.map((x) => (x - centre[j]) ** 2))));
  const standardise = (features: readonly number[]): number[] =>
    features.map((x, j) => (scale[j] > 1e-12 ? (x - centre[j]) / scale[j] : 0));

  const intercept = mean(samples.map(({ ratio }) => ratio));
  const rows = samples.map(({ features }) => standardise(features));
  const normal = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_, j) => sum(rows.map((row) => row[i] * row[j])) + (i === j ? ridge * count : 0)),
  );
  const right = Array.from({ length: width }, (_, i) =>
    sum(rows.map((row, s) => row[i] * (samples[s].ratio - intercept))),
  );
  const weights = solve(normal, right);

  return {
    samples: count,
    predict: (factorization) => {
      const x = standardise(costFeatures(factorization));
      // A time is positive, however far the line is extrapolated.
      return Math.max(intercept + sum(x.map((value, j) => value * weights[j])), 1e-3);
    },
  };
}

/** Solves a x = b by Gaussian elimination; a is symmetric positive definite, so no pivoting is needed. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const size = b.length;
  const rows = a.map((row, i) => [...row, b[i]]);
  for (let i = 0; i < size; i++) {
    for (let below = i + 1; below < size; below++) {
      const factor = rows[below][i] / rows[i][i];
      for (let j = i; j <= size; j++) rows[below][j] -= factor * rows[i][j];
    }
  }
  const x = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    let rest = rows[i][size];
    for (let j = i + 1; j < size; j++) rest -= rows[i][j] * x[j];
    x[i] = rest / rows[i][i];
  }
  return x;
}

function countNonzero(values: Int32Array): number {
  let count = 0;
  for (const value of values) if (value !== 0) count++;
  return count;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
