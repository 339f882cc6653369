import { contentHash, type Origin, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { type AgentPool, isGone } from '../fleet/agent-pool.js';
import { type Candidate, candidate } from '../fleet/algorithms.js';
import { type CampaignOptions, type DeviceMeasurement, measureOnDevices, recallCandidate } from '../fleet/campaign.js';
import { type CostModel, type CostSample, costFeatures, fitCostModel } from '../fleet/cost-model.js';
import { DEFAULT_B_MAX, latencyReward, relativeTime } from '../fleet/latency-reward.js';
import type { MeasurementRow, ProblemSpec } from '../fleet/measurement.js';
import type { MeasurementStore } from '../fleet/measurement-store.js';
import type { FoundFactorization } from './train.js';

/** A problem and what it counts in the mean beside the others; weights are positive and of any scale. */
export interface WeightedProblem {
  readonly problem: ProblemSpec;
  readonly weight: number;
}

export interface LatencyFeedOptions {
  readonly pool: AgentPool;
  readonly store: MeasurementStore;
  /** Latency is the weighted mean over these, and for each the mean over all devices. */
  readonly problems: readonly WeightedProblem[];
  /** How often the factorization is applied, one inside the other. */
  readonly depth: number;
  readonly lambda: number;
  readonly campaign: Omit<CampaignOptions, 'store'>;
  /** A measured reward has arrived; `b` of r' = r + lambda * b. */
  readonly onReward?: (hash: string, b: number) => void;
}

/** Algorithms that may wait for each agent; what is found beyond that keeps its estimate until it is found again. */
const MAX_WAITING_EACH = 12;

/**
 * The latency term of the reward, r' = r + lambda * b with b = -min(t / t_baseline, b_max), while the search goes on: the
 * cost model's estimate at once, the measurement when it arrives.
 *
 * **The constant.** Every game gets exactly one latency term, at its end, so a constant added to b for all games changes no
 * preference. Inside training the term is lambda * (b + 1): zero for an algorithm as fast as the baseline. A network
 * that was trained without latency is then right about unsolved positions from the first move on; with b itself every solved end
 * would look worse to it than going on. Reports and metrics give b.
 *
 * **All devices or none.** b is a mean over devices and problems, and a mean over those that happened to answer is another
 * quantity: without its slow device an algorithm would look fast. So a measured reward needs every part. Where infrastructure
 * loses one, the game is dropped; what arrived is stored, teaches its cost model and is not measured again when the algorithm is
 * found again. While a device is known to be gone the others still measure, and games keep their estimate.
 */
export class LatencyFeed {
  readonly #measurements = new Map<string, Promise<number | 'lost' | undefined>>();
  readonly #measured = new Map<string, number>();
  /** For each problem and each device of the pool: samples by content hash. */
  readonly #samples: readonly (readonly Map<string, CostSample>[])[];
  readonly #models: (CostModel | undefined)[][];
  #waiting = 0;

  constructor(private readonly options: LatencyFeedOptions) {
    const { problems, pool } = options;
    this.#samples = problems.map(() => pool.devices.map(() => new Map()));
    this.#models = problems.map(() => pool.devices.map(() => undefined));
  }

  /** Measurements under way or waiting. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Rewards measured so far, by content hash: b, before lambda. */
  get measured(): ReadonlyMap<string, number> {
    return this.#measured;
  }

  /** lambda * (b + 1) of what was measured, by content hash. */
  reward(hash: string): number | undefined {
    const b = this.#measured.get(hash);
    return b === undefined ? undefined : this.#scaled(b);
  }

  /** Takes what the store has of these algorithms, as when a run is resumed: rewards, and samples of the cost models. */
  recall(factorizations: Iterable<VerifiedFactorization>): void {
    const { pool, problems } = this.options;
    for (const factorization of factorizations) {
      const measured = this.#candidate(factorization);
      const known = problems.map(({ problem }) => recallCandidate(pool, measured, problem, this.#campaign));
      this.#learn(known, factorization);
      const b = this.#bOf(known, () => undefined);
      if (b === undefined) continue;
      const hash = contentHash(factorization);
      this.#measurements.set(hash, Promise.resolve(b));
      this.#measured.set(hash, b);
    }
  }

  /** lambda * (b + 1), estimated; `undefined` is a game that ran out of moves. */
  estimate(factorization: VerifiedFactorization | undefined): number {
    if (factorization === undefined) return this.#scaled(-DEFAULT_B_MAX);
    const parts = this.options.problems.flatMap(({ weight }, index) => {
      const predicted = this.#models[index].flatMap((model) => model?.predict(factorization) ?? []);
      return predicted.length === 0 ? [] : [{ weight, value: mean(predicted) }];
    });
    // Before there are measurements: as fast as the baseline.
    if (parts.length === 0) return 0;
    return this.#scaled(-Math.min(weightedMean(parts), DEFAULT_B_MAX));
  }

  /**
   * Measures once for each factorization; resolves to lambda * (b + 1), to `lost` where infrastructure lost it, and to undefined
   * where no measurement was made, a device is gone, or it was a fault of ours.
   */
  async measure(
    { factorization, hash }: Pick<FoundFactorization, 'factorization' | 'hash'>,
    origin: Origin = 'rl',
  ): Promise<number | 'lost' | undefined> {
    const known = this.#measurements.get(hash);
    if (known === undefined && this.#waiting >= MAX_WAITING_EACH * this.options.pool.agents.length) return undefined;
    const measurement = known ?? this.#start(factorization, hash, origin);
    this.#measurements.set(hash, measurement);
    const b = await measurement;
    return typeof b === 'number' ? this.#scaled(b) : b;
  }

  /** Whether it was measured, or is being measured. */
  knows(hash: string): boolean {
    return this.#measurements.has(hash);
  }

  get #campaign(): CampaignOptions {
    return { ...this.options.campaign, store: this.options.store };
  }

  #candidate(factorization: VerifiedFactorization, origin: Origin = 'rl'): Candidate {
    return candidate({ factorization, origin }, 'found', { depth: this.options.depth });
  }

  #scaled(b: number): number {
    return this.options.lambda * (b + 1);
  }

  async #start(
    factorization: VerifiedFactorization,
    hash: string,
    origin: Origin,
  ): Promise<number | 'lost' | undefined> {
    const { pool, problems, campaign, onReward } = this.options;
    this.#waiting++;
    try {
      // The pool has said which devices are gone and tells when they are back: asking them would only lose jobs.
      const devices = pool.devices.filter((device) => !isGone(device));
      const isWhole = devices.length === pool.devices.length;
      const measured = this.#candidate(factorization, origin);
      const measurements = await Promise.all(
        problems.map(({ problem }) => measureOnDevices(pool, devices, measured, problem, this.#campaign)),
      );
      this.#learn(measurements, factorization);
      if (!isWhole || measurements.flat().some(({ row }) => row === undefined)) {
        // It may be tried again when it is found again. A run that is being stopped keeps its games: it may be resumed.
        this.#measurements.delete(hash);
        return isWhole && !campaign.signal?.aborted ? 'lost' : undefined;
      }
      const b = this.#bOf(measurements, (message) => campaign.onFailure?.(message));
      if (b === undefined) return undefined;
      this.#measured.set(hash, b);
      onReward?.(hash, b);
      return b;
    } finally {
      this.#waiting--;
    }
  }

  /** b from the rows of each problem; undefined where one of them gives no term, and `onFailure` hears why. */
  #bOf(
    measurements: readonly (readonly DeviceMeasurement[])[],
    onFailure: (message: string) => void,
  ): number | undefined {
    const parts = measurements.map((ofProblem, index) => {
      const terms = ofProblem.flatMap(({ row }) => termOf(row, onFailure) ?? []);
      return { weight: this.options.problems[index].weight, terms, isWhole: terms.length === ofProblem.length };
    });
    if (parts.length === 0 || parts.some(({ isWhole }) => !isWhole)) return undefined;
    return weightedMean(parts.map(({ weight, terms }) => ({ weight, value: mean(terms) })));
  }

  /** Teaches the cost model of each device and problem. */
  #learn(measurements: readonly (readonly DeviceMeasurement[])[], factorization: VerifiedFactorization): void {
    const hash = contentHash(factorization);
    const features = costFeatures(factorization);
    for (const [problem, ofProblem] of measurements.entries()) {
      for (const { device, row } of ofProblem) {
        const ratio = row && relativeTime(row.outcome);
        if (ratio === undefined) continue;
        const index = this.options.pool.devices.indexOf(device);
        const samples = this.#samples[problem][index].set(hash, { features, ratio });
        this.#models[problem][index] = fitCostModel([...samples.values()]);
      }
    }
  }
}

/** b of one row; undefined where there is none, and `onFailure` hears why. */
function termOf(row: MeasurementRow | undefined, onFailure: (message: string) => void): number | undefined {
  if (row === undefined) return undefined;
  const reward = latencyReward(row.outcome);
  if (reward.kind === 'reward') return reward.b;
  onFailure(reward.kind === 'fault' ? reward.message : reward.reason);
  return undefined;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function weightedMean(parts: readonly { readonly weight: number; readonly value: number }[]): number {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return parts.reduce((sum, { weight, value }) => sum + weight * value, 0) / total;
}
