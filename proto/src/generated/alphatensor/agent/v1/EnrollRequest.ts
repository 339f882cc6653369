// Original file: alphatensor/agent/v1/trainer.proto


export interface EnrollRequest {
  /**
   * The secret of the token (proto/src/transport/token.ts).
   */
  'secret'?: (Buffer | Uint8Array | string);
  /**
   * PKCS #10, DER. Its subject is not read: the token says the name.
   */
  'certificateRequest'?: (Buffer | Uint8Array | string);
}

export interface EnrollRequest__Output {
  /**
   * The secret of the token (proto/src/transport/token.ts).
   */
  'secret': (Buffer);
  /**
   * PKCS #10, DER. Its subject is not read: the token says the name.
   */
  'certificateRequest': (Buffer);
}
