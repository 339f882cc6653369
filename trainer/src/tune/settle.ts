import type { DispatchProblem, Preference } from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import { chooseBackend, requireTransposed } from '../fleet/backend-choice.js';
import { resolveVariant } from '../fleet/measurement-key.js';
import type { TuneSettings } from './settings.js';

/** What a person asks of a new tuning run. */
export interface TuneWishes {
  readonly agent: string;
  readonly problems: readonly DispatchProblem[];
  /** Undefined: the first that works. */
  readonly backend: string | undefined;
  /** Undefined: the backend's default. */
  readonly variant: string | undefined;
  /** Fewest and most recursion levels. */
  readonly levels: [number, number];
  readonly mixed: boolean;
  readonly tunePlans: number;
  readonly seed: number;
  /** Largest multiple of the error of a plain product; null: any. */
  readonly maxError: number | null;
  readonly prefer: Preference;
  /** How many combinations the first rung of a problem times at most. */
  readonly candidates: number;
  /** The most workspace of a program, as a multiple of A, B and C; null: any. */
  readonly workspaceTimes: number | null;
}

/**
 * Settles a new tuning run on the agent it is for.
 * @param pool of that agent
 * @throws AlphaTensorError as chooseBackend and requireTransposed
 */
export function settleTuning(pool: AgentPool, wishes: TuneWishes): TuneSettings {
  const { agent, problems, levels, mixed, tunePlans, seed, maxError, prefer, candidates, workspaceTimes } = wishes;
  const backend = chooseBackend(pool, wishes.backend);
  const variant = resolveVariant({ backend, variant: wishes.variant }, pool.agents[0].description);
  requireTransposed(pool, backend, variant, problems);
  return {
    ...{ agent, backend, variant, problems, levels, mixed, seed, maxError, prefer, candidates },
    // Only a packed program has plans, and can do with less workspace than it is fastest with.
    tunePlans: variant === 'packed' ? tunePlans : 0,
    workspaceTimes: variant === 'packed' ? workspaceTimes : null,
  };
}
