import { contentHash, mean, type Origin, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import { type Candidate, candidate } from '../fleet/algorithms.js';
import { type CampaignOptions, type DeviceMeasurement, measureOnDevices, recallCandidate } from '../fleet/campaign.js';
import { DEFAULT_B_MAX, latencyReward } from '../fleet/latency-reward.js';
import type { MeasurementRow } from '../fleet/measurement.js';
import type { MeasurementStore } from '../fleet/measurement-store.js';
import { isBelieved, isGone } from '../fleet/pool-device.js';
import type { WeightedProblem } from '../fleet/problem.js';
import type { ProgramDescriptions } from '../fleet/program-descriptions.js';
import { type HeldOutAccuracy, LatencyModels, weightedMean } from './latency-models.js';
import type { Pricing } from './priced-images.js';
import { latencyBonus, type MeasuredBonus, type Reward, type Rewarded } from './reward.js';

/** Sets how latency is measured. */
interface LatencyFeedOptions {
  readonly pool: AgentPool;
  readonly store: MeasurementStore;
  /** The latency is the weighted mean over these problems, and for each problem the mean over all devices. */
  readonly problems: readonly WeightedProblem[];
  /** Number of recursion levels of the factorization. */
  readonly depth: number;
  readonly lambda: number;
  /** Largest multiple of the error of a plain product; what exceeds it gets the lowest b. Default null: any. */
  readonly maxError?: number | null | undefined;
  readonly campaign: Omit<CampaignOptions, 'store'>;
  /** What the agents say of programs. Without it, estimates follow the coefficients of an algorithm alone. */
  readonly descriptions?: ProgramDescriptions | undefined;
  /** Called when a measurement arrives, with the `b` of r' = r + lambda * b. */
  readonly onReward?: ((hash: string, b: number) => void) | undefined;
}

/** Limits the algorithms that wait for each agent. Others keep their estimate until they are found again. */
const MAX_WAITING_EACH = 12;

/** The b of an algorithm as fast as the baseline. */
const BASELINE_B = -1;

/**
 * Gives the reward of fine-tuning, r' = r + lambda * b with b = -min(t / t_baseline, b_max), while the search goes on. It gives the cost
 * models' estimate at once, and the measurement when it arrives.
 *
 * **All devices or none.** b is a mean over all devices and problems. A mean over those that happened to answer would be another
 * quantity: without its slow device an algorithm would look fast. So a measured bonus needs every part. If infrastructure loses one, the
 * game is dropped. The parts that arrived are stored and teach their cost models; they are not measured again when the algorithm is found
 * again. While a device is known to be gone, the others still measure, and games keep their estimates. A device whose answers are not
 * believed any more does not count: the mean is over the others, for earlier algorithms too.
 */
export class LatencyFeed implements Reward, Pricing {
  readonly isPlain = false;
  readonly #options: LatencyFeedOptions;
  readonly #models: LatencyModels;
  /** Measurements by content hash; each resolves to b, without lambda. */
  readonly #measurements = new Map<string, Promise<MeasuredBonus>>();
  readonly #measured = new Map<string, number>();
  /** The factorizations behind them, by content hash. */
  readonly #known = new Map<string, VerifiedFactorization>();
  /** Number of devices whose answers were believed when the bonuses were computed. */
  #believed: number;
  #waiting = 0;
  /** The b of the first algorithm that was measured, from which bonuses count; undefined before. */
  #first: number | undefined;

  constructor(options: LatencyFeedOptions) {
    this.#options = options;
    const { descriptions } = options;
    this.#models = new LatencyModels(options.problems, options.pool.devices, descriptions);
    if (descriptions !== undefined) descriptions.onArrival = (hashes) => this.#models.describe(hashes);
    this.#believed = options.pool.devices.length;
  }

  /** Counts the measurements that are under way or waiting. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Gives the measured b, without lambda, by content hash. */
  get measured(): ReadonlyMap<string, number> {
    return this.#measured;
  }

  /** Says how well measurements were predicted before they were made. Undefined without predictions. */
  get accuracy(): HeldOutAccuracy | undefined {
    return this.#models.accuracy;
  }

  /** Tells whether the algorithm was measured or is being measured. */
  isAsked(hash: string): boolean {
    return this.#measurements.has(hash);
  }

  /** Takes over the store's measurements of these algorithms, for a resumed run: as bonuses, and as samples of the cost models. */
  recall(factorizations: Iterable<VerifiedFactorization>): void {
    const { pool, problems, store } = this.#options;
    for (const factorization of factorizations) {
      this.#options.descriptions?.want(contentHash(factorization), factorization);
      const measured = this.#candidate(factorization);
      const known = problems.map(({ problem }) => recallCandidate(pool, measured, problem, this.#campaign));
      this.#models.learn(known, factorization);
      const b = this.#bOf(known, () => undefined);
      if (b === undefined) continue;
      const hash = contentHash(factorization);
      this.#measurements.set(hash, Promise.resolve(b));
      this.#keep(hash, factorization, b);
    }
    // The one that was measured first, as in the part of the run that measured it.
    const inOrder = store.all().map(({ algorithm }) => this.#measured.get(algorithm.levels[0]));
    this.#first = inOrder.find(saysWhatIsPlayed);
  }

  estimate(factorization: VerifiedFactorization | undefined): number {
    const { descriptions } = this.#options;
    if (factorization === undefined) return this.#bonusOf(-DEFAULT_B_MAX);
    // Before there are measurements, an algorithm counts as fast as the first that is measured.
    return this.#estimate(factorization, descriptions && contentHash(factorization)) ?? 0;
  }

  price(factorization: VerifiedFactorization, hash: string): number | undefined {
    const known = this.known(hash);
    if (known !== undefined) return known;
    return this.#isDescribed(hash) ? this.#estimate(factorization, hash) : undefined;
  }

  /** Predicts the `b` of an algorithm that was not measured; undefined as for `price`. */
  predict(factorization: VerifiedFactorization, hash: string): number | undefined {
    return this.#isDescribed(hash) ? this.#predict(factorization, hash) : undefined;
  }

  get takesMore(): boolean {
    const { descriptions } = this.#options;
    return descriptions === undefined || !descriptions.isOpen || descriptions.hasRoom;
  }

  want(factorization: VerifiedFactorization, hash: string): void {
    this.#options.descriptions?.want(hash, factorization);
  }

  /** Estimates a bonus. Undefined before there are enough measurements. */
  #estimate(factorization: VerifiedFactorization, hash: string | undefined): number | undefined {
    const b = this.#predict(factorization, hash);
    return b === undefined ? undefined : this.#bonusOf(b);
  }

  /** Predicts b: the lowest for an error over the bound. Undefined before there are enough measurements. */
  #predict(factorization: VerifiedFactorization, hash: string | undefined): number | undefined {
    const { maxError = null, depth } = this.#options;
    const time = this.#models.predict(factorization, hash);
    if (time === undefined) return undefined;
    const error = maxError === null ? undefined : this.#models.predictError(factorization, depth);
    const isOver = error !== undefined && maxError !== null && error > maxError;
    return isOver ? -DEFAULT_B_MAX : -Math.min(time, DEFAULT_B_MAX);
  }

  /** Tells whether every device and problem that describes programs has described this one, as one that there is. */
  #isDescribed(hash: string): boolean {
    const { descriptions, pool, problems } = this.#options;
    if (descriptions === undefined) return true;
    return pool.devices.every(
      (device) =>
        !descriptions.isAsked(device) ||
        problems.every((_, index) => descriptions.of(hash, index, device)?.ok === true),
    );
  }

  known(hash: string): number | undefined {
    const b = this.#measured.get(hash);
    return b === undefined ? undefined : this.#bonusOf(b);
  }

  /** Measures each factorization once. Gives undefined while too many wait or a device is gone, and after a fault of ours. */
  async measure({ factorization, hash }: Rewarded, origin: Origin = 'rl'): Promise<MeasuredBonus> {
    const { pool } = this.#options;
    const known = this.#measurements.get(hash);
    if (known === undefined && this.#waiting >= MAX_WAITING_EACH * pool.agents.length) return undefined;
    const measurement = known ?? this.#start(factorization, hash, origin);
    this.#measurements.set(hash, measurement);
    const b = await measurement;
    return typeof b === 'number' ? this.#bonusOf(b) : b;
  }

  get #campaign(): CampaignOptions {
    return { ...this.#options.campaign, store: this.#options.store };
  }

  #candidate(factorization: VerifiedFactorization, origin: Origin = 'rl'): Candidate {
    return candidate({ factorization, origin }, 'found', { depth: this.#options.depth });
  }

  async #start(factorization: VerifiedFactorization, hash: string, origin: Origin): Promise<MeasuredBonus> {
    const { pool, problems, campaign, onReward } = this.#options;
    this.#waiting++;
    this.#options.descriptions?.want(hash, factorization);
    try {
      // The pool knows which devices are gone. Jobs sent to them would only be lost.
      const devices = pool.devices.filter((device) => !isGone(device));
      const isWhole = devices.length === pool.devices.length;
      const measured = this.#candidate(factorization, origin);
      const answers = await Promise.all(
        problems.map(({ problem }) => measureOnDevices(pool, devices, measured, problem, this.#campaign)),
      );
      this.#forgetDisbelieved();
      // A device that lied too often counts no longer, so nothing waits for it.
      const measurements =
        pool.devices.length < devices.length
          ? answers.map((ofProblem) => ofProblem.filter(({ device }) => isBelieved(device)))
          : answers;
      this.#models.learn(measurements, factorization);
      if (!isWhole || measurements.flat().some(({ row }) => row === undefined)) {
        // It is measured again when it is found again. A run that is being stopped keeps its games, as it may be resumed.
        this.#measurements.delete(hash);
        return isWhole && !campaign.signal?.aborted ? 'lost' : undefined;
      }
      const b = this.#bOf(measurements, (message) => campaign.onFailure?.(message));
      if (b === undefined) return undefined;
      this.#keep(hash, factorization, b);
      onReward?.(hash, b);
      return b;
    } finally {
      this.#waiting--;
    }
  }

  #bonusOf(b: number): number {
    return latencyBonus(this.#options.lambda, b, this.#first ?? BASELINE_B);
  }

  #keep(hash: string, factorization: VerifiedFactorization, b: number): void {
    if (saysWhatIsPlayed(b)) this.#first ??= b;
    this.#measured.set(hash, b);
    this.#known.set(hash, factorization);
  }

  /** Computes the bonuses again, from the store, without the devices whose answers are not believed any more. */
  #forgetDisbelieved(): void {
    const { length } = this.#options.pool.devices;
    if (length === this.#believed) return;
    this.#believed = length;
    const known = [...this.#known.values()];
    for (const hash of this.#known.keys()) this.#measurements.delete(hash);
    this.#known.clear();
    this.#measured.clear();
    this.recall(known);
  }

  /** Computes b from the rows of each problem. Undefined if one of them gives no term; `onFailure` is told why. */
  #bOf(
    measurements: readonly (readonly DeviceMeasurement[])[],
    onFailure: (message: string) => void,
  ): number | undefined {
    const parts = measurements.map((ofProblem, index) => {
      const terms = ofProblem.flatMap(({ row }) => termOf(row, this.#options.maxError, onFailure) ?? []);
      return { weight: this.#options.problems[index].weight, terms, isWhole: terms.length === ofProblem.length };
    });
    if (parts.length === 0 || parts.some(({ isWhole }) => !isWhole)) return undefined;
    return weightedMean(parts.map(({ weight, terms }) => ({ weight, value: mean(terms) })));
  }
}

/** Tells whether b is of an algorithm that is of use; one that is as bad as none tells nothing of the others that a network plays. */
function saysWhatIsPlayed(b: number | undefined): b is number {
  return b !== undefined && b > -DEFAULT_B_MAX;
}

/** Gives the b of one row. Undefined if there is none; `onFailure` is told why. */
function termOf(
  row: MeasurementRow | undefined,
  maxError: number | null | undefined,
  onFailure: (message: string) => void,
): number | undefined {
  if (row === undefined) return undefined;
  const reward = latencyReward(row.outcome, { maxError });
  if (reward.kind === 'reward') return reward.b;
  onFailure(reward.kind === 'fault' ? reward.message : reward.reason);
  return undefined;
}
