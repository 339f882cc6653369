// What at-agent profile writes and at-trainer tune --profile reads, as JSON: which products a program makes.

export const GEMM_PROFILE_FORMAT = 'alphatensor-gemm-profile';
export const GEMM_PROFILE_VERSION = 1;

/** The products of one run of a program, of all its processes together. Times are seconds of the wall clock. */
export interface GemmProfile {
  readonly format: typeof GEMM_PROFILE_FORMAT;
  readonly version: typeof GEMM_PROFILE_VERSION;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly device: GemmProfileDevice;
  /** Number of processes that were watched. */
  readonly processes: number;
  /** Whether every process wrote its profile at its own end. */
  readonly isComplete: boolean;
  /** Time of the processes that made products, or of all if none did, each no shorter than its products. Shares are of it. */
  readonly seconds: number;
  /** Each kind of product once, the most time first. */
  readonly products: readonly ProfiledProduct[];
  /** Functions that no library takes, the most time first. */
  readonly others: readonly ProfiledOther[];
  /** Products of further shapes, for which a process had no place. */
  readonly left: { readonly calls: number; readonly seconds: number };
}

export interface GemmProfileDevice {
  /** The random id of the agent's installation. */
  readonly id: string;
  readonly cpu: string;
  readonly architecture: string;
  /** CPUs that the program might use. */
  readonly cpus: number;
}

/** C = op(A) op(B), with C m x n in the layout of the caller. */
export interface ProfiledProduct {
  readonly dtype: 'f32' | 'f64';
  readonly layout: 'row' | 'column';
  readonly transA: boolean;
  readonly transB: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly threads: number;
  /** The file of the BLAS that computed it; null: the recorder itself, because there was none. */
  readonly library: string | null;
  readonly calls: number;
  readonly seconds: number;
  readonly leastSeconds: number;
  /** Of the time of the program, from 0 to 1. */
  readonly share: number;
}

export interface ProfiledOther {
  readonly symbol: string;
  readonly calls: number;
  readonly seconds: number;
  readonly share: number;
}
