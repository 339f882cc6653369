import { contentHash, mean, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { PoolDevice } from '../fleet/agent-pool.js';
import type { DeviceMeasurement } from '../fleet/campaign.js';
import { type CostModel, type CostSample, costFeatures, fitCostModel } from '../fleet/cost-model.js';
import { relativeTime } from '../fleet/latency-reward.js';
import type { WeightedProblem } from '../fleet/problem.js';

/** Cost models of every problem on every device, which learn from each measurement. */
export class LatencyModels {
  readonly #problems: readonly WeightedProblem[];
  readonly #devices: readonly PoolDevice[];
  /** For each problem and each device: samples by content hash. */
  readonly #samples: readonly (readonly Map<string, CostSample>[])[];
  readonly #models: (CostModel | undefined)[][];

  constructor(problems: readonly WeightedProblem[], devices: readonly PoolDevice[]) {
    this.#problems = problems;
    this.#devices = devices;
    this.#samples = problems.map(() => devices.map(() => new Map()));
    this.#models = problems.map(() => devices.map(() => undefined));
  }

  /** Teaches the models what was measured of a factorization: for each problem, by device. */
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
   * Predicts t / t_baseline: the weighted mean over problems of the mean over devices, of those whose models know enough; undefined
   * before any does.
   */
  predict(factorization: VerifiedFactorization): number | undefined {
    const parts = this.#problems.flatMap(({ weight }, index) => {
      const predicted = this.#models[index].flatMap((model) => model?.predict(factorization) ?? []);
      return predicted.length === 0 ? [] : [{ weight, value: mean(predicted) }];
    });
    return parts.length === 0 ? undefined : weightedMean(parts);
  }
}

/** The mean of values by their weights. */
export function weightedMean(parts: readonly { readonly weight: number; readonly value: number }[]): number {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return parts.reduce((sum, { weight, value }) => sum + weight * value, 0) / total;
}
