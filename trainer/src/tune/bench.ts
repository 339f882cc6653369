import { boundBytes, type DispatchProblem } from '@alphatensor-edge/shared';
import { stageWords } from '../fleet/agent-client.js';
import type { AgentPool } from '../fleet/agent-pool.js';
import type { Candidate } from '../fleet/algorithms.js';
import { type CampaignOptions, isConclusive, measureCandidate } from '../fleet/campaign.js';
import { type MeasurementRow, matrixBytes } from '../fleet/measurement.js';
import { measurementKey } from '../fleet/measurement-key.js';
import type { MeasurementStore } from '../fleet/measurement-store.js';
import type { PlannedTrial, TrialCost } from './trial-cost.js';

export interface BenchOptions {
  /** A pool of one agent, because a dispatch table is for one device. */
  readonly pool: AgentPool;
  readonly store: MeasurementStore;
  readonly backend: string;
  readonly variant: string;
  /** The most workspace of a program, as a multiple of A, B and C; null: any. */
  readonly workspaceTimes: number | null;
  readonly seed: number;
  /** Wall-clock seconds for the problem; undefined: as long as it takes. */
  readonly seconds?: number | undefined;
  /** Learns from every trial of the run. */
  readonly cost: TrialCost;
  /** Ends the search. Rows measured until then are kept. */
  readonly signal: AbortSignal;
  /** Called for a measurement without an outcome. */
  readonly onFailure?: ((message: string) => void) | undefined;
  /** Called with each row that was measured, not with those from the store. */
  readonly onRow?: ((row: MeasurementRow) => void) | undefined;
  /** Tells whether the agent has compiled the candidate before, for the same number format. */
  readonly isCompiled: (candidate: Candidate) => boolean;
  /** Seconds of a monotonic clock. */
  readonly clock: () => number;
}

/** Says how one candidate is measured. */
export interface TrialSettings {
  /** Longest time of timing, seconds. */
  readonly seconds: number;
  readonly minRounds: number;
  /** Whether the interval is to become as narrow as usual. */
  readonly isFull: boolean;
  /** Whether own <1,1,1> is timed beside it. */
  readonly isBesideOwn: boolean;
  /** Whether the errors are measured on all-positive and on badly scaled inputs, too. */
  readonly hasFurtherInputs: boolean;
  /** How many plans the agent tries first; 0: only the one that suits its caches. */
  readonly plans: number;
}

/** The half-width of the interval at which a trial that only decides which candidates go on has told enough. */
const SCREENING_HALF_WIDTH = 0.02;

/** Measures candidates of one problem within its time, or takes them from the store. */
export class Bench {
  readonly problem: DispatchProblem;
  readonly #options: BenchOptions;
  readonly #clock: () => number;
  readonly #end: number;

  constructor(problem: DispatchProblem, options: BenchOptions) {
    this.problem = problem;
    this.#options = options;
    this.#clock = options.clock;
    this.#end = this.#clock() + (options.seconds ?? Number.POSITIVE_INFINITY);
  }

  /** Gives the seconds that are left for the problem. */
  get secondsLeft(): number {
    return this.#end - this.#clock();
  }

  get cost(): TrialCost {
    return this.#options.cost;
  }

  get isStopped(): boolean {
    return this.#options.signal.aborted;
  }

  /**
   * Estimates the seconds of a trial that ends as soon as it may, given the predicted times of one product.
   * @param isCompiled default: whether it is compiled by now
   */
  estimate(
    candidate: Candidate,
    seconds: number,
    baselineSeconds: number,
    settings: TrialSettings,
    isCompiled?: boolean | undefined,
  ): number {
    const planned = this.#planned(candidate, seconds, baselineSeconds, settings);
    return this.cost.estimate({ ...planned, isCompiled: isCompiled ?? planned.isCompiled });
  }

  /** Finds the row in the store that says as much as a trial would. */
  stored(candidate: Candidate, settings: TrialSettings): MeasurementRow | undefined {
    const { pool, store } = this.#options;
    const campaign = this.#campaign(settings);
    const maxWorkspaceBytes = boundBytes(campaign.maxWorkspace, matrixBytes(this.problem));
    const key = measurementKey(
      { ...campaign, maxWorkspaceBytes, levels: candidate.levels, problem: this.problem },
      pool.agents[0].description,
    );
    return store.byKey(key).findLast((row) => answersFor(row, settings.seconds));
  }

  /**
   * Makes one measurement, or takes it from the store.
   * @returns undefined if there is no outcome
   */
  async trial(
    candidate: Candidate,
    settings: TrialSettings,
    expected: { readonly seconds: number; readonly baselineSeconds: number },
    onStage: (stage: string) => void,
  ): Promise<MeasurementRow | undefined> {
    const stored = this.stored(candidate, settings);
    if (stored !== undefined) return stored;
    const { pool, store, signal, onFailure, onRow } = this.#options;
    const began = this.#clock();
    const [row] = await measureCandidate(pool, candidate, this.problem, {
      ...this.#campaign(settings),
      ...{ store, signal, onFailure, fresh: true },
      onProgress: (_, progress) => onStage(stageWords(progress)),
    });
    if (row === undefined) return undefined;
    const { seconds, baselineSeconds } = measuredSeconds(row) ?? expected;
    if (settings.plans === 0) {
      const planned = this.#planned(candidate, seconds, baselineSeconds, settings);
      this.cost.learn(planned, this.#clock() - began, row.outcome);
    }
    onRow?.(row);
    return row;
  }

  #planned(
    candidate: Candidate,
    seconds: number,
    baselineSeconds: number,
    { minRounds, isBesideOwn, hasFurtherInputs }: TrialSettings,
  ): PlannedTrial {
    const { rank } = candidate.algorithm;
    const isCompiled = this.#options.isCompiled(candidate);
    const { threads } = this.problem;
    const sides = isBesideOwn ? 2 : 1;
    return { seconds, baselineSeconds, rank, isCompiled, minRounds, threads, sides, hasFurtherInputs };
  }

  #campaign({
    seconds,
    minRounds,
    isFull,
    isBesideOwn,
    hasFurtherInputs,
    plans,
  }: TrialSettings): CampaignOptions & { backend: string } {
    const { backend, variant, seed, workspaceTimes } = this.#options;
    return {
      ...{ backend, variant, tunePlans: plans },
      ...(workspaceTimes !== null && { maxWorkspace: { timesMatrices: workspaceTimes } }),
      protocol: {
        ...{ budgetSeconds: seconds, seed, minRounds },
        ...(isBesideOwn && { includeOwnGemm: true }),
        ...(hasFurtherInputs && { includeFurtherInputs: true }),
        ...(!isFull && { targetRelativeHalfWidth: SCREENING_HALF_WIDTH }),
      },
    };
  }
}

function measuredSeconds({ outcome: { measurement } }: MeasurementRow) {
  if (!measurement || measurement.baselineSeconds.length === 0) return undefined;
  const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
  return { seconds: middle(measurement.candidateSeconds), baselineSeconds: middle(measurement.baselineSeconds) };
}

/** Tells whether a stored row says as much as a measurement of this many seconds would. */
export function answersFor(row: MeasurementRow, seconds: number): boolean {
  const { outcome } = row;
  if (!isConclusive(row)) return false;
  return outcome.kind !== 'OUTCOME_KIND_MEASURED' || (outcome.measurement?.protocol?.budgetSeconds ?? 0) >= seconds;
}
