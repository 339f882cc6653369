import type { NumberFormat } from '../plan/plan.js';

/**
 * What `at-agent doctor --json` prints. Names and units stay as they are within a format version; fields may be added.
 * `null` is unknown, everywhere.
 */
export interface Diagnosis extends Findings {
  readonly formatVersion: 1;
  /** Whether at least one backend compiled a program that ran and was right. */
  readonly canMeasure: boolean;
  /** The findings in words, judged, each with what to do about it. */
  readonly checks: readonly Check[];
}

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `warning`: works, but the figures may suffer. */
  readonly status: 'ok' | 'warning' | 'failed';
  /** What was found. */
  readonly detail: string;
  /** What to do about it; empty when ok. */
  readonly fix: string;
}

/** What was found on the device, without any judgement. */
export interface Findings {
  readonly agentVersion: string;
  readonly processor: ProcessorFinding;
  readonly memory: MemoryFinding;
  readonly state: StateFinding;
  readonly energy: EnergyFinding;
  readonly cache: CacheFinding;
  readonly backends: readonly BackendFinding[];
  /** The baseline first, then the others in the order of the ranking, then what could not be timed. */
  readonly blas: readonly BlasFinding[];
}

export interface ProcessorFinding {
  readonly model: string;
  readonly architecture: string;
  /** "avx512", "avx2", "avx", "sve", "neon" or "generic". */
  readonly vectorIsa: string;
  /** The width of its registers; for "generic" the compiler's to choose, for "sve" the processor's: unknown. */
  readonly vectorBits: number | null;
  /** CPUs this process may run on. */
  readonly allowedCpus: readonly number[];
  /** As in the description of the device: of one core (L1d, L2), in all (L3). */
  readonly l1dCacheBytes: number | null;
  readonly l2CacheBytes: number | null;
  readonly l3CacheBytes: number | null;
}

export interface MemoryFinding {
  readonly totalBytes: number;
  readonly availableBytes: number;
  /** "always", "madvise" or "never". */
  readonly hugePages: string | null;
  /** What a child that asked for them got for its matrices; null also where no child could run. */
  readonly hugePageBytesGranted: number | null;
  readonly matrixBytes: number | null;
}

export interface StateFinding {
  /** Frequency governor. */
  readonly governor: string | null;
  readonly frequencyMhz: number | null;
  /** Before and after the libraries were timed. */
  readonly temperatureCelsius: number | null;
  readonly temperatureAfterCelsius: number | null;
  /** Runnable processes, mean over the minute before. */
  readonly loadAverage: number | null;
  /** Times the allowed CPUs were throttled since the system started. */
  readonly throttleCount: number | null;
  /** Whether it happened while the libraries were timed. */
  readonly throttledMeanwhile: boolean | null;
}

/** Whether sustained measurements can record joules. */
export interface EnergyFinding {
  /** `readable`, `unreadable` (there are counters, this user may not read them) or `absent`. */
  readonly counters: 'readable' | 'unreadable' | 'absent';
  readonly packages: number;
}

/** Where compiled programs are kept. */
export interface CacheFinding {
  readonly folder: string;
  /** Why it cannot be used; empty if it can. */
  readonly problem: string;
}

export interface BackendFinding {
  readonly name: string;
  /** First line of the compiler's --version; empty where there is none that works. */
  readonly compiler: string;
  /** One for each variant and number format; empty where it did not get so far. */
  readonly programs: readonly ProgramFinding[];
  /** Why it does not work; empty if it works. */
  readonly problem: string;
}

/** A small program (one level of Strassen) that was generated, compiled, run in the measuring child and checked. */
export interface ProgramFinding {
  readonly variant: string;
  readonly dtype: NumberFormat;
  readonly compileSeconds: number;
  /** Relative Frobenius error against float64; on small integers the product was exact. Null: it did not get so far. */
  readonly relativeError: number | null;
  /** What went wrong; empty if nothing did. */
  readonly problem: string;
}

export interface BlasFinding {
  readonly name: string;
  readonly version: string;
  readonly library: string;
  /** How the library says it was configured; empty where it says nothing. */
  readonly configuration: string;
  /** False for the project's own portable GEMM. */
  readonly thirdParty: boolean;
  /** What measurements set in the environment of its process, because it is faster so; empty where it is not. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it does where nothing is set; null where nothing is. */
  readonly ownChoice: OwnChoice | null;
  /** Whether measurements compare with it. */
  readonly baseline: boolean;
  readonly timings: readonly BlasTiming[];
  /** Why it could not be timed, or not further; empty if it was. */
  readonly problem: string;
}

/** A library as it is in a program that sets nothing, on one thread. */
export interface OwnChoice {
  readonly configuration: string;
  readonly timings: readonly BlasTiming[];
  /** Why it could not be timed, or not further; empty if it was. */
  readonly problem: string;
}

/** One library's C = A B, all three square. */
export interface BlasTiming {
  readonly dtype: NumberFormat;
  /** The dimension of the matrices. */
  readonly size: number;
  /** What the library was told to use, and the CPUs it was given. */
  readonly threadsAllowed: number;
  /** What it kept busy: processor time over wall time, in the best sample. */
  readonly threadsUsed: number;
  /** 2 size³ / time / 1e9: on one thread of the median processor time, on several of the shortest wall time. */
  readonly gflops: number;
  /** The best burst of multiply-adds in registers on as many threads, that of all libraries together. */
  readonly peakGflops: number;
  readonly shareOfPeak: number;
}
