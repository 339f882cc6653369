// Original file: alphatensor/agent/v1/trainer.proto


export interface EnrollResponse {
  'agentName'?: (string);
  /**
   * PEM.
   */
  'certificate'?: (string);
}

export interface EnrollResponse__Output {
  'agentName': (string);
  /**
   * PEM.
   */
  'certificate': (string);
}
