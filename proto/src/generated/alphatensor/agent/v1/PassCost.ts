// Original file: alphatensor/agent/v1/agent.proto


export interface PassCost {
  /**
   * Elements added or subtracted; a common sum counts once where the program computes it once.
   */
  'additions'?: (number | string);
  /**
   * The most values that the innermost code holds at a time.
   */
  'valuesAlive'?: (number);
  /**
   * Bytes read and written, as the plan has them.
   */
  'bytes'?: (number | string);
}

export interface PassCost__Output {
  /**
   * Elements added or subtracted; a common sum counts once where the program computes it once.
   */
  'additions': (number);
  /**
   * The most values that the innermost code holds at a time.
   */
  'valuesAlive': (number);
  /**
   * Bytes read and written, as the plan has them.
   */
  'bytes': (number);
}
