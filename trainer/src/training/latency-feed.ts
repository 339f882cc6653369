import type { VerifiedFactorization } from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import { candidate } from '../fleet/algorithms.js';
import { type CampaignOptions, measureCandidate } from '../fleet/campaign.js';
import { type CostModel, type CostSample, costFeatures, fitCostModel } from '../fleet/cost-model.js';
import { DEFAULT_B_MAX, latencyReward, relativeTime } from '../fleet/latency-reward.js';
import type { MeasurementRow, ProblemSpec } from '../fleet/measurement.js';
import type { MeasurementStore } from '../fleet/measurement-store.js';
import type { FoundFactorization } from './train.js';

export interface LatencyFeedOptions {
  readonly pool: AgentPool;
  readonly store: MeasurementStore;
  /** Latency is the mean over these and over all agents. */
  readonly problems: readonly ProblemSpec[];
  /** How often the factorization is applied, one inside the other. */
  readonly depth: number;
  readonly lambda: number;
  readonly campaign: Omit<CampaignOptions, 'store'>;
  /** A measured reward has arrived; `b` of r' = r + lambda * b. */
  readonly onReward?: (hash: string, b: number) => void;
}

/** Measurements that may wait at once; what is found beyond that keeps its estimate until it is found again. */
const MAX_WAITING = 12;

/**
 * The latency term of the reward, r' = r + lambda * b with b = -min(t / t_vendor, b_max), while the search goes on: the
 * cost model's estimate at once, the measurement when it arrives.
 *
 * **The constant.** Every game gets exactly one latency term, at its end, so a constant added to b for all games changes no
 * preference. Inside training the term is lambda * (b + 1): zero for an algorithm as fast as the vendor's GEMM. A network
 * that was trained without latency is then right about unsolved positions from the first move on; with b itself every solved end
 * would look worse to it than going on. Reports and metrics give b.
 */
export class LatencyFeed {
  readonly #measurements = new Map<string, Promise<number | 'lost' | undefined>>();
  readonly #measured = new Map<string, number>();
  readonly #samples = new Map<string, CostSample[]>();
  #models: CostModel[] = [];
  #waiting = 0;

  constructor(private readonly options: LatencyFeedOptions) {}

  /** Measurements under way or waiting. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Rewards measured so far, by content hash: b, before lambda. */
  get measured(): ReadonlyMap<string, number> {
    return this.#measured;
  }

  /** lambda * (b + 1), estimated; `undefined` is a game that ran out of moves. */
  estimate(factorization: VerifiedFactorization | undefined): number {
    if (factorization === undefined) return this.#scaled(-DEFAULT_B_MAX);
    const predicted = this.#models.flatMap((model) => model.predict(factorization) ?? []);
    // Before there are measurements: as fast as the vendor.
    if (predicted.length === 0) return 0;
    return this.#scaled(-Math.min(mean(predicted), DEFAULT_B_MAX));
  }

  /**
   * Measures once for each factorization; resolves to lambda * (b + 1), to `lost` where infrastructure lost it, and to undefined
   * where no measurement was made or it was a fault of ours.
   */
  async measure({ factorization, hash }: FoundFactorization): Promise<number | 'lost' | undefined> {
    const known = this.#measurements.get(hash);
    if (known === undefined && (this.#waiting >= MAX_WAITING || this.#isAlone)) return undefined;
    const measurement = known ?? this.#start(factorization, hash);
    this.#measurements.set(hash, measurement);
    const b = await measurement;
    return typeof b === 'number' ? this.#scaled(b) : b;
  }

  /** Whether every agent has stopped answering; the pool said so and tells when one is back. */
  get #isAlone(): boolean {
    return this.options.pool.agents.every(({ state }) => state === 'gone');
  }

  #scaled(b: number): number {
    return this.options.lambda * (b + 1);
  }

  async #start(factorization: VerifiedFactorization, hash: string): Promise<number | 'lost' | undefined> {
    const { pool, store, problems, depth, campaign, onReward } = this.options;
    this.#waiting++;
    try {
      const measured = candidate({ factorization, origin: 'rl' }, 'found', { depth });
      const results = await Promise.all(
        problems.map((problem) => measureCandidate(pool, measured, problem, { ...campaign, store })),
      );
      const rows = results.flat();
      const terms = rows.flatMap((row) => this.#termOf(row, factorization));
      if (terms.length === 0) {
        // What infrastructure lost may be tried again when it is found again; a fault would only repeat itself.
        const isLost = rows.length < problems.length * pool.agents.length;
        if (isLost) this.#measurements.delete(hash);
        // A run that is being stopped keeps its games: it may be resumed.
        return isLost && !campaign.signal?.aborted ? 'lost' : undefined;
      }
      const b = mean(terms);
      this.#measured.set(hash, b);
      onReward?.(hash, b);
      return b;
    } finally {
      this.#waiting--;
    }
  }

  /** b of one row as a list of none or one; teaches the cost model of its device and problem. */
  #termOf(row: MeasurementRow, factorization: VerifiedFactorization): number[] {
    const ratio = relativeTime(row.outcome);
    if (ratio !== undefined) this.#learn(row, { features: costFeatures(factorization), ratio });
    const reward = latencyReward(row.outcome);
    if (reward.kind === 'reward') return [reward.b];
    this.options.campaign.onFailure?.(reward.kind === 'fault' ? reward.message : reward.reason);
    return [];
  }

  #learn({ deviceId, problem }: MeasurementRow, sample: CostSample): void {
    const key = JSON.stringify([deviceId, problem]);
    this.#samples.set(key, [...(this.#samples.get(key) ?? []), sample]);
    this.#models = [...this.#samples.values()].map((samples) => fitCostModel(samples));
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
