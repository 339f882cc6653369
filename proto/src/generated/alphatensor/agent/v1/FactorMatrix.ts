// Original file: alphatensor/agent/v1/agent.proto


/**
 * Integers over a common denominator, rank-major: row r is the r-th factor.
 */
export interface FactorMatrix {
  'coefficients'?: (number)[];
  'denominator'?: (number);
}

/**
 * Integers over a common denominator, rank-major: row r is the r-th factor.
 */
export interface FactorMatrix__Output {
  'coefficients': (number)[];
  'denominator': (number);
}
