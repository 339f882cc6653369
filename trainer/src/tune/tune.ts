import { type DispatchProblem, Random } from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import type { Candidate } from '../fleet/algorithms.js';
import { type CampaignOptions, measureCandidate } from '../fleet/campaign.js';
import type { MeasurementRow } from '../fleet/measurement.js';
import { measurementKey } from '../fleet/measurement-key.js';
import type { MeasurementStore } from '../fleet/measurement-store.js';
import { ownGemm } from './candidates.js';
import { planRungs, type Rung, survivors } from './halving.js';

export interface TuneOptions {
  /** Of one agent: a dispatch table is for one device. */
  readonly pool: AgentPool;
  readonly store: MeasurementStore;
  readonly backend: string;
  readonly variant: string;
  /** Plans that the agent tries for each finalist; 0: none but its own. */
  readonly tunePlans: number;
  readonly seed: number;
  /** From which the times of all rungs follow; undefined: the agent's own bound in the last one. */
  readonly secondsForEach?: number | undefined;
  /** Ends the search; what was measured is kept. */
  readonly signal: AbortSignal;
  readonly onProgress?: (fraction: number, what: string) => void;
  /** A measurement that came to no outcome. */
  readonly onFailure?: (message: string) => void;
}

export interface Tuned {
  readonly problem: DispatchProblem;
  /** Of the last rung; undefined: it was stopped before its end. */
  readonly rows: readonly MeasurementRow[] | undefined;
}

/** Rounds of a rung that only decides who goes on. */
const SCREENING = { minRounds: 5, targetRelativeHalfWidth: 0.02 };

/**
 * Successive halving for one problem. What the store has measured for as long already is not measured again, so that a search that
 * was stopped goes on where it was. Candidates are taken in an order drawn for each rung, so that a drift of the device favours none.
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
      // A measurement that was cut off has said nothing.
      if (options.signal.aborted && row === undefined) return { problem, rows: undefined };
      trials.push({ candidate, row, speedup: row?.outcome.measurement?.speedup?.estimate });
      done++;
    }
    if (rung.isLast) {
      const rows = trials.flatMap(({ row }) => row ?? []);
      // Nothing at all is a failure of the infrastructure, which says nothing about the candidates.
      return { problem, rows: rows.length > 0 ? rows : undefined };
    }
    remaining = survivors(trials, rungs[index + 1].count);
  }
  return { problem, rows: undefined };
}

/** One measurement of a rung, from the store where it has it; undefined: it came to no outcome. */
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
    ...(onFailure === undefined ? {} : { onFailure }),
  };
  const key = measurementKey({ ...campaign, levels: candidate.levels, problem }, pool.agents[0].description);
  const stored = store.byKey(key).findLast((row) => answersFor(row, seconds));
  if (stored !== undefined) return stored;
  const [row] = await measureCandidate(pool, candidate, problem, { ...campaign, fresh: true });
  return row;
}

/** Whether a stored row says as much as a measurement of so many seconds would. */
export function answersFor({ outcome }: MeasurementRow, seconds: number): boolean {
  if (outcome.kind === 'OUTCOME_KIND_CANCELLED') return false;
  return outcome.kind !== 'OUTCOME_KIND_MEASURED' || (outcome.measurement?.protocol?.budgetSeconds ?? 0) >= seconds;
}
