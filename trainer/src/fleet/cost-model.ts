import { type Factorization, mean, modeLengths, standardRank } from '@alphatensor-edge/shared';

/** Fewest measurements for a prediction. */
const MIN_SAMPLES = 3;

/** Holds one algorithm that was measured on the model's device. */
export interface CostSample {
  readonly features: readonly number[];
  /** t / t_baseline. */
  readonly ratio: number;
}

/** Predicts the time of an algorithm that is not measured yet, on one device and one problem. */
export interface CostModel {
  readonly samples: number;
  /** Estimates t / t_baseline from the features of an algorithm alone; undefined with fewer than three measurements. */
  predict(factorization: Factorization): number | undefined;
  /** Does the same from features of the kind that the samples have. */
  predictFrom(features: readonly number[]): number | undefined;
}

/**
 * Computes the features that decide the time of one recursion step relative to the plain product: the share of the
 * multiplications, R / (n m p), and the memory traffic of the linear combinations, in nonzeros per entry of A, B and C.
 * Length 4.
 */
export function costFeatures(factorization: Factorization): number[] {
  const lengths = modeLengths(factorization.size);
  const density = (['u', 'v', 'w'] as const).map(
    (mode, index) => countNonzero(factorization[mode].coefficients) / lengths[index],
  );
  return [factorization.rank / standardRank(factorization.size), ...density];
}

/** The weights of the penalty that are tried: from almost none to one that leaves little but the mean. */
const RIDGES = [1e-6, 1e-4, 1e-2, 0.1, 1, 10];

/**
 * Fits the ratio to standardized features by ridge least squares, with an intercept that is not penalized:
 * w = (X'X + ridge * count * I)^-1 X'y (Hoerl & Kennard, Technometrics 12, 1970). A feature that never varied gets no weight,
 * so while the samples are alike the model predicts close to their mean.
 * @param ridge default: the one of `RIDGES` whose predictions of each sample from all others are best (Allen, "The relationship between
 *   variable selection and data augmentation and a method for prediction", Technometrics 16, 1974)
 */
export function fitCostModel(samples: readonly CostSample[], ridge?: number): CostModel {
  const count = samples.length;
  if (count < MIN_SAMPLES) return { samples: count, predict: () => undefined, predictFrom: () => undefined };
  const width = samples[0].features.length;
  const columns = Array.from({ length: width }, (_, j) => samples.map(({ features }) => features[j]));
  const centre = columns.map(mean);
  const scale = columns.map((column, j) => Math.sqrt(mean(column.map((x) => (x - centre[j]) ** 2))));
  const standardise = (features: readonly number[]): number[] =>
    features.map((x, j) => (scale[j] > 1e-12 * Math.max(1, Math.abs(centre[j])) ? (x - centre[j]) / scale[j] : 0));

  const intercept = mean(samples.map(({ ratio }) => ratio));
  const rows = samples.map(({ features }) => standardise(features));
  const targets = samples.map(({ ratio }) => ratio - intercept);
  const fits = (ridge === undefined ? RIDGES : [ridge]).map((each) => fitRidge(rows, targets, each));
  const { weights } = fits.reduce((best, fit) => (fit.leftOut < best.leftOut ? fit : best));
  const predictFrom = (features: readonly number[]): number => {
    const x = standardise(features);
    // Keeps the time positive when the fit is extrapolated far.
    return Math.max(intercept + dot(x, weights), 1e-3);
  };
  return { samples: count, predict: (factorization) => predictFrom(costFeatures(factorization)), predictFrom };
}

/**
 * Fits weights to standardized rows.
 * @returns also the sum of the squared errors of predicting each row from all others: (residual / (1 - leverage))^2
 */
function fitRidge(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  ridge: number,
): { readonly weights: readonly number[]; readonly leftOut: number } {
  const count = rows.length;
  const width = rows[0].length;
  const normal = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_, j) => sum(rows.map((row) => row[i] * row[j])) + (i === j ? ridge * count : 0)),
  );
  const inverse = Array.from({ length: width }, (_, i) =>
    solve(
      normal,
      Array.from({ length: width }, (_, j) => (i === j ? 1 : 0)),
    ),
  );
  const right = Array.from({ length: width }, (_, i) => sum(rows.map((row, s) => row[i] * targets[s])));
  const weights = inverse.map((row) => dot(row, right));
  const leftOut = sum(
    rows.map((row, s) => {
      const leverage =
        1 / count +
        dot(
          row,
          inverse.map((of) => dot(of, row)),
        );
      return ((targets[s] - dot(row, weights)) / Math.max(1 - leverage, 1e-9)) ** 2;
    }),
  );
  return { weights, leftOut };
}

/** Solves a x = b by Gaussian elimination. No pivoting is needed because a is symmetric positive definite. */
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

function dot(x: readonly number[], y: readonly number[]): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i] * y[i];
  return total;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
