import { contentHash, mean, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { DeviceMeasurement } from '../fleet/campaign.js';
import { type CostModel, type CostSample, costFeatures, fitCostModel } from '../fleet/cost-model.js';
import { relativeTime } from '../fleet/latency-reward.js';
import { isBelieved, type PoolDevice } from '../fleet/pool-device.js';
import type { WeightedProblem } from '../fleet/problem.js';

/** Holds a cost model for each problem on each device. The models learn from each measurement. */
export class LatencyModels {
  readonly #problems: readonly WeightedProblem[];
  readonly #devices: readonly PoolDevice[];
  /** For each problem and each device, the samples by content hash. */
  readonly #samples: readonly (readonly Map<string, CostSample>[])[];
  readonly #models: (CostModel | undefined)[][];

  constructor(problems: readonly WeightedProblem[], devices: readonly PoolDevice[]) {
    this.#problems = problems;
    this.#devices = devices;
    this.#samples = problems.map(() => devices.map(() => new Map()));
    this.#models = problems.map(() => devices.map(() => undefined));
  }

  /** Teaches the models the measurements of a factorization, which are listed for each problem by device. */
  learn(measurements: readonly (readonly DeviceMeasurement[])[], factorization: VerifiedFactorization): void {
    const hash = contentHash(factorization);
    const features = costFeatures(factorization);
    for (const [problem, ofProblem] of measurements.entries()) {
      for (const { device, row } of ofProblem) {
        const ratio = row && relativeTime(row.outcome);
        if (ratio === undefined) continue;
        const index = this.#devices.indexOf(device);
        const samples = this.#samples[problem][index].set(hash, { features, ratio });
        this.#models[problem][index] = fitCostModel([...samples.values()]);
      }
    }
  }

  /**
   * Predicts t / t_baseline: the weighted mean over problems of the mean over devices. Models that have too few samples are left out;
   * undefined if all have.
   */
  predict(factorization: VerifiedFactorization): number | undefined {
    const parts = this.#problems.flatMap(({ weight }, index) => {
      // A device whose answers are not believed any more counts no longer.
      const predicted = this.#models[index].flatMap((model, device) =>
        isBelieved(this.#devices[device]) ? (model?.predict(factorization) ?? []) : [],
      );
      return predicted.length === 0 ? [] : [{ weight, value: mean(predicted) }];
    });
    return parts.length === 0 ? undefined : weightedMean(parts);
  }
}

/** Computes the weighted mean of values. */
export function weightedMean(parts: readonly { readonly weight: number; readonly value: number }[]): number {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return parts.reduce((sum, { weight, value }) => sum + weight * value, 0) / total;
}
