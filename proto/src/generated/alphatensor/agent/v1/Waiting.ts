// Original file: alphatensor/agent/v1/agent.proto


/**
 * Another measurement on this host has to end first.
 */
export interface Waiting {
  /**
   * Who measures, in words, as it says itself: up to 300 characters.
   */
  'holder'?: (string);
}

/**
 * Another measurement on this host has to end first.
 */
export interface Waiting__Output {
  /**
   * Who measures, in words, as it says itself: up to 300 characters.
   */
  'holder': (string);
}
