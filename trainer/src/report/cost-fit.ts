import { type FactorizationRecord, mean } from '@alphatensor-edge/shared';
import { type CostSample, costFeatures, fitCostModel } from '../fleet/cost-model.js';
import { relativeTime } from '../fleet/latency-reward.js';
import type { ProblemSpec } from '../fleet/measurement.js';
import type { Sourced } from './sourced.js';

/** Shows how well the cost model predicted the next measurement, on one device and problem. */
export interface CostFit {
  readonly deviceId: string;
  readonly problem: ProblemSpec;
  readonly depth: number;
  /** t / t_baseline, in the order of measuring. Each prediction uses only the measurements before it. */
  readonly points: readonly { readonly label: string; readonly predicted: number; readonly measured: number }[];
  /** Mean of |predicted - measured|. */
  readonly meanError: number;
  /** The same error for predicting the mean of the earlier measurements. The model has to beat it. */
  readonly meanErrorOfMean: number;
}

/**
 * Replays the search's measurements. Before an algorithm's first measurement the model is fitted to the earlier ones and asked
 * for a prediction. Only algorithms found by the search count, because the model learns from those alone.
 */
export function costFits(jobs: readonly Sourced[], algorithms: ReadonlyMap<string, FactorizationRecord>): CostFit[] {
  const byModel = new Map<string, Sourced[]>();
  const inOrder = [...jobs].sort((a, b) => (a.row.createdAt < b.row.createdAt ? -1 : 1));
  for (const job of inOrder) {
    const { deviceId, problem, algorithm, backend, variant } = job.row;
    if (algorithm.role !== 'found') continue;
    const key = JSON.stringify([deviceId, problem, backend, variant, algorithm.levels.length]);
    byModel.set(key, [...(byModel.get(key) ?? []), job]);
  }
  return [...byModel.values()].flatMap((alike) => replay(alike, algorithms) ?? []);
}

function replay(jobs: readonly Sourced[], algorithms: ReadonlyMap<string, FactorizationRecord>): CostFit | undefined {
  const samples: CostSample[] = [];
  const seen = new Set<string>();
  const points: { label: string; predicted: number; measured: number; mean: number }[] = [];
  for (const { row } of jobs) {
    const [hash] = row.algorithm.levels;
    const factorization = algorithms.get(hash)?.factorization;
    const measured = relativeTime(row.outcome);
    if (factorization === undefined || measured === undefined || seen.has(hash)) continue;
    seen.add(hash);
    const predicted = fitCostModel(samples).predict(factorization);
    const before = mean(samples.map(({ ratio }) => ratio));
    if (predicted !== undefined) points.push({ label: row.algorithm.label, predicted, measured, mean: before });
    samples.push({ features: costFeatures(factorization), ratio: measured });
  }
  if (points.length === 0) return undefined;
  const { deviceId, problem, algorithm } = jobs[0].row;
  return {
    deviceId,
    problem,
    depth: algorithm.levels.length,
    points: points.map(({ label, predicted, measured }) => ({ label, predicted, measured })),
    meanError: mean(points.map(({ predicted, measured }) => Math.abs(predicted - measured))),
    meanErrorOfMean: mean(points.map((point) => Math.abs(point.mean - point.measured))),
  };
}
