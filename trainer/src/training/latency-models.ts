import { contentHash, growth, mean, median, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { DeviceMeasurement } from '../fleet/campaign.js';
import { type CostModel, costFeatures, fitCostModel } from '../fleet/cost-model.js';
import { errorRatio } from '../fleet/error-bound.js';
import { relativeTime } from '../fleet/latency-reward.js';
import type { MeasurementRow } from '../fleet/measurement.js';
import { isBelieved, type PoolDevice } from '../fleet/pool-device.js';
import type { WeightedProblem } from '../fleet/problem.js';
import type { ProgramDescriptions } from '../fleet/program-descriptions.js';

/** Says how well the models predicted measurements that they had not seen, as t / t_baseline. */
export interface HeldOutAccuracy {
  /** Number of the latest predictions that count. */
  readonly count: number;
  /** Mean of |predicted - measured|. */
  readonly error: number;
  /** The same for predicting the mean of the earlier measurements. */
  readonly errorOfMean: number;
  /** Number of the predictions that were made from the description of a program. */
  readonly fromPrograms: number;
}

/** Keeps the latest predictions, of when the models had about as many samples as they have. */
const MOST_TRIALS = 50;

interface Trial {
  readonly predicted: number;
  readonly mean: number;
  readonly measured: number;
  readonly isFromProgram: boolean;
}

interface Sample {
  readonly coefficients: readonly number[];
  readonly ratio: number;
}

/** Holds the samples and the models of one problem on one device. */
interface Fitted {
  readonly samples: Map<string, Sample>;
  /** Fitted to what the coefficients say; undefined if there is something new. */
  coefficients: CostModel | undefined;
  /** Fitted to what the device says of the programs. */
  programs: CostModel | undefined;
}

/**
 * Holds cost models for each problem on each device, which learn from each measurement. One follows what the device says of an
 * algorithm's program; where that is not known, another follows the algorithm's coefficients.
 */
export class LatencyModels {
  readonly #problems: readonly WeightedProblem[];
  readonly #devices: readonly PoolDevice[];
  readonly #descriptions: ProgramDescriptions | undefined;
  readonly #fitted: readonly (readonly Fitted[])[];
  readonly #trials: Trial[] = [];
  /** Measured errors over growth, of the latest algorithms. */
  readonly #errors = new Map<string, number>();

  constructor(
    problems: readonly WeightedProblem[],
    devices: readonly PoolDevice[],
    descriptions?: ProgramDescriptions | undefined,
  ) {
    this.#problems = problems;
    this.#devices = devices;
    this.#descriptions = descriptions;
    this.#fitted = problems.map(() =>
      devices.map((): Fitted => ({ samples: new Map(), coefficients: undefined, programs: undefined })),
    );
  }

  /** Teaches the models the measurements of a factorization, which are listed for each problem by device. */
  learn(measurements: readonly (readonly DeviceMeasurement[])[], factorization: VerifiedFactorization): void {
    const hash = contentHash(factorization);
    const coefficients = costFeatures(factorization);
    for (const [problem, ofProblem] of measurements.entries()) {
      for (const { device, row } of ofProblem) {
        const ratio = row && relativeTime(row.outcome);
        if (row === undefined || ratio === undefined) continue;
        const index = this.#devices.indexOf(device);
        this.#try(problem, index, hash, factorization, ratio);
        const fitted = this.#fitted[problem][index];
        fitted.samples.set(hash, { coefficients, ratio });
        fitted.coefficients = undefined;
        fitted.programs = undefined;
        this.#learnError(hash, row, factorization);
      }
    }
  }

  /** Takes note that programs were described, some of which may be of measured algorithms. */
  describe(hashes: readonly string[]): void {
    for (const fitted of this.#fitted.flat()) {
      if (hashes.some((hash) => fitted.samples.has(hash))) fitted.programs = undefined;
    }
  }

  /**
   * Predicts t / t_baseline: the weighted mean over problems of the mean over devices. Models that have too few samples are left out;
   * undefined if all have.
   * @param hash of the factorization's content; without it the coefficients alone count
   */
  predict(factorization: VerifiedFactorization, hash?: string): number | undefined {
    const parts = this.#problems.flatMap(({ weight }, problem) => {
      // A device whose answers are not believed any more counts no longer.
      const predicted = this.#devices.flatMap((device, index) =>
        isBelieved(device) ? (this.#predictOn(problem, index, factorization, hash)?.time ?? []) : [],
      );
      return predicted.length === 0 ? [] : [{ weight, value: mean(predicted) }];
    });
    return parts.length === 0 ? undefined : weightedMean(parts);
  }

  /** Predicts the error as a multiple of that of a plain product: its growth times what measured errors are of theirs. Undefined before any. */
  predictError(factorization: VerifiedFactorization, depth: number): number | undefined {
    return this.#errors.size === 0 ? undefined : growth(factorization) ** depth * median([...this.#errors.values()]);
  }

  /** Says how well measurements were predicted before they were made. Undefined without predictions. */
  get accuracy(): HeldOutAccuracy | undefined {
    if (this.#trials.length === 0) return undefined;
    const error = (of: 'predicted' | 'mean'): number =>
      mean(this.#trials.map((trial) => Math.abs(trial[of] - trial.measured)));
    return {
      count: this.#trials.length,
      error: error('predicted'),
      errorOfMean: error('mean'),
      fromPrograms: this.#trials.filter(({ isFromProgram }) => isFromProgram).length,
    };
  }

  #predictOn(
    problem: number,
    index: number,
    factorization: VerifiedFactorization,
    hash: string | undefined,
  ): { readonly time: number; readonly isFromProgram: boolean } | undefined {
    const fitted = this.#fitted[problem][index];
    const program = hash === undefined ? undefined : this.#descriptions?.of(hash, problem, this.#devices[index]);
    const described = program?.ok ? this.#programModel(problem, index).predictFrom(program.features) : undefined;
    if (described !== undefined) return { time: described, isFromProgram: true };
    fitted.coefficients ??= fitCostModel(
      Array.from(fitted.samples.values(), ({ coefficients, ratio }) => ({ features: coefficients, ratio })),
    );
    const time = fitted.coefficients.predict(factorization);
    return time === undefined ? undefined : { time, isFromProgram: false };
  }

  #programModel(problem: number, index: number): CostModel {
    const fitted = this.#fitted[problem][index];
    fitted.programs ??= fitCostModel(
      [...fitted.samples].flatMap(([hash, { ratio }]) => {
        const program = this.#descriptions?.of(hash, problem, this.#devices[index]);
        return program?.ok ? [{ features: program.features, ratio }] : [];
      }),
    );
    return fitted.programs;
  }

  /** Compares a new measurement with what was predicted before it. */
  #try(problem: number, index: number, hash: string, factorization: VerifiedFactorization, measured: number): void {
    const { samples } = this.#fitted[problem][index];
    const predicted = samples.has(hash) ? undefined : this.#predictOn(problem, index, factorization, hash);
    if (predicted === undefined) return;
    const before = mean(Array.from(samples.values(), ({ ratio }) => ratio));
    this.#trials.push({
      predicted: predicted.time,
      mean: before,
      measured,
      isFromProgram: predicted.isFromProgram,
    });
    if (this.#trials.length > MOST_TRIALS) this.#trials.shift();
  }

  #learnError(hash: string, row: MeasurementRow, factorization: VerifiedFactorization): void {
    const { measurement } = row.outcome;
    const error = measurement ? errorRatio(measurement) : undefined;
    if (error === undefined || !Number.isFinite(error)) return;
    this.#errors.set(hash, error / (row.algorithm.growth ?? growth(factorization)));
    const oldest = this.#errors.keys().next();
    if (this.#errors.size > MOST_TRIALS && !oldest.done) this.#errors.delete(oldest.value);
  }
}

/** Computes the weighted mean of values. */
export function weightedMean(parts: readonly { readonly weight: number; readonly value: number }[]): number {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return parts.reduce((sum, { weight, value }) => sum + weight * value, 0) / total;
}
