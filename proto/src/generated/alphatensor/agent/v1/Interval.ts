// Original file: alphatensor/agent/v1/agent.proto


/**
 * A 95 % confidence interval around an estimate.
 */
export interface Interval {
  'estimate'?: (number | string);
  'low'?: (number | string);
  'high'?: (number | string);
}

/**
 * A 95 % confidence interval around an estimate.
 */
export interface Interval__Output {
  'estimate': (number);
  'low': (number);
  'high': (number);
}
