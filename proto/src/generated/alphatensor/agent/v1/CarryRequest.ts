// Original file: alphatensor/agent/v1/trainer.proto


export interface CarryRequest {
  /**
   * From the device to the trainer.
   */
  'data'?: (Buffer | Uint8Array | string);
}

export interface CarryRequest__Output {
  /**
   * From the device to the trainer.
   */
  'data': (Buffer);
}
