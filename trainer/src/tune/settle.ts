import type { DispatchProblem } from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import { chooseBackend } from '../fleet/backend-choice.js';
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
  /** Of all problems together; undefined: until all are measured. */
  readonly budgetSeconds: number | undefined;
}

/**
 * Settles a new tuning run on the agent it is for.
 * @param pool of that agent
 * @throws AlphaTensorError as chooseBackend
 */
export function settleTuning(pool: AgentPool, wishes: TuneWishes): TuneSettings {
  const { agent, problems, levels, mixed, tunePlans, seed, budgetSeconds } = wishes;
  const backend = chooseBackend(pool, wishes.backend);
  const variant = resolveVariant({ backend, variant: wishes.variant }, pool.agents[0].description);
  return {
    ...{ agent, backend, variant, problems, levels, mixed, seed },
    // Only a packed program has plans.
    tunePlans: variant === 'packed' ? tunePlans : 0,
    secondsForEach: budgetSeconds === undefined ? undefined : budgetSeconds / problems.length,
  };
}
