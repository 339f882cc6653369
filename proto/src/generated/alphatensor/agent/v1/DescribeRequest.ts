// Original file: alphatensor/agent/v1/agent.proto


export interface DescribeRequest {
  /**
   * The caller's protocol version.
   */
  'protocolVersion'?: (number);
}

export interface DescribeRequest__Output {
  /**
   * The caller's protocol version.
   */
  'protocolVersion': (number);
}
