import type { MeasuringProtocol } from '@alphatensor-edge/proto';
import type { FactorizationRecord } from '@alphatensor-edge/shared';
import { stageWords } from './agent-client.js';
import type { AgentPool } from './agent-pool.js';
import { candidate } from './algorithms.js';
import { chooseBackend, requireTransposed } from './backend-choice.js';
import { type CampaignOptions, measureCandidate } from './campaign.js';
import { type MeasurementRow, type ProblemSpec, problemWords } from './measurement.js';

interface BenchmarkAllOptions
  extends Pick<CampaignOptions, 'variant' | 'tunePlans' | 'maxWorkspace' | 'protocol' | 'store'> {
  /** Undefined: the first backend that works on every agent. */
  readonly backend: string | undefined;
  /** Recursion levels of each factorization. */
  readonly depth: number;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number, what: string) => void;
}

/**
 * Measures each factorization on each problem, on all agents of the pool.
 * @returns the rows with an outcome, and one sentence for each measurement without one
 * @throws AlphaTensorError as chooseBackend and requireTransposed; CANCELLED when `signal` ends it
 */
export async function benchmarkAll(
  pool: AgentPool,
  records: readonly FactorizationRecord[],
  problems: readonly ProblemSpec[],
  { depth, signal, onProgress, backend: wanted, ...campaign }: BenchmarkAllOptions,
): Promise<{ rows: MeasurementRow[]; failures: string[] }> {
  const backend = chooseBackend(pool, wanted);
  requireTransposed(pool, backend, campaign.variant, problems);
  const failures: string[] = [];
  const tasks = problems.flatMap((problem) => records.map((record) => ({ problem, record })));
  const rows: MeasurementRow[][] = [];
  let done = 0;
  const measure = async ({ problem, record }: (typeof tasks)[number], index: number): Promise<void> => {
    const measured = candidate(record, record.origin === 'rl' ? 'found' : 'imported', { depth });
    const where = `${measured.algorithm.label} at ${problemWords(problem)}`;
    const tell = (what: string): void => onProgress(done / tasks.length, what);
    tell(where);
    rows[index] = await measureCandidate(pool, measured, problem, {
      ...campaign,
      backend,
      signal,
      onProgress: (agent, progress) => tell(`${where} on ${agent}: ${stageWords(progress)}`),
      onFailure: (message) => failures.push(message),
    });
    done++;
    signal.throwIfAborted();
  };
  // Agents that share a device take a task each; alone, one has them in turn.
  const waiting = tasks.entries();
  const taker = async (): Promise<void> => {
    for (const [index, task] of waiting) await measure(task, index);
  };
  const most = Math.max(...pool.devices.map(({ agents }) => agents.length));
  await Promise.all(Array.from({ length: most }, taker));
  onProgress(1, 'done');
  return { rows: rows.flat(), failures };
}

/** Holds the user's settings for measuring; undefined leaves the agent's default. */
interface ProtocolWishes {
  /** Longest time of timing, seconds. */
  readonly budget: number | undefined;
  /** Largest relative Frobenius error that is accepted. */
  readonly maxError: number | undefined;
  readonly seed: number | undefined;
  /** Shortest time to measure, seconds, to see the speed-up under throttling. */
  readonly sustained: number | undefined;
}

/** Makes the protocol of a benchmark. A setting that is undefined is left to the agent. */
export function benchmarkProtocol({ budget, maxError, seed, sustained }: ProtocolWishes): Partial<MeasuringProtocol> {
  return {
    ...(budget !== undefined && { budgetSeconds: budget }),
    ...(maxError !== undefined && { maxRelativeError: maxError }),
    ...(seed !== undefined && { seed }),
    ...(sustained !== undefined && sustainedProtocol(sustained)),
    includeOwnGemm: true,
    includeFurtherInputs: true,
  };
}

/** Rounds of a sustained measurement: enough for an interval over the last third. */
const SUSTAINED_ROUNDS = 200;

/** Makes samples longer instead of more, so that the load comes from the product and not from bookkeeping. */
function sustainedProtocol(seconds: number) {
  return {
    minMeasuringSeconds: seconds,
    minSampleSeconds: Math.min(10, Math.max(0.01, seconds / (2 * SUSTAINED_ROUNDS))),
    maxRounds: 5 * SUSTAINED_ROUNDS,
  };
}
