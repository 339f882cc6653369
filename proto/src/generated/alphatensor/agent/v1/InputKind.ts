// Original file: alphatensor/agent/v1/agent.proto

/**
 * How A and B are filled.
 */
export const InputKind = {
  INPUT_KIND_UNSPECIFIED: 'INPUT_KIND_UNSPECIFIED',
  /**
   * Uniform in [-1, 1).
   */
  INPUT_KIND_ZERO_MEAN: 'INPUT_KIND_ZERO_MEAN',
  /**
   * Uniform in [0, 1).
   */
  INPUT_KIND_POSITIVE: 'INPUT_KIND_POSITIVE',
  /**
   * Uniform in [-1, 1), then each row of A, each column of B and, the other way round, each column of A and row of B
   * times a power of two of its own.
   */
  INPUT_KIND_BADLY_SCALED: 'INPUT_KIND_BADLY_SCALED',
} as const;

/**
 * How A and B are filled.
 */
export type InputKind =
  | 'INPUT_KIND_UNSPECIFIED'
  | 0
  /**
   * Uniform in [-1, 1).
   */
  | 'INPUT_KIND_ZERO_MEAN'
  | 1
  /**
   * Uniform in [0, 1).
   */
  | 'INPUT_KIND_POSITIVE'
  | 2
  /**
   * Uniform in [-1, 1), then each row of A, each column of B and, the other way round, each column of A and row of B
   * times a power of two of its own.
   */
  | 'INPUT_KIND_BADLY_SCALED'
  | 3

/**
 * How A and B are filled.
 */
export type InputKind__Output = typeof InputKind[keyof typeof InputKind]
