// Original file: alphatensor/agent/v1/agent.proto


/**
 * How to measure. Zero or absent: the agent's default, which the outcome states.
 */
export interface MeasuringProtocol {
  'minRounds'?: (number);
  'maxRounds'?: (number);
  'minSampleSeconds'?: (number | string);
  'minWarmupSeconds'?: (number | string);
  /**
   * Stop when the confidence interval's half-width is at most this share of the speed-up.
   */
  'targetRelativeHalfWidth'?: (number | string);
  /**
   * Wall-clock bound on measuring, compile time excluded.
   */
  'budgetSeconds'?: (number | string);
  /**
   * Relative Frobenius error against float64 over which a candidate is WRONG_RESULT. The agent has a ceiling for each number format,
   * which holds where a request allows more; the outcome states the bound that was applied, and a flag the ceiling.
   */
  'maxRelativeError'?: (number | string);
  'seed'?: (number);
  /**
   * Also time the same engine with <1,1,1>, so that a better kernel is not mistaken for a better algorithm.
   */
  'includeOwnGemm'?: (boolean);
  /**
   * Go on for at least so long, whatever the interval: a sustained load shows what throttling leaves of a burst. The
   * budget is then at least this.
   */
  'minMeasuringSeconds'?: (number | string);
  /**
   * Also measure the errors on all-positive and on badly scaled inputs (Measurement.input_errors).
   */
  'includeFurtherInputs'?: (boolean);
}

/**
 * How to measure. Zero or absent: the agent's default, which the outcome states.
 */
export interface MeasuringProtocol__Output {
  'minRounds': (number);
  'maxRounds': (number);
  'minSampleSeconds': (number);
  'minWarmupSeconds': (number);
  /**
   * Stop when the confidence interval's half-width is at most this share of the speed-up.
   */
  'targetRelativeHalfWidth': (number);
  /**
   * Wall-clock bound on measuring, compile time excluded.
   */
  'budgetSeconds': (number);
  /**
   * Relative Frobenius error against float64 over which a candidate is WRONG_RESULT. The agent has a ceiling for each number format,
   * which holds where a request allows more; the outcome states the bound that was applied, and a flag the ceiling.
   */
  'maxRelativeError': (number);
  'seed': (number);
  /**
   * Also time the same engine with <1,1,1>, so that a better kernel is not mistaken for a better algorithm.
   */
  'includeOwnGemm': (boolean);
  /**
   * Go on for at least so long, whatever the interval: a sustained load shows what throttling leaves of a burst. The
   * budget is then at least this.
   */
  'minMeasuringSeconds': (number);
  /**
   * Also measure the errors on all-positive and on badly scaled inputs (Measurement.input_errors).
   */
  'includeFurtherInputs': (boolean);
}
