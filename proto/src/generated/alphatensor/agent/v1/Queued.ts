// Original file: alphatensor/agent/v1/agent.proto


export interface Queued {
  /**
   * Jobs that run before this one.
   */
  'jobsAhead'?: (number);
}

export interface Queued__Output {
  /**
   * Jobs that run before this one.
   */
  'jobsAhead': (number);
}
