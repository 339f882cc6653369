import type { NamedProblem } from '../blas/named.js';
import type { NumberFormat } from '../plan/plan.js';
import type { LockReach } from '../process/lock-reach.js';
import type { FolderFinding } from '../process/preflight.js';

/**
 * Holds what `at-agent doctor --json` prints. Names and units do not change within a format version; fields may be
 * added. `null` always means unknown.
 */
export interface Diagnosis extends Findings {
  readonly formatVersion: 2;
  /** Whether at least one backend compiled a program that ran and was right. */
  readonly canMeasure: boolean;
  /** The findings in words, judged, each with what to do about it. */
  readonly checks: readonly Check[];
}

/** Holds the judgement of one thing that was examined. */
export interface Check {
  readonly name: string;
  /** `warning`: works, but the figures may suffer. */
  readonly status: 'ok' | 'warning' | 'failed';
  /** What was found. */
  readonly detail: string;
  /** What to do about it; empty if ok. */
  readonly fix: string;
}

/** Makes a check that passed. */
export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail, fix: '' };
}

/** Holds what was found on the device, without any judgement. */
export interface Findings {
  readonly agentVersion: string;
  readonly processor: ProcessorFinding;
  readonly memory: MemoryFinding;
  readonly state: StateFinding;
  readonly energy: EnergyFinding;
  /** Where compiled programs are kept. */
  readonly cache: FolderFinding;
  readonly temporary: FolderFinding;
  readonly backends: readonly BackendFinding[];
  readonly hostLock: LockReach;
  /** The fastest in f32 on one thread first, then the others in the order of the ranking, then those that could not be timed. */
  readonly blas: readonly BlasFinding[];
  /** What is wrong with ALPHATENSOR_BLAS. */
  readonly blasProblems: readonly NamedProblem[];
}

/** Holds what was found about the processor. */
export interface ProcessorFinding {
  readonly model: string;
  readonly architecture: string;
  /** "avx512", "avx2", "avx", "sve", "neon" or "generic". */
  readonly vectorIsa: string;
  /**
   * Width of the vector registers. Unknown for "generic", where the compiler decides, and for "sve", where the
   * processor does.
   */
  readonly vectorBits: number | null;
  /** CPUs this process may run on. */
  readonly allowedCpus: readonly number[];
  /** CPUs' time that a control group grants this process. Null: no quota. */
  readonly cpuQuota: number | null;
  /** As in the description of the device: L1d and L2 of one core, L3 in all. */
  readonly l1dCacheBytes: number | null;
  readonly l2CacheBytes: number | null;
  readonly l3CacheBytes: number | null;
}

/** Holds what was found about the memory and its pages. */
export interface MemoryFinding {
  readonly totalBytes: number;
  readonly availableBytes: number;
  /** "always", "madvise" or "never". */
  readonly hugePages: string | null;
  /** The huge pages that a child got for its matrices when it asked for them. Null also if no child could run. */
  readonly hugePageBytesGranted: number | null;
  readonly matrixBytes: number | null;
}

/** Holds the state of the device around the tests. */
export interface StateFinding {
  /** Frequency governor. */
  readonly governor: string | null;
  readonly frequencyMhz: number | null;
  /** Before and after the libraries were timed. */
  readonly temperatureCelsius: number | null;
  readonly temperatureAfterCelsius: number | null;
  /** Runnable processes, mean over the minute before. */
  readonly loadAverage: number | null;
  /** Number of times the allowed CPUs were throttled since the system started. */
  readonly throttleCount: number | null;
  /** Number of periods in which a CPU quota stopped this process's group during the tests. Null: no quota. */
  readonly quotaStopsMeanwhile: number | null;
  /** Whether they were throttled while the libraries were timed. */
  readonly throttledMeanwhile: boolean | null;
}

/** Tells whether sustained measurements can record joules. */
export interface EnergyFinding {
  /** `readable`, `unreadable` (there are counters, but this user may not read them) or `absent`. */
  readonly counters: 'readable' | 'unreadable' | 'absent';
  readonly packages: number;
}

/** Holds what came of trying a backend. */
export interface BackendFinding {
  readonly name: string;
  /** First line of the compiler's --version; empty if no compiler works. */
  readonly compiler: string;
  /** One for each variant and number format; empty if the test did not get so far. */
  readonly programs: readonly ProgramFinding[];
  /** Why it does not work; empty if it works. */
  readonly problem: string;
}

/**
 * Tells what became of a small program (one level of Strassen) that was to be generated, compiled, run in the measuring
 * child and checked.
 */
export interface ProgramFinding {
  readonly variant: string;
  readonly dtype: NumberFormat;
  readonly compileSeconds: number;
  /**
   * Relative Frobenius error against float64; on small integers the product was exact. Null if the test did not get so
   * far.
   */
  readonly relativeError: number | null;
  /** What went wrong; empty if nothing did. */
  readonly problem: string;
}

/** Holds what was found about a BLAS library. */
export interface BlasFinding {
  readonly name: string;
  readonly version: string;
  readonly library: string;
  /** How the library says it was configured; empty if it says nothing. */
  readonly configuration: string;
  /** False for the project's own portable GEMM. */
  readonly thirdParty: boolean;
  /** Variables that measurements set for its process because it is faster with them; empty if it is not. */
  readonly environment: Readonly<Record<string, string>>;
  /** How the library runs if nothing is set. Null if measurements set nothing. */
  readonly ownChoice: OwnChoice | null;
  readonly timings: readonly BlasTiming[];
  /** Why it could not be timed, or not completely; empty if it was. */
  readonly problem: string;
}

/** Tells how a library runs in a program that sets nothing, on one thread. */
export interface OwnChoice {
  readonly configuration: string;
  readonly timings: readonly BlasTiming[];
  /** Why it could not be timed, or not completely; empty if it was. */
  readonly problem: string;
}

/** Holds the timing of one library's C = A B, all three matrices square. */
export interface BlasTiming {
  readonly dtype: NumberFormat;
  /** The dimension of the matrices. */
  readonly size: number;
  /** The threads that the library was told to use, and the number of CPUs it was given. */
  readonly threadsAllowed: number;
  /** The threads that it kept busy: processor time over wall time, in the best sample. */
  readonly threadsUsed: number;
  /** 2 size³ / time / 1e9. The time is the median processor time on one thread, the shortest wall time on several. */
  readonly gflops: number;
  /** The best burst of multiply-adds in registers on as many threads, over all libraries. */
  readonly peakGflops: number;
  readonly shareOfPeak: number;
  /** Whether measurements with this number format and so many threads compare with the library. */
  readonly baseline: boolean;
}
