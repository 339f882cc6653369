import { type DispatchProblem, Random } from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import type { Candidate } from '../fleet/algorithms.js';
import { type CampaignOptions, measureCandidate } from '../fleet/campaign.js';
import type { MeasurementRow } from '../fleet/measurement.js';
import { measurementKey } from '../fleet/measurement-key.js';
import type { MeasurementStore } from '../fleet/measurement-store.js';
import { ownGemm } from './candidates.js';
import { planRungs, type Rung, survivors } from './halving.js';

interface TuneOptions {
  /** A pool of one agent, because a dispatch table is for one device. */
  readonly pool: AgentPool;
  readonly store: MeasurementStore;
  readonly backend: string;
  readonly variant: string;
  /** How many plans the agent tries for each finalist; 0: only the one that suits its caches. */
  readonly tunePlans: number;
  readonly seed: number;
  /** Time for one problem, from which the times of all rungs follow; undefined: the last rung gets the agent's own limit. */
  readonly secondsForEach?: number | undefined;
  /** Ends the search. Rows measured until then are kept. */
  readonly signal: AbortSignal;
  readonly onProgress?: ((fraction: number, what: string) => void) | undefined;
  /** Called for a measurement without an outcome. */
  readonly onFailure?: ((message: string) => void) | undefined;
}

/** Holds the result for one problem. */
export interface Tuned {
  readonly problem: DispatchProblem;
  /** Rows of the last rung; undefined: the search was stopped before its end. */
  readonly rows: readonly MeasurementRow[] | undefined;
}

/** The protocol of a rung that only decides which candidates go on. */
const SCREENING = { minRounds: 5, targetRelativeHalfWidth: 0.02 };

/**
 * Runs successive halving for one problem. A stored row that was measured at least as long is used instead of measuring again,
 * so a stopped search goes on where it was. Each rung takes its candidates in a random order, so that a drift of the device
 * favours none.
 */
export async function tuneProblem(
  candidates: readonly Candidate[],
  problem: DispatchProblem,
  options: TuneOptions,
): Promise<Tuned> {
  const rungs = planRungs(candidates.length, options.secondsForEach);
  const total = rungs.reduce((sum, { count }) => sum + count, 1);
  const random = new Random(`${options.seed} ${JSON.stringify(problem)}`);
  let remaining = candidates;
  let done = 0;
  for (const [index, rung] of rungs.entries()) {
    const contenders = rung.isLast ? [...remaining, ownGemm()] : remaining;
    const trials: { candidate: Candidate; speedup: number | undefined; row: MeasurementRow | undefined }[] = [];
    for (const candidate of random.shuffle([...contenders])) {
      if (options.signal.aborted) return { problem, rows: undefined };
      const what = `${candidate.algorithm.label}, rung ${index + 1} of ${rungs.length}`;
      options.onProgress?.(done / total, what);
      const row = await trial(candidate, problem, rung, options, (stage) =>
        options.onProgress?.(done / total, `${what}: ${stage}`),
      );
      // A measurement that was cut off says nothing.
      if (options.signal.aborted && row === undefined) return { problem, rows: undefined };
      trials.push({ candidate, row, speedup: row?.outcome.measurement?.speedup?.estimate });
      done++;
    }
    if (rung.isLast) {
      const rows = trials.flatMap(({ row }) => row ?? []);
      // No row at all means that the infrastructure failed, which says nothing about the candidates.
      return { problem, rows: rows.length > 0 ? rows : undefined };
    }
    remaining = survivors(trials, rungs[index + 1].count);
  }
  return { problem, rows: undefined };
}

/** Makes one measurement of a rung, or takes it from the store; undefined if there is no outcome. */
async function trial(
  candidate: Candidate,
  problem: DispatchProblem,
  { seconds, isLast }: Rung,
  { pool, store, backend, variant, tunePlans, seed, signal, onFailure }: TuneOptions,
  onStage: (stage: string) => void,
): Promise<MeasurementRow | undefined> {
  const campaign: CampaignOptions & { backend: string } = {
    backend,
    variant,
    store,
    signal,
    tunePlans: isLast ? tunePlans : 0,
    protocol: { budgetSeconds: seconds, seed, ...(isLast ? { includeOwnGemm: true } : SCREENING) },
    onProgress: (_, { stage }) => onStage(stage),
    onFailure,
  };
  const key = measurementKey({ ...campaign, levels: candidate.levels, problem }, pool.agents[0].description);
  const stored = store.byKey(key).findLast((row) => answersFor(row, seconds));
  if (stored !== undefined) return stored;
  const [row] = await measureCandidate(pool, candidate, problem, { ...campaign, fresh: true });
  return row;
}

/** Tells whether a stored row says as much as a measurement of this many seconds would. */
export function answersFor({ outcome }: MeasurementRow, seconds: number): boolean {
  if (outcome.kind === 'OUTCOME_KIND_CANCELLED') return false;
  return outcome.kind !== 'OUTCOME_KIND_MEASURED' || (outcome.measurement?.protocol?.budgetSeconds ?? 0) >= seconds;
}
