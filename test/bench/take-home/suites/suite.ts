/** What became of one test. */
export interface Outcome {
  /** `passed`, or what it says instead. */
  readonly outcome: string;
  /** What a test that did not pass says; ''. */
  readonly why: string;
}

export type Outcomes = ReadonlyMap<string, Outcome>;

/** Whose tests there are. */
export const SUITE_KINDS = ['netlib', 'numpy', 'scipy'] as const;
export type SuiteKind = (typeof SUITE_KINDS)[number];

/** Tests of others that can be run with a library before their BLAS. */
export interface Suite {
  readonly kind: SuiteKind;
  readonly name: string;
  /** Why it cannot be run; undefined: it can. */
  readonly isMissing: () => string | undefined;
  /**
   * @param folder an empty one to run in
   * @throws Error with why it did not come to its end
   */
  readonly run: (folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal) => Promise<Outcomes>;
}
