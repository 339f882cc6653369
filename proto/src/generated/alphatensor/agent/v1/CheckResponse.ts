// Original file: alphatensor/agent/v1/trainer.proto


export interface CheckResponse {
  'agentName'?: (string);
  'trainerVersion'?: (string);
  /**
   * The trainer's clock, seconds since 1970.
   */
  'timeSeconds'?: (number | string);
}

export interface CheckResponse__Output {
  'agentName': (string);
  'trainerVersion': (string);
  /**
   * The trainer's clock, seconds since 1970.
   */
  'timeSeconds': (number);
}
