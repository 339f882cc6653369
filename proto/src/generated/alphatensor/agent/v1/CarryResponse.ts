// Original file: alphatensor/agent/v1/trainer.proto


export interface CarryResponse {
  /**
   * From the trainer to the device.
   */
  'data'?: (Buffer | Uint8Array | string);
}

export interface CarryResponse__Output {
  /**
   * From the trainer to the device.
   */
  'data': (Buffer);
}
