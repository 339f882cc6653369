// Original file: alphatensor/agent/v1/trainer.proto


export interface RenewRequest {
  /**
   * PKCS #10, DER, of the key of the certificate that the call is made with.
   */
  'certificateRequest'?: (Buffer | Uint8Array | string);
}

export interface RenewRequest__Output {
  /**
   * PKCS #10, DER, of the key of the certificate that the call is made with.
   */
  'certificateRequest': (Buffer);
}
