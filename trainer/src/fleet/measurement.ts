import type { Device, Outcome } from '@alphatensor-edge/proto';
import type { Arithmetic, Size } from '@alphatensor-edge/shared';

/** Number formats; which of them an agent's backends have, its description says. */
export const DTYPES = ['f32', 'f64', 'f16', 'bf16'] as const;
export type DType = (typeof DTYPES)[number];

/** C = A B with A m x k and B k x n. */
export interface ProblemSpec {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly dtype: DType;
  readonly threads: number;
}

/** Writes `2048x1024x512 f32, 1 thread`. */
export function problemWords({ m, k, n, dtype, threads }: ProblemSpec): string {
  return `${m}x${k}x${n} ${dtype}, ${threads} thread${threads === 1 ? '' : 's'}`;
}

/** An algorithm as it is measured and reported: one or more recursion levels, outermost first; none is the baseline. */
export interface AlgorithmRef {
  /** Content hashes of the canonical factorizations, outermost first. */
  readonly levels: readonly string[];
  /** What people call it: `Strassen²`, `<2,2,2;7> 3f9a12`, `baseline`. */
  readonly label: string;
  /** `reference` rows (Strassen, Winograd, the baseline) are always in a report; `found` came from this run's search; `imported` from a file. */
  readonly role: 'reference' | 'found' | 'imported';
  /** `rl`, `demonstration`, `imported`, `composed`, … of the outermost level; see the factorization file. */
  readonly origin: string;
  readonly size: Size;
  /** Of all levels together. */
  readonly rank: number;
  readonly nonzeros: number;
  readonly arithmetic: Arithmetic;
}

/** One finished job, as it is stored: every reward and every figure in a report recomputes from these rows. */
export interface MeasurementRow {
  readonly jobId: string;
  /** The agent's name or HOST:PORT, as the user gave it. */
  readonly agent: string;
  readonly deviceId: string;
  readonly device: Device;
  readonly backend: string;
  readonly variant: string;
  readonly algorithm: AlgorithmRef;
  readonly problem: ProblemSpec;
  /** With the raw samples and the environment. */
  readonly outcome: Outcome;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}
