// Original file: alphatensor/agent/v1/trainer.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CarryRequest as _alphatensor_agent_v1_CarryRequest, CarryRequest__Output as _alphatensor_agent_v1_CarryRequest__Output } from '../../../alphatensor/agent/v1/CarryRequest.js';
import type { CarryResponse as _alphatensor_agent_v1_CarryResponse, CarryResponse__Output as _alphatensor_agent_v1_CarryResponse__Output } from '../../../alphatensor/agent/v1/CarryResponse.js';

/**
 * Carries connections to devices that cannot be dialled.
 */
export interface AgentLinkClient extends grpc.Client {
  /**
   * Opened by the device and held until it is needed: then the trainer's end sends the first bytes of a connection to
   * BenchmarkAgent (HTTP/2, in the clear within this call), and the device opens the next call. Status OK: that connection
   * was closed. Any other end: the link was cut, and the jobs of the connection may be asked for again.
   */
  Carry(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_alphatensor_agent_v1_CarryRequest, _alphatensor_agent_v1_CarryResponse__Output>;
  Carry(options?: grpc.CallOptions): grpc.ClientDuplexStream<_alphatensor_agent_v1_CarryRequest, _alphatensor_agent_v1_CarryResponse__Output>;
  /**
   * Opened by the device and held until it is needed: then the trainer's end sends the first bytes of a connection to
   * BenchmarkAgent (HTTP/2, in the clear within this call), and the device opens the next call. Status OK: that connection
   * was closed. Any other end: the link was cut, and the jobs of the connection may be asked for again.
   */
  carry(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_alphatensor_agent_v1_CarryRequest, _alphatensor_agent_v1_CarryResponse__Output>;
  carry(options?: grpc.CallOptions): grpc.ClientDuplexStream<_alphatensor_agent_v1_CarryRequest, _alphatensor_agent_v1_CarryResponse__Output>;
  
}

/**
 * Carries connections to devices that cannot be dialled.
 */
export interface AgentLinkHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Opened by the device and held until it is needed: then the trainer's end sends the first bytes of a connection to
   * BenchmarkAgent (HTTP/2, in the clear within this call), and the device opens the next call. Status OK: that connection
   * was closed. Any other end: the link was cut, and the jobs of the connection may be asked for again.
   */
  Carry: grpc.handleBidiStreamingCall<_alphatensor_agent_v1_CarryRequest__Output, _alphatensor_agent_v1_CarryResponse>;
  
}

export interface AgentLinkDefinition extends grpc.ServiceDefinition {
  Carry: MethodDefinition<_alphatensor_agent_v1_CarryRequest, _alphatensor_agent_v1_CarryResponse, _alphatensor_agent_v1_CarryRequest__Output, _alphatensor_agent_v1_CarryResponse__Output>
}
