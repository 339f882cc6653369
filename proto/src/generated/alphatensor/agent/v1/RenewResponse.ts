// Original file: alphatensor/agent/v1/trainer.proto


export interface RenewResponse {
  /**
   * PEM.
   */
  'certificate'?: (string);
}

export interface RenewResponse__Output {
  /**
   * PEM.
   */
  'certificate': (string);
}
