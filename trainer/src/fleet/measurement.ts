import type { Device, Outcome } from '@alphatensor-edge/proto';
import { type Arithmetic, type LaidOut, type Size, transposedSuffix } from '@alphatensor-edge/shared';

/** Lists the number formats. An agent's description says which of them its backends have. */
export const DTYPES = ['f32', 'f64', 'f16', 'bf16'] as const;
export type DType = (typeof DTYPES)[number];

/** Describes a product C = A B, where A is m x k and B is k x n, and how they lie. */
export interface ProblemSpec extends LaidOut {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly dtype: DType;
  readonly threads: number;
}

const ELEMENT_BYTES: Readonly<Record<DType, number>> = { f32: 4, f64: 8, f16: 2, bf16: 2 };

/** Computes the bytes of A, B and C. */
export function matrixBytes({ m, k, n, dtype }: ProblemSpec): number {
  return (m * k + k * n + m * n) * ELEMENT_BYTES[dtype];
}

/** Tells whether two problems are one. */
export function isSameProblem(a: ProblemSpec, b: ProblemSpec): boolean {
  return (['m', 'k', 'n', 'dtype', 'threads', 'transposed'] as const).every((field) => a[field] === b[field]);
}

/** Writes `2048x1024x512 f32, 1 thread`, or `2048x1024x512 f32 nt, 1 thread` where B lies transposed. */
export function problemWords({ m, k, n, dtype, threads, ...laidOut }: ProblemSpec): string {
  return `${m}x${k}x${n} ${dtype}${transposedSuffix(laidOut)}, ${threads} thread${threads === 1 ? '' : 's'}`;
}

/** Describes an algorithm for measuring and reports: one or more recursion levels, outermost first; no level is the baseline. */
export interface AlgorithmRef {
  /** Content hashes of the canonical factorizations, outermost first. */
  readonly levels: readonly string[];
  /** The name that people read: `Strassen²`, `<2,2,2;7> 3f9a12`, `baseline`. */
  readonly label: string;
  /** `reference` rows (Strassen, Winograd, the baseline) are always in a report; `found` came from this run's search; `imported` from a file. */
  readonly role: 'reference' | 'found' | 'imported';
  /** The origin of the outermost level, as its factorization file says: `rl`, `demonstration`, `imported`, `composed`, … */
  readonly origin: string;
  readonly size: Size;
  /** The product of the ranks of all levels. */
  readonly rank: number;
  readonly nonzeros: number;
  readonly arithmetic: Arithmetic;
  /** The product of the levels' error growth (shared/src/growth.ts). Absent modulo 2, and in older stores. */
  readonly growth?: number | undefined;
}

/** Holds one finished job as it is stored. Every reward and every figure of a report can be recomputed from these rows. */
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
  /** Includes the raw samples and the environment. */
  readonly outcome: Outcome;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}
